"""Which days a report is about, and the tables cut down to them."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from attribution.days import end_of
from attribution.errors import UsageError
from attribution.periods import ALL, Period, days_seen, parsed, restricted, spanning
from attribution.reports.conversion_rates import conversion_rates
from attribution.terms import SCAN_SESSION_MODEL
from tests.reports.worlds import FEW, Tables, conversions, credited, per_qr, sessions, tables_of
from tests.stages.drawn import assert_drawn, qr_codes, scans, spend
from tests.stages.random_worlds import worlds

TODAY = date(2026, 10, 14)
"""A Wednesday."""
DAY = timedelta(days=1)
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
MONTHS = st.builds(lambda day: parsed(f"{day:%Y-%m}", today=TODAY), DAYS)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    text = draw(st.sampled_from(["yesterday", "last-week", "last-month", "%Y-%m", "%G-W%V", "%Y-%m-%d", "range"]))
    day = draw(DAYS)
    if text == "range":
        return spanning(day, day + draw(st.integers(0, 800)) * DAY)
    return parsed(day.strftime(text), today=day)


@pytest.mark.parametrize(
    ("text", "first", "last", "name"),
    [
        ("yesterday", "2026-10-13", "2026-10-13", "2026-10-13"),
        ("last-week", "2026-10-05", "2026-10-11", "2026-W41"),
        ("last-month", "2026-09-01", "2026-09-30", "2026-09"),
        ("2026-10", "2026-10-01", "2026-10-31", "2026-10"),
        ("2026-02", "2026-02-01", "2026-02-28", "2026-02"),
        ("2026-W41", "2026-10-05", "2026-10-11", "2026-W41"),
        ("2020-W53", "2020-12-28", "2021-01-03", "2020-W53"),
        ("2026-10-05", "2026-10-05", "2026-10-05", "2026-10-05"),
        ("2026-10-01..2026-10-07", "2026-10-01", "2026-10-07", "2026-10-01..2026-10-07"),
        ("2026-10-05..2026-10-11", "2026-10-05", "2026-10-11", "2026-W41"),
        ("2026-10-01..2026-10-31", "2026-10-01", "2026-10-31", "2026-10"),
    ],
)
def test_a_period_is_named_in_these_forms(text: str, first: str, last: str, name: str) -> None:
    found = parsed(text, today=TODAY)
    assert (found.first.isoformat(), found.last.isoformat(), found.name) == (first, last, name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no form"),
        ("last week", "no form"),
        ("2026", "no form"),
        ("2026-1", "no form"),
        ("20261005", "no form"),
        ("2026-10-05..", "no form"),
        ("٢٠٢٦-١٠", "no form"),
        ("2026-10\n", "no form"),
        ("2026-13", "no such"),
        ("2026-00", "no such"),
        ("2026-W54", "no such"),
        ("2025-W53", "no such"),
        ("2026-02-29", "no such"),
        ("2026-10-01..2026-10-32", "no such"),
        ("2026-10-07..2026-10-06", "ends before"),
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=rf"{reason}[\s\S]*yesterday, last-week, last-month.*2026-W41.*or all"):
        parsed(text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "previous"),
    [
        ("yesterday", "2026-10-12"),
        ("last-week", "2026-W40"),
        ("2026-W01", "2025-W52"),
        ("2026-10", "2026-09"),
        ("2026-01", "2025-12"),
        ("2026-03", "2026-02"),
        ("2026-07-01..2026-09-30", "2026-04-01..2026-06-30"),
        ("2026-10-01..2026-10-07", "2026-09-24..2026-09-30"),
    ],
)
def test_the_previous_period_is_the_one_before_in_the_calendar(text: str, previous: str) -> None:
    assert parsed(text, today=TODAY).previous() == parsed(previous, today=TODAY)


def test_there_is_nothing_before_all() -> None:
    assert parsed(ALL, today=TODAY).previous() is None


@given(periods())
def test_a_name_is_read_back_as_the_same_period(period: Period) -> None:
    assert parsed(period.name, today=TODAY) == period


@given(periods())
def test_the_previous_period_ends_where_this_begins_and_is_as_long(period: Period) -> None:
    previous = period.previous()
    assert previous is not None
    assert previous.last + DAY == period.first
    if period.first.day == 1 and (period.last + DAY).day == 1:
        assert previous.first.day == 1
    else:
        assert previous.last - previous.first == period.last - period.first


@given(periods())
def test_whole_months_and_weeks_tile_the_calendar(period: Period) -> None:
    """Going back and counting the days on comes to the same periods."""
    previous = period.previous()
    assert previous is not None
    before = previous.previous()
    assert before is not None
    assert before.last + DAY == previous.first
    if period.name.count("-") == 1:
        assert previous.name.count("-") == 1
        assert len(previous.name) == len(period.name)


@given(st.sampled_from(["yesterday", "last-week", "last-month"]), DAYS)
def test_what_is_last_ends_before_today(text: str, today: date) -> None:
    found = parsed(text, today=today)
    assert found.last < today
    assert today - found.first <= timedelta(days=62)


TABLES: Tables = {
    "scan_sessions": sessions("scan_session_id | scanned_at\ns1 | 21:59:59\ns2 | 22:00\ns3 | +1d 22:00"),
    "scans": scans("scan_session_id | scanned_at\ns1 | 21:59:59\ns2 | 22:00\ns3 | +1d 22:00"),
    "conversions": conversions("conversion_id | converted_at\nc1 | 21:59:59\nc2 | 22:00\nc3 | +1d 21:59:59"),
    "credits": credited("conversion_id | amount_reporting\nc1 | 1\nc2 | 2\nc3 | 4"),
    "touches": pl.LazyFrame({"conversion_id": ["c1", "c2", "c2", "c3"]}),
    "spend": spend("qr_code_id | date | amount\nq1 | +0d | 1\nq1 | +1d | 2"),
    "qr_codes": qr_codes("qr_code_id\nq1"),
}


def test_tables_are_cut_at_midnight_of_the_time_zone() -> None:
    """At 22:00 UTC the next day begins in Berlin."""
    cut = restricted(TABLES, spanning(date(2026, 5, 2), date(2026, 5, 2)), "Europe/Berlin")
    found = {name: table.collect() for name, table in cut.items()}
    for name in ("scan_sessions", "scans"):
        assert_drawn(found[name], "scan_session_id\ns2")
    assert_drawn(found["conversions"], "conversion_id\nc2\nc3")
    assert_drawn(found["credits"], "conversion_id | amount_reporting\nc2 | 2\nc3 | 4")
    assert_drawn(found["touches"], "conversion_id\nc2\nc2\nc3")
    assert_drawn(found["spend"], "date | amount\n+1d | 2")
    assert found["qr_codes"].height == 1


def test_all_changes_nothing_and_tables_that_are_not_there_are_not_asked_for() -> None:
    assert restricted(TABLES, parsed(ALL, today=TODAY), "UTC") == TABLES
    assert restricted({"qr_codes": TABLES["qr_codes"]}, spanning(TODAY, TODAY), "UTC").keys() == {"qr_codes"}


def test_the_days_seen_reach_to_a_conversion_that_no_scan_session_knows() -> None:
    rows = sessions("scan_session_id | scanned_at | last_event_at\ns1 | 21:00 | 21:30")
    orphan = conversions("conversion_id | scan_session_id | converted_at\nc1 | - | +4d 22:00")
    assert days_seen(rows, orphan, time_zone="Europe/Berlin") == (date(2026, 5, 1), date(2026, 5, 6))
    assert days_seen(rows, conversions(), time_zone="Europe/Berlin") == (date(2026, 5, 1), date(2026, 5, 1))
    assert days_seen(sessions(), conversions(), time_zone="UTC") is None


def test_the_day_on_which_clocks_change_is_one_day() -> None:
    times = ("2026-03-28T22:59:59", "2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00")
    rows = scans("scan_session_id | scanned_at\n" + "\n".join(f"s{number} | {at}" for number, at in enumerate(times)))
    cut = restricted({"scans": rows}, parsed("2026-03-29", today=TODAY), "Europe/Berlin")
    assert_drawn(cut["scans"].collect(), "scan_session_id\ns1\ns2")
    assert end_of(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 29, 22, tzinfo=UTC)


@given(world=worlds(), length=st.integers(0, 70), more=st.integers(0, 70))
@FEW
def test_two_periods_split_conversions_and_money_exactly(world: Tables, length: int, more: int) -> None:
    tables, zone = tables_of(world), "America/New_York"
    first = date(2026, 4, 30)
    middle, last = first + length * DAY, first + (length + 1 + more) * DAY
    whole = restricted(tables, spanning(first, last), zone)
    parts = [restricted(tables, spanning(*days), zone) for days in ((first, middle), (middle + DAY, last))]
    for name in ("scan_sessions", "scans", "conversions", "touches", "credits", "spend"):
        assert sum(part[name].collect().height for part in parts) == whole[name].collect().height, name
        both = pl.concat([part[name] for part in parts]).collect()
        assert both.sort(both.columns[:4]).equals(whole[name].collect().sort(both.columns[:4])), name
    money = pl.col("amount_reporting").sum()
    for name in ("conversions", "credits"):
        assert (
            sum(part[name].select(money).collect().item() for part in parts)
            == whole[name].select(money).collect().item()
        )


@given(world=worlds(), length=st.integers(0, 70))
@FEW
def test_of_the_sessions_of_a_period_no_more_convert_than_there_are(world: Tables, length: int) -> None:
    """A conversion may come from an earlier scan, and may name another QR code than its scan."""
    first = date(2026, 5, 1)
    cut = restricted(tables_of(world), spanning(first, first + length * DAY), "UTC")
    rows = per_qr(cut, SCAN_SESSION_MODEL)
    assert (rows["converting_sessions"] <= rows["scan_sessions"]).all()
    counts = ("qr_code_id", "scan_sessions", "converting_sessions")
    rated = conversion_rates(cut["scan_sessions"], cut["conversions"], has_scans=True).select(counts).collect()
    same = rows.select(counts).filter(pl.col("qr_code_id").is_in(rated["qr_code_id"].implode()))
    assert_frame_equal(same, rated, check_row_order=False)


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ("2026-02", "2026-03", True),
        ("2026-W07", "2026-W09", True),
        ("2026-02", "2026-W09", False),
        ("2026-02-01..2026-02-28", "2026-03", True),
        ("2026-02-02..2026-03-01", "2026-02", False),
        ("2026-10-05", "2026-10-06", True),
        ("2026-10-05", "2026-W41", False),
    ],
)
def test_only_periods_of_one_kind_are_held_against_each_other(one: str, other: str, are: bool) -> None:
    today = date(2027, 1, 1)
    assert parsed(one, today=today).is_like(parsed(other, today=today)) is are
