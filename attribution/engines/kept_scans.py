"""What is kept of a file of scans: its rows, without the city where the scan session withholds consent, as in the table.

Events tell which sessions withhold it, so the same file of scans may have to lose other cities on another day. The sessions
that lost theirs are noted beside the rows. While all of them still withhold consent the part is valid; where one no longer
does (its row without consent is gone) the file is read again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl

from attribution.consent import scans_by_events
from attribution.engines.input_files import Source
from attribution.engines.judging import WITHHELD, Account
from attribution.engines.parsed import Parsed
from attribution.engines.store import beside

SILENCED: Final = "silenced.parquet"
"""`scan_session_id`: those whose city was taken out of the part."""
SESSION: Final = "scan_session_id"


def part_of_scans(source: Source, account: Account, parts: Parsed, write: Callable[[Path, Account], None]) -> Path:
    """As `Parsed.part`, for a file of scans; what the account's events withhold is taken out of it.

    Args:
        source, write: As for `Parsed.part`.
        account: Already knows what all events withhold.
        parts: Where the part is kept.
    """
    withheld = pl.concat([pl.DataFrame(schema=WITHHELD), *account.withheld]).lazy()
    silenced = parts.path(source) / SILENCED
    if silenced.exists() and _has_any(_ids(silenced).join(withheld, on=SESSION, how="anti")):
        parts.forget(source)
    rows = parts.part(source, account, write)
    with_city = pl.scan_parquet(rows, glob=False).filter(pl.col("city").is_not_null())
    found = with_city.select(SESSION).join(withheld, on=SESSION, how="semi")
    if _has_any(found):
        # Noted first: a run killed in between leaves a session that is noted and still has its city, which goes next time.
        noted = [found, _ids(silenced)] if silenced.exists() else [found]
        _replaced(silenced, pl.concat(noted).unique())
        _replaced(rows, scans_by_events(pl.scan_parquet(rows, glob=False), withheld))
    return rows


def _ids(silenced: Path) -> pl.LazyFrame:
    return pl.scan_parquet(silenced, glob=False)


def _has_any(rows: pl.LazyFrame) -> bool:
    return not rows.head(1).collect(engine="streaming").is_empty()


def _replaced(path: Path, rows: pl.LazyFrame) -> None:
    """Replace a file of the part."""
    staged = beside(path)
    rows.sink_parquet(staged, engine="streaming", compression="lz4", statistics=False)
    staged.replace(path)
