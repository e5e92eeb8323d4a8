"""What came in day by day, week by week and month by month."""

from datetime import date
from typing import Final

import polars as pl

from attribution.days import expr_day
from attribution.earned import counted, earned, or_nothing, summed
from attribution.fx import total
from attribution.money import TOTAL
from attribution.reports.period_change import expr_change_pct
from attribution.row_kinds import has_events, is_attributed
from attribution.schemas.revenue_over_time import GRAINS, RevenueOverTime

STEPS: Final = dict(zip(GRAINS, ("1d", "1w", "1mo"), strict=True))
COUNTS: Final = ("scans", "scan_sessions", "cost_items", "unpriced_items")


def revenue_over_time(
    scan_sessions: pl.LazyFrame,
    scans: pl.LazyFrame,
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    priced: pl.LazyFrame,
    *,
    first_day: date,
    last_day: date,
    model: str,
    currency: str,
    time_zone: str,
    has_scans: bool,
) -> pl.LazyFrame:
    """One row per day, ISO week and month that the range touches, by grain and time.

    Args:
        scan_sessions, scans, conversions, credits: The tables of these names.
        priced: Items of cost, as `costs.priced_spend` gives them; those without a day are left out.
        first_day: First day of the range, in the time zone. What lies before it is left out.
        last_day: Last day of the range, inclusive. What lies after it is left out.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        time_zone: The zone in which days are cut.
        has_scans: Whether there is a scan export; without one `scans` is null.

    Returns:
        As `schemas.revenue_over_time`; no row where `first_day` is after `last_day`.
    """
    every_day = pl.LazyFrame({"day": pl.date_range(first_day, last_day, eager=True)})
    per_day = _facts(scan_sessions, scans, earned(credits, conversions, model=model), priced, time_zone)
    days = every_day.join(per_day, on="day", how="left")
    rows = pl.concat(_per_grain(days, grain, (first_day, last_day)) for grain in GRAINS)
    return RevenueOverTime.shaped(
        rows.with_columns(
            *counted(has_scans=has_scans),
            currency=pl.lit(currency),
            model=pl.lit(model),
            time_zone=pl.lit(time_zone),
        )
    )


def days_of_data(
    scan_sessions: pl.LazyFrame, conversions: pl.LazyFrame, priced: pl.LazyFrame, *, time_zone: str
) -> tuple[date, date] | None:
    """From the first day with a scan, an attributed conversion or refund, or spend, to the last with any but spend.

    Spend comes before its scans, as that on a print run does. What is spent later, or only planned, makes no day that
    has been observed. None where nothing but spend has a day.

    Args:
        scan_sessions, conversions: The tables of these names.
        priced: Items of cost, as `costs.priced_spend` gives them; spend is of the day that it names.
        time_zone: The zone in which days are cut.
    """
    attributed = conversions.filter(is_attributed())
    seen = pl.concat(
        [
            scan_sessions.select(day=expr_day("scanned_at", time_zone)),
            attributed.select(day=expr_day("converted_at", time_zone)),
        ]
    )
    first, last = seen.select(first=pl.col("day").min(), last=pl.col("day").max()).collect().row(0)
    if first is None:
        return None
    spent: date | None = priced.select(pl.col("date").min()).collect().item()
    return min(first, spent or first), last


def _facts(
    scan_sessions: pl.LazyFrame, scans: pl.LazyFrame, credited: pl.LazyFrame, priced: pl.LazyFrame, time_zone: str
) -> pl.LazyFrame:
    """One row per day with something: counts, conversions, revenue, and cost with its items."""
    one, scanned_on = pl.lit(1, pl.UInt32), expr_day("scanned_at", time_zone)
    is_unpriced = pl.col("amount_reporting").is_null().cast(pl.UInt32)
    facts = [
        scan_sessions.filter(has_events()).select(day=scanned_on, scan_sessions=one),
        scans.select(day=scanned_on, scans=one),
        credited.select("conversions", "revenue", day=expr_day("converted_at", time_zone)),
        priced.select(day="date", cost="amount_reporting", cost_items=one, unpriced_items=is_unpriced),
    ]
    return pl.concat(facts, how="diagonal").group_by("day").agg(*summed(*COUNTS), _cost())


def _cost() -> pl.Expr:
    return total(pl.col("cost")).cast(TOTAL).alias("cost")


def _per_grain(days: pl.LazyFrame, grain: str, covered: tuple[date, date]) -> pl.LazyFrame:
    """One row per bucket of the grain that the range touches, in order."""
    first, last = covered
    starts_on, step = pl.col("starts_on"), STEPS[grain]
    is_known = (pl.col("unpriced_items") == 0) & (pl.col("cost_items").sum() > 0)
    per_bucket = (
        days.group_by(starts_on=pl.col("day").dt.truncate(step))
        .agg(*summed(*COUNTS), _cost())
        .with_columns(or_nothing(*COUNTS))
        .sort("starts_on")
    )
    before = {name: pl.col(name).shift(1) for name in ("revenue", "scan_sessions")}
    return per_bucket.with_columns(
        grain=pl.lit(grain),
        cost=pl.when(is_known).then("cost"),
        revenue_previous=before["revenue"],
        revenue_change_pct=expr_change_pct(pl.col("revenue"), before["revenue"]),
        scan_sessions_change_pct=expr_change_pct(pl.col("scan_sessions"), before["scan_sessions"]),
        is_partial=(starts_on < first) | (starts_on.dt.offset_by(step) > pl.lit(last).dt.offset_by("1d")),
    )
