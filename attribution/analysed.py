"""Which event rows are analysed: one rule, used by every stage that reads events."""

import polars as pl


def analysed(events: pl.LazyFrame, duplicates: pl.LazyFrame) -> pl.LazyFrame:
    """The events that count: no duplicates, nothing excluded. One row per event."""
    return events.filter(pl.col("exclusion").is_null()).join(duplicates.select("row_id"), on="row_id", how="anti")
