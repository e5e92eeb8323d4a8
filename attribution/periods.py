"""Periods: which days a report is about, and the flow's tables cut down to them."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from attribution.days import expr_day
from attribution.errors import UsageError

ALL: Final = "all"
DAY: Final = timedelta(days=1)
YEAR: Final = r"(?:19|20)\d\d"
ISO_DAY: Final = rf"{YEAR}-\d\d-\d\d"
MONTHS: Final = 12
ALLOWED: Final = (
    "yesterday, last-week, last-month, a month such as 2026-10, an ISO week such as 2026-W41, "
    "a day such as 2026-10-05, days such as 2026-10-01..2026-10-07, or all"
)


@dataclass(frozen=True)
class Period:
    """Days, both ends included, and what they are called: a month, an ISO week, a day, a range or `all`."""

    first: date
    last: date
    name: str

    def words(self) -> str:
        """The period for people to read, with its first and last day unless it is `all`."""
        return "all days" if self.name == ALL else f"{self.name} ({self.first} to {self.last})"

    def holds(self, day: pl.Expr) -> pl.Expr:
        """The day is one of the period's."""
        return day.is_between(pl.lit(self.first), pl.lit(self.last))

    def previous(self) -> "Period | None":
        """What the period is compared with; None for `all`.

        For whole months, as many months before; else as many days: for an ISO week, the week before.
        """
        if self.name == ALL:
            return None
        before = self.first - DAY
        if months := _whole_months(self.first, self.last):
            return spanning(_month_start(self.first, -months), before)
        return spanning(before - (self.last - self.first), before)

    def is_like(self, other: "Period") -> bool:
        """Whether their totals can be compared: both have the same number of whole months, or of days."""
        months, others = _whole_months(self.first, self.last), _whole_months(other.first, other.last)
        return months == others and (months > 0 or self.last - self.first == other.last - other.first)


def spanning(first: date, last: date) -> Period:
    """The period of these days, named in the shortest form that `parsed` reads back."""
    year, week, weekday = first.isocalendar()
    if first == last:
        return Period(first, last, first.isoformat())
    if _whole_months(first, last) == 1:
        return Period(first, last, f"{first:%Y-%m}")
    if weekday == 1 and last - first == 6 * DAY:
        return Period(first, last, f"{year}-W{week:02}")
    return Period(first, last, f"{first}..{last}")


def parsed(text: str, *, today: date) -> Period:
    """The period that the text names.

    Args:
        text: `yesterday`, `last-week` (the ISO week before today's), `last-month`, `2026-10`, `2026-W41`, `2026-10-05`,
            `2026-10-01..2026-10-07` or `all`.
        today: The day to count from, in the reporting time zone.

    Raises:
        UsageError: The text has none of these forms, names a day that does not exist, or ends before it begins.
    """
    if text in RELATIVE:
        return RELATIVE[text](today)
    for form, read in WRITTEN.items():
        if match := re.fullmatch(form, text, re.ASCII):
            try:
                period = read(*match.groups())
            except ValueError as error:
                raise _refused(text, "there is no such day, week or month") from error
            if period.last < period.first:
                raise _refused(text, "it ends before it begins")
            return period
    raise _refused(text, "it has no form that is known")


def restricted(tables: Mapping[str, pl.LazyFrame], period: Period, time_zone: str) -> dict[str, pl.LazyFrame]:
    """The flow's tables with the rows of the period, days cut in the time zone.

    `scan_sessions` and `scans` by `scanned_at`; `conversions` by `converted_at`, refunds by their own; `touches` and
    `credits` with their conversions; `spend` by `date`. Other tables, and every table for `all`, are left as they are.
    """
    if period.name == ALL:
        return dict(tables)
    by_day = {
        "scan_sessions": expr_day("scanned_at", time_zone),
        "scans": expr_day("scanned_at", time_zone),
        "conversions": expr_day("converted_at", time_zone),
        "spend": pl.col("date"),
    }
    cut = {name: table.filter(period.holds(by_day[name])) for name, table in tables.items() if name in by_day}
    of_conversions = {name: table for name, table in tables.items() if name in {"touches", "credits"}}
    tied = {
        name: table.join(cut["conversions"], on="conversion_id", how="semi") for name, table in of_conversions.items()
    }
    return {**tables, **cut, **tied}


def _day(text: str) -> Period:
    return spanning(date.fromisoformat(text), date.fromisoformat(text))


def _days(first: str, last: str) -> Period:
    return spanning(date.fromisoformat(first), date.fromisoformat(last))


def _week(year: str, week: str) -> Period:
    monday = date.fromisocalendar(int(year), int(week), 1)
    return spanning(monday, monday + 6 * DAY)


def _month(year: str, month: str) -> Period:
    first = date(int(year), int(month), 1)
    return spanning(first, _month_start(first, 1) - DAY)


def _yesterday(today: date) -> Period:
    return spanning(today - DAY, today - DAY)


def _last_week(today: date) -> Period:
    monday = today - (today.weekday() + 7) * DAY
    return spanning(monday, monday + 6 * DAY)


def _last_month(today: date) -> Period:
    first = today.replace(day=1)
    return spanning(_month_start(first, -1), first - DAY)


RELATIVE: Final[Mapping[str, Callable[[date], Period]]] = {
    "yesterday": _yesterday,
    "last-week": _last_week,
    "last-month": _last_month,
    ALL: lambda _: Period(date.min, date.max, ALL),
}
WRITTEN: Final[Mapping[str, Callable[..., Period]]] = {
    rf"({YEAR})-(\d\d)": _month,
    rf"({YEAR})-W(\d\d)": _week,
    f"({ISO_DAY})": _day,
    rf"({ISO_DAY})\.\.({ISO_DAY})": _days,
}


def _month_start(day: date, months: int) -> date:
    """The first day of the month that is `months` after the day's."""
    count = day.year * MONTHS + day.month - 1 + months
    return date(count // MONTHS, count % MONTHS + 1, 1)


def _whole_months(first: date, last: date) -> int:
    """How many months the days make up, if whole ones; else 0."""
    is_whole = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    return (last.year - first.year) * MONTHS + last.month - first.month + 1 if is_whole else 0


def _refused(text: str, reason: str) -> UsageError:
    return UsageError(f"Not a period: {text!r}: {reason}. Allowed: {ALLOWED}.")


def days_seen(scan_sessions: pl.LazyFrame, conversions: pl.LazyFrame, *, time_zone: str) -> tuple[date, date] | None:
    """The first and last day, in the zone, with a scan, a session's last event or a conversion; None if there is none.

    Args:
        scan_sessions, conversions: The tables of these names.
        time_zone: The zone in which days are cut.
    """
    days = pl.concat(
        [
            *(scan_sessions.select(day=expr_day(name, time_zone)) for name in ("scanned_at", "last_event_at")),
            conversions.select(day=expr_day("converted_at", time_zone)),
        ]
    )
    first, last = days.select(first=pl.col("day").min(), last=pl.col("day").max()).collect(engine="streaming").row(0)
    return None if first is None else (first, last)
