"""The raw files in which a person stands, also in rows that no table has: what an erasure lists for their owner."""

import re
from pathlib import Path

from attribution.engines.input_files import Source, holds_events, likely_id, list_sources, shown_name
from attribution.engines.search import holds
from attribution.erasure import ERASED, Named
from attribution.ingest import prepare
from attribution.settings import Settings
from attribution.sources import list_files, read_batches
from attribution.sources.files import content_hash, name_below

DAMAGED = ("damaged", "packed_parquet")
"""Formats that may be events, in which nobody can look."""


def raw_files(raw: Path, named: Named, settings: Settings) -> list[str]:
    """Those that hold the value, or of which nobody can tell, under names that hold nobody's data.

    A value that stands for nothing else is looked for in every file, whatever it is; another (`1001`, or one site's) in the
    rows of events, in the columns of ids. Files of events with a row that cannot be read are listed as well.

    Raises:
        InputError: There is no such folder, no file in it, or one that the system does not let us read.
    """
    if not named.is_everywhere:
        return sorted(source.file.name for source in list_sources(raw, settings) if _may_hold(source, named))
    every = {*list_files(raw), *(path for path in raw.rglob("*") if path.is_file())}
    found = [path for path in every if holds(path, named.value)]
    shown = [shown_name(name_below(path, raw), likely_id(content_hash(path)), settings) for path in found]
    return sorted(re.sub(re.escape(named.value), ERASED, name, flags=re.IGNORECASE) for name in shown)


def _may_hold(source: Source, named: Named) -> bool:
    if not holds_events(source.file):
        return source.file.format in DAMAGED
    for task in read_batches(source.file):
        batch = task()
        rows = prepare(batch.frame, source.source_id)
        theirs = named.stands_in(rows.columns)
        if batch.bad or (theirs is not None and rows.filter(theirs).height):
            return True
    return False
