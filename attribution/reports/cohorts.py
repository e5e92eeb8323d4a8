"""How the scans of a week go on to convert and to earn, week by week after the scan."""

from datetime import timedelta
from typing import Final

import polars as pl

from attribution.days import expr_week
from attribution.earned import converting, earned, observed_until
from attribution.fx import total
from attribution.money import TOTAL
from attribution.schemas.cohorts import Cohorts

WEEK: Final = timedelta(days=7)
KEY: Final = ["cohort_week", "weeks_since_scan"]


def cohorts(
    scan_sessions: pl.LazyFrame,
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    *,
    model: str,
    currency: str,
    time_zone: str,
    every_session: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One row per week of scan and week since the scan, by time.

    A week since the scan is 7 days of 86,400 s from the session's own scan. Each cohort's weeks run to the last in which
    any cohort converts or earns, as far as its oldest session was observed.

    Args:
        scan_sessions: The table of this name.
        conversions, credits: The tables of these names, of all time: a scan is followed to the end of the data.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        time_zone: The zone in which the weeks of scans are cut.
        every_session: Scan sessions of all time, where `scan_sessions` holds those of a period only: where the data ends.

    Returns:
        As `schemas.cohorts`. Known scan sessions count.
    """
    known = scan_sessions.filter("is_known").select(
        "scan_session_id", "scanned_at", cohort_week=expr_week("scanned_at", time_zone)
    )
    happened = _happened(known, conversions, earned(credits, conversions, model=model))
    end = observed_until(scan_sessions if every_session is None else every_session)
    cohort = _with_last_week(_sizes(known), happened, end)
    every_week = cohort.with_columns(weeks_since_scan=pl.int_ranges(0, pl.col("last_week") + 1)).explode(
        "weeks_since_scan", empty_as_null=False
    )
    filled = every_week.join(happened, on=KEY, how="left").with_columns(_to_date())
    observed = pl.col("youngest_at") + WEEK * (pl.col("weeks_since_scan") + 1)
    return Cohorts.shaped(
        filled.with_columns(
            converting_pct=pl.col("converting_sessions") / pl.col("sessions") * 100,
            is_observed_fully=observed <= pl.col("observed_until"),
            currency=pl.lit(currency),
            model=pl.lit(model),
        ).sort(KEY)
    )


def _sizes(known: pl.LazyFrame) -> pl.LazyFrame:
    return known.group_by("cohort_week").agg(
        sessions=pl.len().cast(pl.Int64),
        oldest_at=pl.col("scanned_at").min(),
        youngest_at=pl.col("scanned_at").max(),
    )


def _happened(known: pl.LazyFrame, conversions: pl.LazyFrame, credited: pl.LazyFrame) -> pl.LazyFrame:
    """One row per cohort and week with something: sessions that first convert in it, and what was earned."""
    first = converting(conversions).group_by("scan_session_id").agg(pl.col("converted_at").min())
    facts = [
        first.with_columns(converting_sessions=pl.lit(1, pl.UInt32)),
        credited.select("scan_session_id", "converted_at", "revenue"),
    ]
    since_scan = (pl.col("converted_at") - pl.col("scanned_at")).clip(timedelta())
    return (
        pl.concat(facts, how="diagonal")
        .join(known, on="scan_session_id", how="inner")
        .group_by("cohort_week", weeks_since_scan=_weeks(since_scan))
        .agg(pl.col("converting_sessions").sum().cast(pl.Int64), total(pl.col("revenue")).alias("revenue"))
    )


def _weeks(time: pl.Expr) -> pl.Expr:
    """Whole weeks of a time that is not negative."""
    return time.dt.total_microseconds() // (WEEK // timedelta(microseconds=1))


def _with_last_week(sizes: pl.LazyFrame, happened: pl.LazyFrame, end: pl.LazyFrame) -> pl.LazyFrame:
    """The cohorts with `observed_until` and `last_week`: at least the one in which the cohort itself last earned."""
    week = pl.col("weeks_since_scan")
    own = happened.group_by("cohort_week").agg(own_last=week.max())
    observed = _weeks((pl.col("observed_until") - pl.col("oldest_at")).clip(timedelta()))
    last = pl.max_horizontal(pl.min_horizontal("any_last", observed), "own_last").fill_null(0)
    return (
        sizes.join(own, on="cohort_week", how="left")
        .join(happened.select(any_last=week.max()), how="cross")
        .join(end, how="cross")
        .with_columns(last_week=pl.when(pl.col("any_last").is_null()).then(0).otherwise(last))
    )


def _to_date() -> list[pl.Expr]:
    """Each cohort's sums up to and with the week."""

    def cumulated(amount: pl.Expr) -> pl.Expr:
        return amount.cum_sum().over("cohort_week", order_by="weeks_since_scan")

    revenue = pl.col("revenue").fill_null(pl.lit(0).cast(TOTAL))
    return [
        cumulated(pl.col("converting_sessions").fill_null(0)).alias("converting_sessions"),
        cumulated(revenue).cast(TOTAL).alias("revenue"),
    ]
