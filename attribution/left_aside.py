"""The files of the raw folder of which nothing was read, as nobody could tell what they are."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

NOT_RECOGNISED: Final = "not_recognised"
"""Their place in the ledger; missing where there is none."""
NAMED: Final = 8
"""Files that are named in a line; of more, how many."""


def not_recognised(sources: pl.LazyFrame) -> list[str]:
    """The names of those that have something in them; of Parquet in an archive, what to do with it too."""
    packed = pl.when(pl.col("format") == "packed_parquet").then(pl.lit(" (Parquet in an archive: unpack it)"))
    left = sources.filter(pl.col("kind") == "", pl.col("bytes") > 0)
    return left.select(pl.col("source_file") + packed.otherwise(pl.lit(""))).collect().to_series().to_list()


def files_left_aside(ledger: Mapping[str, Any]) -> str:
    """A line that names them; empty where there is none."""
    names = ledger.get(NOT_RECOGNISED, [])
    if not names:
        return ""
    files = "1 file" if len(names) == 1 else f"{len(names)} files"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (
        f"{files} not recognised, nothing of which was read: {', '.join(names[:NAMED])}{more}. "
        "What a file holds can be told with ingest.kinds and ingest.aliases in the settings."
    )
