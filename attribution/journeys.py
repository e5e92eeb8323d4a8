"""Journeys: `scan_sessions`, `conversions` -> `touches`.

Reads:  `scan_sessions`, `conversions`.
Writes: `touches`, one row per attributed conversion and touch before it.
Rule:   the touches of a conversion are the scan sessions of its person, with a known QR code, that were scanned at or
        before it and inside the lookback; the scan session that it is tied to is always one, touched no later
        than at the conversion's own time. A refund has the journey of its order.
May be split by `person_id`.
"""

from datetime import timedelta

import polars as pl

from attribution.days import expr_seconds
from attribution.row_kinds import is_attributed
from attribution.schemas.touches import Touches


def journeys(
    scan_sessions: pl.LazyFrame, conversions: pl.LazyFrame, *, lookback_days: int = 60, cycles: bool = False
) -> pl.LazyFrame:
    """What each attributed conversion's person scanned before it.

    Args:
        scan_sessions: As `schemas.scan_sessions`.
        conversions: As `schemas.conversions`.
        lookback_days: How far before the conversion a touch may lie, days of 86,400 s, inclusive.
        cycles: Whether a conversion closes the journey: touches at or before the person's previous one do not count.

    Returns:
        As `schemas.touches`. A later conversion never changes an earlier one's touches.
    """
    attributed = _journey_ends(conversions)
    ended = _with_previous(attributed, conversions) if cycles else attributed
    scans = touchable(scan_sessions)
    candidates = (
        ended.drop("scanned_at").join(scans, on="person_id", how="inner").filter(_is_touch(lookback_days, cycles))
    )
    tied = attributed.with_columns(
        touch_id="tied_session_id", touch_qr_code_id="tied_qr_code_id", is_tied=pl.lit(value=True)
    )
    earlier = candidates.filter(pl.col("touch_id") != pl.col("tied_session_id")).with_columns(
        is_tied=pl.lit(value=False)
    )
    columns = ["conversion_id", "ended_at", "touch_id", "touch_qr_code_id", "scanned_at", "is_tied"]
    both = pl.concat([tied.select(columns), earlier.select(columns)])
    return Touches.shaped(_in_order(both))


def touchable(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """The scan sessions that can be a touch: known, with a QR code. `person_id, touch_id, touch_qr_code_id, scanned_at`."""
    known = scan_sessions.filter("is_known", pl.col("qr_code_id").is_not_null())
    return known.select("person_id", "scanned_at", touch_id="scan_session_id", touch_qr_code_id="qr_code_id")


def _journey_ends(conversions: pl.LazyFrame) -> pl.LazyFrame:
    return conversions.filter(is_attributed()).select(
        "conversion_id",
        "person_id",
        "scanned_at",
        ended_at="journey_ended_at",
        tied_session_id="scan_session_id",
        tied_qr_code_id="qr_code_id",
    )


def _with_previous(ends: pl.LazyFrame, conversions: pl.LazyFrame) -> pl.LazyFrame:
    """The journey ends, with the time of the person's last conversion before each; refunds close no journey."""
    closing = conversions.filter(~pl.col("is_refund"), is_attributed())
    times = closing.select("person_id", previous_at="converted_at").unique()
    previous = (
        ends.select("conversion_id", "person_id", "ended_at")
        .join(times, on="person_id", how="inner")
        .filter(pl.col("previous_at") < pl.col("ended_at"))
        .group_by("conversion_id")
        .agg(pl.col("previous_at").max())
    )
    return ends.join(previous, on="conversion_id", how="left")


def _is_touch(lookback_days: int, cycles: bool) -> pl.Expr:  # noqa: FBT001
    scanned, ended = pl.col("scanned_at"), pl.col("ended_at")
    inside = (scanned <= ended) & (scanned >= ended - timedelta(days=lookback_days))
    return inside & ((scanned > pl.col("previous_at")) | pl.col("previous_at").is_null()) if cycles else inside


def _in_order(touches: pl.LazyFrame) -> pl.LazyFrame:
    touched = pl.min_horizontal("scanned_at", "ended_at")
    order = ["touched_at", "is_tied", "scan_session_id"]
    placed = touches.rename({"touch_id": "scan_session_id", "touch_qr_code_id": "qr_code_id"}).with_columns(
        touched_at=touched, age_seconds=expr_seconds(pl.col("ended_at") - touched)
    )
    return placed.with_columns(
        position=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("conversion_id", order_by=order),
        touch_count=pl.len().over("conversion_id").cast(pl.Int64),
    )
