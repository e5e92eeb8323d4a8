"""Errors a user can meet, one class per exit code. A message says where, what, how many and what to do next.

No message may hold a value from the data: only file names, row numbers, column names and counts.
"""

import errno
import os
import re
import traceback
from typing import Final

DEBUG: Final = "ATTRIBUTION_DEBUG"
"""Environment variable: set, an error that nobody expected is shown as Python tells it."""
OF_THE_SYSTEM: Final = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM),
        *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EMFILE, errno.ENOMEM),
    }
)
"""Faults of disks, rights and folders, which no report to us would mend."""
IN_WORDS: Final = re.compile(r"\(os error (\d+)\)")
"""How Polars tells the system's number."""
PACKAGE: Final = __name__.partition(".")[0]


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


def unexpected(error: Exception) -> str:
    """An error that nobody expected, in a line: its kind and where in this package it came from.

    Its own words stay out, for a library's may quote a value of the data; what the system says of a file does not.
    """
    frames = [(frame.f_globals.get("__name__", ""), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [(module, line) for module, line in frames if module.partition(".")[0] == PACKAGE]
    module, line = (ours or frames or [("", 0)])[-1]
    number = _system_number(error)
    if number in OF_THE_SYSTEM:
        place = f"{name}: " if (name := getattr(error, "filename", None)) else ""
        return (
            f"{place}{os.strerror(number)} (at {module}:{line}). Nothing more was written; fix that and run it again."
        )
    said = f" ({os.strerror(number)})" if number else ""
    return (
        f"internal error: {type(error).__name__}{said} at {module}:{line}. Run it again; if it persists, please report it. "
        f"Setting {DEBUG}=1 in the environment shows the full traceback, which may contain values of the data."
    )


def _system_number(error: Exception) -> int:
    """The system's number for the fault; 0 where the error is of another kind."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    told = IN_WORDS.search(str(error))
    return int(told.group(1)) if told else 0
