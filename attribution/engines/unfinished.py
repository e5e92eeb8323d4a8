"""Whether the tables of an output folder belong together: from the first that a run writes until its last they do not.

Reading several of them meanwhile would mix two runs: find half of a person, or report on both.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attribution.errors import InputError
from attribution.sources.files import Stamp, content_hash, stamp_of

MARK: Final = ".unfinished"
WHOLE: Final = "a whole run"
"""In the mark of a run of all stages: if it is cut off, only another such run makes it good."""


def begin(out: Path, *, is_whole: bool) -> None:
    """Mark that a run begins to write its tables."""
    out.mkdir(parents=True, exist_ok=True)
    mark = out / MARK
    if is_whole or not mark.exists():
        mark.write_text(WHOLE if is_whole else "")


def end(out: Path, *, is_whole: bool) -> None:
    """Remove the mark, as the last stage has ended; one asked for by name leaves the mark of a whole run."""
    mark = out / MARK
    if is_whole or (mark.exists() and mark.read_text() != WHOLE):
        mark.unlink(missing_ok=True)


@contextmanager
def begun(out: Path, alone: Sequence[Path] = (), *, is_whole: bool) -> Iterator[None]:
    """A run begins to write its tables inside the block. If it fails before it has written one, they still belong together.

    Args:
        out: The output folder.
        is_whole: All stages follow, in the same run.
        alone: The tables of the block, where no stage need follow it: if it writes them as they were, which is how DVC sees
            it too, the tables of later stages still belong to them.
    """
    was_marked, stamps = (out / MARK).exists(), _stamps(out)
    before = [] if was_marked else _hashes(alone)
    begin(out, is_whole=is_whole)
    try:
        yield
    except BaseException:
        if not was_marked and _stamps(out) == stamps:
            (out / MARK).unlink(missing_ok=True)
        raise
    if before and before == _hashes(alone):
        end(out, is_whole=is_whole)


def _hashes(paths: Sequence[Path]) -> list[str]:
    """Hashes of the tables' bytes; none where a table is missing."""
    return [content_hash(path) for path in paths] if all(path.is_file() for path in paths) else []


def _stamps(out: Path) -> dict[Path, Stamp]:
    """Size and time of every table, even one of several files."""
    return {path: stamp_of(path) for path in (out / "tables").rglob("*")}


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
