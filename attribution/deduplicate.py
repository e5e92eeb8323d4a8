"""Deduplicate: `events` -> `duplicates`.

Reads:  `events`.
Writes: `duplicates`, one row per duplicate row, with the row that counts in its place and the reason.
Rule:   a row that the platform flagged is a duplicate; among the rest, of the rows with the same (source, site_id,
        event_id) the earliest received counts (ties: earliest occurred, then content) and the others are duplicates.
        Where all copies are flagged, the original lies outside the export and nothing counts.
May be split by `source, site_id, event_id` (or their hash, `event_key`).
"""

from datetime import UTC, datetime
from typing import Final

import polars as pl

from attribution import terms
from attribution.schemas.duplicates import Duplicates
from attribution.schemas.events import EVENT_COLUMNS

KEY: Final = ("source", "site_id", "event_id")
COMPARED: Final = (
    "event_type",
    "event_name",
    "scan_session_id",
    "web_session_id",
    "occurred_at",
    "amount",
    "currency",
)
"""Columns whose difference makes a conflict, where both rows have a value."""
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
CONTENT: Final = tuple(name for name in EVENT_COLUMNS if name not in ("row_id", "event_key", "received_at"))


def deduplicate(events: pl.LazyFrame) -> pl.LazyFrame:
    """Find the rows that are copies of others.

    Args:
        events: As `schemas.events`.

    Returns:
        As `schemas.duplicates`; the same whatever the order of the rows.
    """
    candidates = events.join(repeated_keys(events), on="event_key", how="semi")
    ranked = candidates.with_columns(place=_place())
    winners = ranked.filter(pl.col("place") == 1, ~pl.col("is_duplicate")).select(
        *KEY, original_row_id="row_id", **{f"{name}_original": _sent(name) for name in COMPARED}
    )
    copies = ranked.filter((pl.col("place") > 1) | pl.col("is_duplicate"))
    told = copies.join(winners, on=KEY, how="left", nulls_equal=True)
    return Duplicates.shaped(told.with_columns(reason=_reason(), conflicting=_conflicting()))


def repeated_keys(events: pl.LazyFrame) -> pl.LazyFrame:
    """The keys (by hash) that more than one row has, or that a flagged row has: rows with another key are no copies.

    Args:
        events: As `schemas.events`; `event_key` and `is_duplicate` are enough.

    Returns:
        One row per key, `event_key`.
    """
    counted = events.group_by("event_key").agg(copies=pl.len(), is_flagged=pl.col("is_duplicate").any())
    return counted.filter((pl.col("copies") > 1) | pl.col("is_flagged")).select("event_key")


def _place() -> pl.Expr:
    """The row's place among those with its key: unflagged first, then as the rule says."""
    content = pl.struct(CONTENT).hash(seed=1)
    received = pl.col("received_at").fill_null(NEVER)
    return pl.int_range(1, pl.len() + 1).over(
        KEY, order_by=["is_duplicate", received, "occurred_at", content, "row_id"]
    )


def _reason() -> pl.Expr:
    return (
        pl.when(pl.col("original_row_id").is_null())
        .then(pl.lit(terms.ORIGINAL_OUTSIDE))
        .when("is_duplicate")
        .then(pl.lit(terms.FLAGGED))
        .otherwise(pl.lit(terms.REPEATED_ID))
    )


def _sent(name: str) -> pl.Expr:
    """The value, if the sender gave it: a time that is the platform's receipt differs each time the row is sent."""
    is_receipt = (pl.col("time_source") == terms.RECEIVED_TIME) & pl.lit(name == "occurred_at")
    return pl.when(~is_receipt).then(pl.col(name))


def _conflicting() -> pl.Expr:
    differing = [pl.when(_sent(name) != pl.col(f"{name}_original")).then(pl.lit(name)) for name in COMPARED]
    listed = pl.concat_str(differing, separator=",", ignore_nulls=True)
    return pl.when(listed != "").then(listed)
