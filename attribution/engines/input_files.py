"""The files of a folder of exports: what each is, its id, and what became of its rows."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from attribution.engines.detection import detection
from attribution.errors import InputError
from attribution.privacy import inspect_file_name
from attribution.row_ids import SOURCE_BITS
from attribution.settings import Settings
from attribution.sources import SourceFile, detect, list_files
from attribution.sources.detect import ENOUGH_EVENT_COLUMNS, event_columns
from attribution.sources.files import cannot_be_read, content_hash, shown
from attribution.sources.read import READERS
from attribution.sources.unread import UNREAD

Each = Callable[[Callable[[Path], tuple[str, SourceFile]], list[Path]], Iterable[tuple[str, SourceFile]]]
LOOKING: Final = 2
"""How many files are hashed at once."""


@dataclass
class Source:
    """A file and its account."""

    file: SourceFile
    source_id: int
    sha256: str
    read: int = 0
    malformed: int = 0
    quarantined: int = 0


def side_by_side(look: Callable[[Path], tuple[str, SourceFile]], paths: list[Path]) -> Iterator[tuple[str, SourceFile]]:
    """Look at the files on threads; the first result does not wait for the last."""
    with ThreadPoolExecutor(LOOKING) as pool:
        yield from pool.map(look, paths)


def list_sources(raw: Path, settings: Settings, each: Each = side_by_side) -> list[Source]:
    """The files of the folder with an id from their content, unique in this folder, in path order.

    Args:
        raw: The folder.
        settings: Those of the run.
        each: How the files are looked at: here, or on many machines.
    """
    found = list(each(partial(_looked_at, raw=raw, settings=settings), list_files(raw)))
    taken: set[int] = set()
    ids: dict[str, int] = {}
    for sha256, file in sorted(found, key=lambda pair: (pair[0], pair[1].name)):
        number = likely_id(sha256)
        while number in taken:
            number = (number + 1) % 2**SOURCE_BITS
        taken.add(number)
        ids[file.name] = number
    return [source_of(sha256, file, ids[file.name], settings) for sha256, file in found]


def likely_id(sha256: str) -> int:
    """A file's id, unless another file of the folder has it already: one of the same content, hardly ever any other."""
    return int(sha256[:16], 16) >> (64 - SOURCE_BITS)


def source_of(sha256: str, file: SourceFile, source_id: int, settings: Settings) -> Source:
    """A file under its id, not yet read."""
    return Source(replace(file, name=shown_name(file.name, source_id, settings)), source_id, sha256)


def shown_name(name: str, source_id: int, settings: Settings) -> str:
    """The file's name as tables and logs may hold it: without what is surely an address or a phone number."""
    seen, endings = inspect_file_name(name, options=detection(settings))
    return f"{seen.redacted} ({source_id}){endings}" if seen.hits else name


def _looked_at(path: Path, raw: Path, settings: Settings) -> tuple[str, SourceFile]:
    try:
        file = detect(path, raw, settings.ingest.kinds, settings.ingest.aliases)
        sha256 = content_hash(path)
    except OSError as error:
        raise InputError(cannot_be_read(error)) from error
    if file.kind and file.format not in READERS:
        message = (
            f"{shown(path)}: ingest.kinds in the settings says that it holds {file.kind}, but it is {UNREAD[file.format].why}. "
            "Save it as CSV, NDJSON or plain Parquet, or take it out of ingest.kinds."
        )
        raise InputError(message)
    return sha256, file


def holds_events(file: SourceFile) -> bool:
    """It is a file of events that can be read."""
    return file.kind == "events" and file.format in READERS


def event_sources(raw: Path, sources: list[Source]) -> list[Source]:
    """The files that hold events.

    Raises:
        InputError: There is none; the message says what was seen.
    """
    events = [source for source in sources if holds_events(source.file)]
    if not events:
        raise InputError(_nothing_found(raw, sources))
    return events


def _nothing_found(raw: Path, sources: list[Source]) -> str:
    seen = ", ".join(f"{source.file.name} ({_told(source)})" for source in sources[:8])
    more = f" and {len(sources) - 8} more" if len(sources) > 8 else ""  # noqa: PLR2004
    return (
        f"{raw}: none of its {len(sources)} file(s) holds events: {seen}{more}. Expected NDJSON, JSON, CSV or Parquet "
        f"with at least {ENOUGH_EVENT_COLUMNS} columns such as event_id, site_id, event_type or event_name, "
        "scan_session_id. Columns of other names can be mapped with ingest.aliases, files told with ingest.kinds in "
        "the settings."
    )


def _told(source: Source) -> str:
    path = source.file.path
    if source.file.kind or not path.stat().st_size:
        return source.file.kind or "empty"
    if source.file.format not in READERS:
        return f"not recognised: {UNREAD[source.file.format].why}"
    known = event_columns(source.file)
    return f"not recognised: of an event's columns it has only {', '.join(known)}" if known else "not recognised"


def row_of(source: Source) -> tuple[object, ...]:
    """The file's row of `sources`."""
    file = source.file
    size = file.path.stat().st_size
    counts = (source.read, source.malformed, source.quarantined)
    return (source.source_id, file.name, source.sha256, size, file.format, file.kind, file.shape, *counts, 0)
