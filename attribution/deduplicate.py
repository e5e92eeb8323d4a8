"""Deduplicate: `events` -> `duplicates`.

Reads:  `events`.
Writes: `duplicates`, one row per duplicate row, with the row that counts in its place and the reason.
Rule:   a row that the platform flagged is a duplicate; among the rest, of the rows with the same (source, site_id,
        event_id) the earliest received counts (ties: earliest occurred, then one with an amount, then content) and the
        others are duplicates.
        Where all copies are flagged, the original lies outside the export and nothing counts.
May be split by `source, site_id, event_id` (or their hash, `event_key`).
"""

from datetime import UTC, datetime
from typing import Final

import polars as pl

from attribution import terms
from attribution.keys import expr_key
from attribution.schemas.duplicates import Duplicates
from attribution.schemas.events import EVENT_COLUMNS
from attribution.sources.aliases import JSON_COLUMNS

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
IDS: Final = ("scan_session_id", "web_session_id")
"""The long ones among them, compared by 128-bit keys."""
CONTENT: Final = tuple(
    name for name in EVENT_COLUMNS if name not in ("row_id", "event_key", "received_at", *JSON_COLUMNS)
)
"""What decides which of several copies with the same times counts; the spelling of free objects decides only after it."""
ORIGINAL: Final = "_original"
"""Suffix of the columns that hold the values of the row that counts."""


def deduplicate(events: pl.LazyFrame) -> pl.LazyFrame:
    """Find the rows that are copies of others.

    Args:
        events: As `schemas.events`.

    Returns:
        As `schemas.duplicates`; the same whatever the order of the rows.
    """
    repeated = events.join(repeated_keys(events), on="event_key", how="semi", build_side="force_right")
    candidates = repeated.select(
        *("row_id", "event_id", "is_duplicate", "received_at", "time_source"),
        *(expr_key(pl.col(name)).alias(name) if name in IDS else name for name in COMPARED),
        key=expr_key(pl.struct(KEY)),
        content=pl.struct(CONTENT).hash(seed=1),
        objects=pl.struct(JSON_COLUMNS).hash(seed=1),
    )
    ranked = candidates.sort("key", "is_duplicate", *_earliest_first(), "content", "objects", "row_id")
    told = ranked.with_columns(place=_place(), first=_first_place()).select(_beside_the_first())
    return Duplicates.shaped(
        told.with_columns(original_row_id=_original("row_id")).with_columns(_reason(), _conflicting())
    )


def repeated_keys(events: pl.LazyFrame) -> pl.LazyFrame:
    """The keys (as hashes) that several rows share or a flagged row has: a row with any other key is no copy.

    Args:
        events: As `schemas.events`; `event_key` and `is_duplicate` are enough.

    Returns:
        One row per key, `event_key`.
    """
    counted = events.group_by("event_key").agg(copies=pl.len(), is_flagged=pl.col("is_duplicate").any())
    return counted.filter((pl.col("copies") > 1) | pl.col("is_flagged")).select("event_key")


def _earliest_first() -> list[pl.Expr]:
    """Sort keys. Among copies with the same times, one with an amount goes first: one without would lose the money."""
    return [pl.col("received_at").fill_null(NEVER), pl.col("occurred_at"), pl.col("amount").is_null()]


def _place() -> pl.Expr:
    return pl.int_range(pl.len(), dtype=pl.UInt32)


def _first_place() -> pl.Expr:
    """In rows sorted by key, the place of the first row with the same key."""
    begins = pl.col("key").ne_missing(pl.col("key").shift(1)) | (_place() == 0)
    return _place().filter(begins).gather(begins.cum_sum() - 1)


def _beside_the_first() -> list[pl.Expr]:
    """For each row that is no original: its own values, and those of the first row with the same key."""
    is_copy = (pl.col("place") != pl.col("first")) | pl.col("is_duplicate")
    first = pl.col("first").filter(is_copy)
    both = ("row_id", "is_duplicate", "time_source", *COMPARED)
    own = [pl.col(name).filter(is_copy) for name in ("event_id", *both)]
    return [*own, *(pl.col(name).gather(first).alias(f"{name}{ORIGINAL}") for name in both)]


def _original(name: str) -> pl.Expr:
    """The value in the row that counts; null where all copies are flagged, so that none counts."""
    return pl.when(~pl.col(f"is_duplicate{ORIGINAL}")).then(f"{name}{ORIGINAL}")


def _reason() -> pl.Expr:
    reason = (
        pl.when(pl.col("original_row_id").is_null())
        .then(pl.lit(terms.ORIGINAL_OUTSIDE))
        .when("is_duplicate")
        .then(pl.lit(terms.FLAGGED))
        .otherwise(pl.lit(terms.REPEATED_ID))
    )
    return reason.alias("reason")


def _conflicting() -> pl.Expr:
    differing = [pl.when(_is_other(name)).then(pl.lit(name)) for name in COMPARED]
    listed = pl.concat_str(differing, separator=",", ignore_nulls=True)
    return pl.when(listed != "").then(listed).alias("conflicting")


def _is_other(name: str) -> pl.Expr:
    """Both have a value, and they differ. A time of receipt is not compared: the platform sets it anew on every send."""
    differs = pl.col(name) != _original(name)
    if name != "occurred_at":
        return differs
    receipts = [pl.col(f"time_source{ending}") == terms.RECEIVED_TIME for ending in ("", ORIGINAL)]
    return differs & ~pl.any_horizontal(receipts)
