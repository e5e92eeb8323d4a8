"""When it happened and when it was received."""

from typing import Final

import polars as pl

from attribution.rules.rule import rule

LATE_SECONDS: Final = 5 * 60
EARLY_DAYS: Final = 60


@rule("event_time", raw="reject", stored="warning")
def event_time_unreadable() -> pl.Expr:
    """An event time that is not an ISO 8601 time in the years 2000 to 2099."""
    return pl.col("event_time_given") & pl.col("event_time").is_null()


@rule("event_time", raw="reject", stored="reject")
def no_readable_time() -> pl.Expr:
    """No time, or none that can be read, so the row cannot be dated."""
    return pl.col("occurred_at").is_null()


@rule("event_time", raw="warning", stored="warning")
def time_after_receipt() -> pl.Expr:
    """Happened more than 5 minutes after it was received."""
    return pl.col("occurred_at") > pl.col("received_time") + pl.duration(seconds=LATE_SECONDS)


@rule("event_time", raw="warning", stored="warning")
def time_long_before_receipt() -> pl.Expr:
    """Received more than 60 days after it happened."""
    return pl.col("occurred_at") < pl.col("received_time") - pl.duration(days=EARLY_DAYS)
