"""The raw files in which a person stands, also in rows that no table has: what an erasure lists for their owner."""

import re
from pathlib import Path

from attribution.engines.input_files import Source, holds_events, likely_id, list_sources, shown_name
from attribution.engines.search import holds
from attribution.erasure import ERASED, Named
from attribution.ingest import prepare
from attribution.left_aside import LOST
from attribution.settings import Settings
from attribution.sources import list_files, read_batches
from attribution.sources.files import content_hash


def raw_files(raw: Path, named: Named, settings: Settings) -> list[str]:
    """Those that hold the value or cannot be read to their end, under names that hold nobody's data.

    A value that stands for nothing else is looked for in every file, whatever it is; another (`1001`, or one site's) in the
    rows of events, in the columns of ids.

    Raises:
        InputError: There is no such folder, or no file in it.
    """
    if named.is_everywhere:
        every = {*list_files(raw), *(path for path in raw.rglob("*") if path.is_file())}
        found = [path for path in every if holds(path, named.value)]
    else:
        events = [source for source in list_sources(raw, settings) if holds_events(source.file)]
        found = [source.file.path for source in events if _rows_hold(source, named)]
    shown = [shown_name(path.relative_to(raw).as_posix(), likely_id(content_hash(path)), settings) for path in found]
    return sorted(re.sub(re.escape(named.value), ERASED, name, flags=re.IGNORECASE) for name in shown)


def _rows_hold(source: Source, named: Named) -> bool:
    for task in read_batches(source.file):
        batch = task()
        rows = prepare(batch.frame, source.source_id)
        theirs = named.stands_in(rows.columns)
        if any(row.reason in LOST for row in batch.bad) or (theirs is not None and rows.filter(theirs).height):
            return True
    return False
