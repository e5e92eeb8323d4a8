"""Whether the tables of an output folder belong together: from the first that a run writes until its last they do not.

Who reads several of them without making them first would mix two runs: find half of a person, or report on both.
"""

from pathlib import Path
from typing import Final

from attribution.errors import InputError

MARK: Final = ".unfinished"


def begin(out: Path) -> None:
    """A run begins to write its tables."""
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()


def end(out: Path) -> None:
    """All are written."""
    (out / MARK).unlink(missing_ok=True)


def hold(out: Path) -> None:
    """Refuse a folder whose last run did not end.

    Raises:
        InputError: It did not.
    """
    if (out / MARK).exists():
        message = (
            f"{out}: the last run did not end, so its tables do not belong together. Run `attribution run` again first."
        )
        raise InputError(message)
