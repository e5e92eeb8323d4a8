"""Days, weeks and hours as people know them: cut in the reporting time zone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

SECONDS_PER_DAY: Final = 86_400
MICROSECOND: Final = 1e-6


def expr_local(moment: str, time_zone: str) -> pl.Expr:
    """The time of the column `moment` as clocks in the zone show it."""
    return pl.col(moment).dt.convert_time_zone(time_zone)


def expr_day(moment: str, time_zone: str) -> pl.Expr:
    """The zone's day on which `moment` lies, as `Date`."""
    return expr_local(moment, time_zone).dt.date()


def expr_week(moment: str, time_zone: str) -> pl.Expr:
    """The Monday of the zone's ISO week in which `moment` lies, as `Date`."""
    return expr_day(moment, time_zone).dt.truncate("1w")


def end_of(day: date, time_zone: str) -> datetime:
    """The first moment after the zone's day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone)).astimezone(UTC)


def expr_seconds(span: pl.Expr) -> pl.Expr:
    """A duration in seconds. Multiplied, not divided: see `money.expr_share` on Polars and single divisors."""
    return span.dt.total_microseconds() * MICROSECOND
