"""Which event rows are analysed: one rule, used by every stage that reads events."""

import polars as pl


def analysed(events: pl.LazyFrame, duplicates: pl.LazyFrame) -> pl.LazyFrame:
    """The events that count: no duplicates, nothing excluded. One row per event.

    The duplicates are held, not millions of events until it is clear that these are more.
    """
    counted, copies = events.filter(pl.col("exclusion").is_null()), duplicates.select("row_id")
    return counted.join(copies, on="row_id", how="anti", build_side="force_right")
