"""Which event rows are analysed, and which are left out: one rule, used by every stage that reads events."""

import polars as pl


def analysed(events: pl.LazyFrame, duplicates: pl.LazyFrame) -> pl.LazyFrame:
    """The events that count: no duplicates, nothing excluded. One row per event.

    The join holds the duplicates in memory and streams the events, which are far more.
    """
    counted, copies = events.filter(pl.col("exclusion").is_null()), duplicates.select("row_id")
    return counted.join(copies, on="row_id", how="anti", build_side="force_right")


def left_out(events: pl.LazyFrame, duplicates: pl.LazyFrame) -> pl.LazyFrame:
    """The others: duplicates, and what is excluded. One row per event."""
    copies = duplicates.select("row_id", is_copy=pl.lit(value=True))
    marked = events.join(copies, on="row_id", how="left", build_side="force_right")
    return marked.filter(pl.col("exclusion").is_not_null() | pl.col("is_copy")).drop("is_copy")
