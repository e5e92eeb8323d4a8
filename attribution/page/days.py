"""Which days were the worst and the best, and what a usual one is like, in words."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

from attribution.money import TOTAL, format_amount
from attribution.numbers import format_number
from attribution.page.parts import called

Reports = Mapping[str, pl.DataFrame]
FEW: Final = 10
"""An average below it is told with a decimal."""


def worst_and_best(reports: Reports, currency: str, locale: str) -> list[str]:
    """The worst day and the best one, in a sentence each; none where no day earned anything or lost it.

    Args:
        reports: Report tables by name.
        currency, locale: How the page writes money and counts.
    """
    every = reports["revenue_over_time"].filter(pl.col("grain") == "day")
    scanned = every.filter(pl.col("scan_sessions") > 0)["starts_on"]
    days = every.filter(pl.col("starts_on").is_between(scanned.min(), scanned.max())).sort("revenue", "starts_on")
    if days.height < 2 or not (days["revenue"] != 0).any():  # noqa: PLR2004 - one day is neither the worst nor the best
        return []
    worst, best = days.row(0, named=True), days.row(-1, named=True)
    worst_revenue, best_revenue = (format_amount(day["revenue"], currency, locale) for day in (worst, best))
    came = _from(worst["scan_sessions"], worst["conversions"], locale)
    usual = _usual_day(days, currency, locale)
    least = days.filter(pl.col("revenue") == worst["revenue"]).height
    short = _shortest(reports["daily_per_qr"], worst["starts_on"], days, currency, locale)
    was = f"the worst day was <b>{worst['starts_on']}</b>: {worst_revenue} from {came}"
    several = f"the {format_number(least, locale)} with {worst_revenue}"
    were = f"the worst days were <b>{several}</b>, the first of them {worst['starts_on']}"
    return [
        "Between the first scan and the last, " + (f"{was}; {usual}.{short}" if least == 1 else f"{were}; {usual}."),
        f"The best of these days was <b>{best['starts_on']}</b>: {best_revenue}." if best["revenue"] > 0 else "",
    ]


def _usual_day(days: pl.DataFrame, currency: str, locale: str) -> str:
    revenue = format_amount(sum(days["revenue"], Decimal(0)) / days.height, currency, locale)
    sessions, conversions = (_usual(float(days[name].sum()) / days.height) for name in ("scan_sessions", "conversions"))
    return f"an average day brings {revenue} from {_from(sessions, conversions, locale)}"


def _usual(count: float) -> float:
    """An average as people say it: few of something are no whole number."""
    return round(count, 1) if count < FEW else round(count)


def _from(sessions: float, conversions: float, locale: str) -> str:
    return f"{_counted(sessions, 'scan session', locale)} and {_counted(conversions, 'conversion', locale)}"


def _counted(count: float, noun: str, locale: str) -> str:
    return f"{format_number(count, locale, 1)} {noun}{'s' * (count != 1)}"


def _shortest(daily: pl.DataFrame, day: date, days: pl.DataFrame, currency: str, locale: str) -> str:
    """The campaign that lacked most on the day, held against its own average day."""
    revenue = pl.col("revenue").cast(TOTAL)
    per_campaign = (
        daily.filter(pl.col("campaign").is_not_null(), pl.col("day").is_in(days["starts_on"].implode()))
        .group_by("campaign")
        .agg(had=revenue.filter(pl.col("day") == day).sum(), whole=revenue.sum())
    )
    lacks = [(whole / days.height - had, campaign, had, whole) for campaign, had, whole in per_campaign.rows()]
    if not lacks or max(lacks)[0] <= 0:
        return ""
    _, campaign, had, whole = max(lacks)
    had_text, usual = (format_amount(amount, currency, locale) for amount in (had, whole / days.height))
    return f" Campaign {called(campaign)} fell furthest below its average day: {had_text} instead of {usual}."
