"""Which rules rows were refused for, in words."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import polars as pl

from attribution import terms

NAMED: Final = 3
"""Rules that are named; of more, how many."""
MANY: Final = 0.01
"""Share of the events of which their refusal is told with the figures, which lack them."""
EVENTS: Final = "events"


def refused(quality: pl.DataFrame, kind: str, columns: Collection[str] | None = None) -> str:
    """Such as `amount_not_a_number 24 rows, currency_missing 1 row`, most rows first; empty where none was refused.

    Args:
        quality: As `reports.data_quality` gives it.
        kind: That of the files.
        columns: Where only rules of these columns count.
    """
    is_refused = pl.col("stage").is_in([terms.MALFORMED, terms.QUARANTINED]) & (pl.col("kind") == kind)
    of_columns = pl.lit(value=True) if columns is None else pl.col("column").is_in(columns)
    by_rule = quality.filter(is_refused, of_columns).group_by("rule").agg(pl.col("rows").sum())
    counts = by_rule.sort("rows", "rule", descending=[True, False]).rows()
    named = [f"{rule} {rows:,} row{'s' * (rows != 1)}" for rule, rows in counts[:NAMED]]
    return ", ".join(named + [f"{len(counts) - NAMED} more"] * (len(counts) > NAMED))


def many_refused(rows: Mapping[str, Any], quality: pl.DataFrame) -> str:
    """Such as `5,120 of 5,121, time_missing 5,120 rows`; empty where the refused events were few.

    Args:
        rows: The ledger's account of rows.
        quality: As `reports.data_quality` gives it.
    """
    count = rows["malformed"] + rows["quarantined"]
    if not count or count < rows["read"] * MANY:
        return ""
    return f"{count:,} of {rows['read']:,}, {refused(quality, EVENTS)}"
