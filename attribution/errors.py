"""Errors a user can meet, one class per exit code. A message says where, what, how many and what to do next.

No message may hold a value from the data: only file names, row numbers, column names and counts.
"""


class AttributionError(Exception):
    """Base of all errors that are shown without a traceback. Exit code 1."""

    exit_code = 1


class UsageError(AttributionError):
    """Wrong command line or settings. Exit code 2."""

    exit_code = 2


class InputError(AttributionError):
    """Input that cannot be read at all. Exit code 3."""

    exit_code = 3


class GateError(AttributionError):
    """A gate (quality, consent, ledger) was not passed. Exit code 4."""

    exit_code = 4
