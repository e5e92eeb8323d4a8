"""Whether the tables of an output folder belong together: from the first that a run writes until its last they do not.

Who reads several of them without making them first would mix two runs: find half of a person, or report on both.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attribution.errors import InputError
from attribution.sources.files import content_hash

MARK: Final = ".unfinished"


def begin(out: Path) -> None:
    """A run begins to write its tables."""
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()


def end(out: Path) -> None:
    """All are written."""
    (out / MARK).unlink(missing_ok=True)


@contextmanager
def begun(out: Path, alone: Sequence[Path] = ()) -> Iterator[None]:
    """A run begins to write its tables inside the block.

    Args:
        out: The output folder.
        alone: The tables of the block, where no stage need follow it: where it writes what is there, as DVC sees it too,
            those of later stages still belong to them.
    """
    before = [] if (out / MARK).exists() else _hashes(alone)
    begin(out)
    yield
    if before and before == _hashes(alone):
        end(out)


def _hashes(paths: Sequence[Path]) -> list[str]:
    """Of the tables' bytes; none where one is missing."""
    return [content_hash(path) for path in paths] if all(path.is_file() for path in paths) else []


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
