"""The raw files in which a person occurs, even in rows that no table has: what an erasure lists for the files' owner."""

import re
from pathlib import Path
from typing import Any, Final

import polars as pl

from attribution.engines.input_files import Source, holds_events, likely_id, list_sources, shown_name
from attribution.engines.search import holds
from attribution.erasure import ERASED, Named, Theirs
from attribution.ingest import prepare
from attribution.parse import expr_id, expr_text
from attribution.settings import Settings
from attribution.sources import list_files, read_batches
from attribution.sources.files import content_hash, name_below
from attribution.sources.unread import MAY_BE_EVENTS

SESSION: Final = "scan_session_id"


def raw_files(raw: Path, named: Named, settings: Settings) -> list[str]:
    """The raw files that hold the value, or cannot be shown not to, under names that hold nobody's data.

    A value that means nothing else is looked for in every file, whatever it is; any other (`1001`, or one site's) in the id
    columns of events. Files of events with a row that cannot be read are listed as well.

    Raises:
        InputError: There is no such folder, no file in it, or one that the system does not let us read.
    """
    if not named.is_everywhere:
        return sorted(source.file.name for source in list_sources(raw, settings) if _may_hold(source, named))
    every = {*list_files(raw), *(path for path in raw.rglob("*") if path.is_file())}
    found = [path for path in every if holds(path, named.value)]
    shown = [shown_name(name_below(path, raw), likely_id(content_hash(path)), settings) for path in found]
    return sorted(_without(name, named) for name in shown)


def raw_scans(raw: Path, theirs: Theirs, named: Named, settings: Settings) -> list[dict[str, Any]]:
    """`source_id, source_file, rows, row_numbers`: where their scan sessions are in the scan exports; one per file.

    Raises:
        InputError: As for `raw_files`.
    """
    scans = [source for source in list_sources(raw, settings) if source.file.kind == "scans"]
    found = [(source, _rows_of(source, theirs.scan_sessions["scan_session_id"])) for source in scans]
    return [
        {
            "source_id": source.source_id,
            "source_file": _without(source.file.name, named),
            "rows": len(numbers),
            "row_numbers": numbers,
        }
        for source, numbers in found
        if numbers
    ]


def _rows_of(source: Source, sessions: pl.Series) -> list[int]:
    numbers: list[int] = []
    for task in read_batches(source.file):
        rows = task().frame
        if SESSION in rows.columns:
            session = expr_id(expr_text(pl.col(SESSION), rows.schema[SESSION]))
            numbers += rows.filter(session.is_in(sessions.implode()))["row_number"].to_list()
    return sorted(numbers)


def _without(name: str, named: Named) -> str:
    """A file's name, the value replaced where none of it may remain."""
    return re.sub(re.escape(named.value), ERASED, name, flags=re.IGNORECASE) if named.is_everywhere else name


def _may_hold(source: Source, named: Named) -> bool:
    if not holds_events(source.file):
        return source.file.format in MAY_BE_EVENTS
    for task in read_batches(source.file):
        batch = task()
        rows = prepare(batch.frame, source.source_id)
        theirs = named.stands_in(rows.columns)
        if batch.bad or (theirs is not None and rows.filter(theirs).height):
            return True
    return False
