"""What can be wrong with a call of this package. Both errors are also `ValueError`, for callers outside the toolkit."""

from attribution.errors import InputError, UsageError


class ModelError(UsageError, ValueError):
    """An unknown model, an unknown option, or an option's value that is not allowed. Exit code 2."""


class PathsError(InputError, ValueError):
    """A table of paths that cannot be attributed: columns, types or values. Exit code 3."""
