"""At which hours of the week people scan, and what those scans earned."""

import polars as pl

from attribution.days import expr_local
from attribution.earned import counted, earned, or_nothing, summed
from attribution.row_kinds import has_events
from attribution.schemas.scans_by_hour import ScansByHour

HOUR = ("weekday", "hour")
COUNTS = ("scan_sessions", "scans")


def scans_by_hour(
    scan_sessions: pl.LazyFrame,
    scans: pl.LazyFrame,
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    *,
    model: str,
    currency: str,
    time_zone: str,
    has_scans: bool,
    every_session: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One row per weekday and hour of the day, all 168, Monday 0:00 first.

    Args:
        scan_sessions, scans, conversions, credits: The tables of these names.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        time_zone: The zone whose clocks count. An hour that a clock shows twice holds both.
        has_scans: Whether there is a scan export; without one `scans` is null.
        every_session: Scan sessions of all time, where `scan_sessions` holds those of a period only: what the period
            earned then counts at the hour of the scan, whenever that was.

    Returns:
        As `schemas.scans_by_hour`.
    """
    one = pl.lit(1, pl.UInt32)
    scanned = (scan_sessions if every_session is None else every_session).select("scan_session_id", "scanned_at")
    facts = [
        scan_sessions.filter(has_events()).select("scanned_at", scan_sessions=one),
        scans.select("scanned_at", scans=one),
        earned(credits, conversions, model=model)
        .join(scanned, on="scan_session_id", how="inner")
        .select("scanned_at", "conversions", "revenue"),
    ]
    local = expr_local("scanned_at", time_zone)
    per_hour = (
        pl.concat(facts, how="diagonal")
        .group_by(weekday=local.dt.weekday().cast(pl.Int64), hour=local.dt.hour().cast(pl.Int64))
        .agg(summed(*COUNTS))
    )
    filled = _every_hour().join(per_hour, on=HOUR, how="left").with_columns(or_nothing(*COUNTS))
    return ScansByHour.shaped(
        filled.with_columns(
            *counted(has_scans=has_scans),
            currency=pl.lit(currency),
            model=pl.lit(model),
            time_zone=pl.lit(time_zone),
        ).sort(HOUR)
    )


def _every_hour() -> pl.LazyFrame:
    weekdays = pl.LazyFrame({"weekday": range(1, 8)}, schema={"weekday": pl.Int64})
    return weekdays.join(pl.LazyFrame({"hour": range(24)}, schema={"hour": pl.Int64}), how="cross")
