"""What came in by day, week and month, and by day and QR code."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given

from attribution.costs import priced_spend
from attribution.reports.daily_per_qr import daily_per_qr
from attribution.reports.revenue_over_time import days_of_data, revenue_over_time
from attribution.schemas.daily_per_qr import DailyPerQr
from attribution.schemas.revenue_over_time import GRAINS, RevenueOverTime
from tests.reports.worlds import (
    FEW,
    MODELS,
    Tables,
    assert_earned_the_same,
    assert_scanned_the_same,
    conversions,
    credited,
    per_qr,
    sessions,
    tables_of,
)
from tests.stages.drawn import assert_drawn, fx, qr_codes, scans, spend
from tests.stages.random_worlds import worlds

BERLIN = "Europe/Berlin"
MAY_1, MAY_5 = date(2026, 5, 1), date(2026, 5, 5)
"""A Friday, and the Tuesday after it."""
SESSIONS = """
    scan_session_id | qr_code_id | scanned_at  | event_count
    s1              | q1         | 09:00       | 1
    s2              | q2         | +1d 09:00   | 1
    s3              | -          | +1d 10:00   | 1
    s4              | q1         | +3d 09:00   | 0
"""
CONVERSIONS = """
    conversion_id | is_refund | converted_at | unattributed_reason
    c1            | no        | 10:00        | -
    c2            | no        | +3d 10:00    | -
    r1            | yes       | +4d 10:00    | -
    u1            | no        | +1d 10:00    | outside_window
"""
CREDITS = """
    conversion_id | scan_session_id | qr_code_id | amount_reporting
    c1            | s1              | q1         | 10
    c2            | s2              | q2         | 20
    r1            | s1              | q1         | -3
"""
DRAWN: Tables = {
    "scan_sessions": sessions(SESSIONS),
    "scans": scans("scan_session_id | scanned_at\ns1 | 09:00\ns4 | +3d 09:00"),
    "qr_codes": qr_codes("qr_code_id | campaign\nq1 | a\nq2 | b"),
    "conversions": conversions(CONVERSIONS),
    "credits": credited(CREDITS),
}
NOTHING: Tables = {
    "scan_sessions": sessions(),
    "scans": scans(),
    "qr_codes": qr_codes(),
    "conversions": conversions(),
    "credits": credited(),
}


def priced(drawing: str = "qr_code_id", codes: str = "qr_code_id") -> pl.LazyFrame:
    return priced_spend(spend(drawing), qr_codes(codes), fx("currency | date | rate\nEUR | +0d | 2"), "USD")


def over_time(
    tables: Tables,
    first: date = MAY_1,
    last: date = MAY_5,
    *,
    items: pl.LazyFrame | None = None,
    time_zone: str = "UTC",
    has_scans: bool = True,
    model: str = "scan_session",
) -> pl.DataFrame:
    rows = revenue_over_time(
        *(tables[name] for name in ("scan_sessions", "scans", "conversions", "credits")),
        priced() if items is None else items,
        first_day=first,
        last_day=last,
        model=model,
        currency="USD",
        time_zone=time_zone,
        has_scans=has_scans,
    )
    return RevenueOverTime.checked(rows).collect()


def daily(
    tables: Tables, *, time_zone: str = "UTC", has_scans: bool = True, model: str = "scan_session"
) -> pl.DataFrame:
    names = ("scan_sessions", "scans", "qr_codes", "conversions", "credits")
    rows = daily_per_qr(
        *(tables[name] for name in names), model=model, currency="USD", time_zone=time_zone, has_scans=has_scans
    )
    return DailyPerQr.checked(rows).collect()


def of(grain: str, found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("grain") == grain)


def test_every_day_of_the_range_has_a_row_and_money_counts_on_its_own_day() -> None:
    assert_drawn(
        of("day", over_time(DRAWN)),
        """
        starts_on | scans | scan_sessions | conversions | revenue | is_partial
        +0d       | 1     | 1             | 1           | 10      | no
        +1d       | 0     | 2             | 0           | 0       | no
        +2d       | 0     | 0             | 0           | 0       | no
        +3d       | 1     | 0             | 1           | 20      | no
        +4d       | 0     | 0             | 0           | -3      | no
        """,
        in_order=True,
    )


def test_weeks_begin_on_monday_and_say_if_the_range_cuts_them() -> None:
    assert_drawn(
        of("week", over_time(DRAWN, last=date(2026, 5, 10))),
        """
        starts_on           | scan_sessions | conversions | revenue | is_partial
        2026-04-27T00:00:00 | 3             | 1           | 10      | yes
        2026-05-04T00:00:00 | 0             | 1           | 17      | no
        """,
        in_order=True,
    )


def test_a_month_is_whole_where_the_range_holds_all_its_days() -> None:
    for last, is_partial in ((date(2026, 5, 30), True), (date(2026, 5, 31), False)):
        assert of("month", over_time(DRAWN, last=last))["is_partial"].to_list() == [is_partial]
    assert of("month", over_time(DRAWN, first=date(2026, 4, 30)))["is_partial"].to_list() == [True, True]


def test_changes_are_against_the_row_before_and_null_on_nothing() -> None:
    assert_drawn(
        of("day", over_time(DRAWN)),
        """
        starts_on | revenue_previous | revenue_change_pct | scan_sessions_change_pct
        +0d       | -                | -                  | -
        +1d       | 10               | -100               | 100
        +2d       | 0                | -                  | -100
        +3d       | 0                | -                  | -
        +4d       | 20               | -115               | -
        """,
        in_order=True,
    )


def test_the_first_row_of_each_grain_has_nothing_before_it() -> None:
    found = over_time(DRAWN)
    assert found["grain"].unique(maintain_order=True).to_list() == list(GRAINS)
    assert found.group_by("grain").agg(pl.col("revenue_previous").first())["revenue_previous"].null_count() == 3


def test_what_lies_outside_the_range_is_left_out() -> None:
    found = over_time(DRAWN, date(2026, 5, 2), date(2026, 5, 4))
    for grain in GRAINS:
        assert of(grain, found)["revenue"].sum() == 20
    assert over_time(DRAWN, MAY_5, MAY_1).height == 0


def test_cost_is_the_spend_of_the_days_and_null_where_some_has_no_rate() -> None:
    items = priced(
        """
        qr_code_id | campaign | date | amount | currency
        q1         | -        | +0d  | 5      | -
        -          | a        | +0d  | 1.50   | EUR
        q1         | -        | +3d  | 5      | CHF
        q1         | -        | +99d | 7      | -
        """,
        "qr_code_id | cost\nq1 | 100",
    )
    found = over_time(DRAWN, items=items)
    assert of("day", found)["cost"].to_list() == [Decimal(8), Decimal(0), Decimal(0), None, Decimal(0)]
    assert of("week", found)["cost"].to_list() == [Decimal(8), None]
    assert of("month", found)["cost"].to_list() == [None]


def test_cost_is_null_without_any_spend() -> None:
    found = over_time(DRAWN)
    assert found["cost"].null_count() == found.height


def test_days_are_cut_in_the_time_zone() -> None:
    """At 22:00 UTC in summer it is midnight in Berlin; in UTC the same minute belongs to the day before."""
    late = DRAWN | {
        "scan_sessions": sessions("scan_session_id | scanned_at\ns1 | 21:59:59\ns2 | 22:00"),
        "scans": scans("scan_session_id | scanned_at\ns1 | 21:59:59\ns2 | 22:00"),
        "conversions": conversions("conversion_id | converted_at\nc1 | 21:59:59\nc2 | 22:00"),
    }
    found = of("day", over_time(late, time_zone=BERLIN, last=date(2026, 5, 2)))
    assert_drawn(
        found, "starts_on | scans | scan_sessions | conversions | revenue\n+0d | 1 | 1 | 1 | 10\n+1d | 1 | 1 | 1 | 20"
    )
    assert found["time_zone"].unique().to_list() == [BERLIN]
    assert_drawn(of("day", over_time(late)).head(1), "scans | scan_sessions | conversions | revenue\n2 | 2 | 2 | 30")
    assert_drawn(
        daily(late, time_zone=BERLIN),
        "day | qr_code_id | scans | revenue\n+0d | q1 | 1 | 10\n+1d | q1 | 1 | 0\n+1d | q2 | 0 | 20",
    )


def test_the_day_on_which_clocks_change_has_25_hours() -> None:
    times = ("2026-10-24T22:00:00", "2026-10-25T22:59:59", "2026-10-25T23:00:00")
    tables = NOTHING | {
        "scan_sessions": sessions(
            "scan_session_id | scanned_at\n" + "\n".join(f"s{number} | {at}" for number, at in enumerate(times))
        )
    }
    found = of("day", over_time(tables, date(2026, 10, 24), date(2026, 10, 26), time_zone=BERLIN))
    assert found["scan_sessions"].to_list() == [0, 2, 1]


def test_scans_are_null_without_a_scan_export() -> None:
    for found in (over_time(DRAWN, has_scans=False), daily(DRAWN, has_scans=False)):
        assert found["scans"].null_count() == found.height > 0
        assert found["scan_sessions"].sum() > 0


def test_an_empty_world_is_all_zeros_over_time_and_no_row_per_code() -> None:
    found = over_time(NOTHING, has_scans=False)
    assert of("day", found).select("scan_sessions", "conversions", "revenue").unique().rows() == [(0, 0.0, Decimal(0))]
    assert found.height == 5 + 2 + 1
    assert daily(NOTHING).height == 0


def test_a_day_and_code_has_a_row_where_something_happened() -> None:
    assert_drawn(
        daily(DRAWN),
        """
        day | qr_code_id | campaign | scans | scan_sessions | conversions | revenue
        +0d | q1         | a        | 1     | 1             | 1           | 10
        +1d | q2         | b        | 0     | 1             | 0           | 0
        +1d | unlinked   | -        | 0     | 1             | 0           | 0
        +3d | q1         | a        | 1     | 0             | 0           | 0
        +3d | q2         | b        | 0     | 0             | 1           | 20
        +4d | q1         | a        | 0     | 0             | 0           | -3
        """,
        in_order=True,
    )


def test_the_days_of_the_data_are_local_and_leave_out_what_is_not_attributed() -> None:
    tables = DRAWN["scan_sessions"], conversions(CONVERSIONS.replace("+4d 10:00", "+4d 23:00")), priced()
    assert days_of_data(*tables, time_zone="UTC") == (MAY_1, MAY_5)
    assert days_of_data(*tables, time_zone=BERLIN) == (MAY_1, date(2026, 5, 6))
    stray = conversions("conversion_id | converted_at | unattributed_reason\nu1 | +99d | outside_window")
    assert days_of_data(DRAWN["scan_sessions"], stray, priced(), time_zone="UTC") == (MAY_1, date(2026, 5, 4))
    assert days_of_data(NOTHING["scan_sessions"], NOTHING["conversions"], priced(), time_zone="UTC") is None


def test_the_days_of_the_data_begin_with_what_was_spent_before_and_end_with_what_was_seen() -> None:
    tables = DRAWN["scan_sessions"], DRAWN["conversions"]
    spent = priced("qr_code_id | date | amount\nq1 | 2026-04-22T00:00:00 | 5\nq1 | +9d | 7")
    first, last = days_of_data(*tables, spent, time_zone="UTC") or (MAY_1, MAY_1)
    assert (first, last) == (date(2026, 4, 22), MAY_5)
    for grain in GRAINS:
        found = of(grain, over_time(DRAWN, first, last, items=spent))
        assert found["cost"].sum() == Decimal(5)
        assert found["is_partial"].to_list()[-1] == (grain != "day")
    assert days_of_data(NOTHING["scan_sessions"], NOTHING["conversions"], spent, time_zone="UTC") is None
    fixed = priced(codes="qr_code_id | cost\nq1 | 5")
    assert days_of_data(*tables, fixed, time_zone="UTC") == (MAY_1, MAY_5)


@given(world=worlds())
@FEW
def test_every_grain_adds_up_to_revenue_per_qr(world: Tables) -> None:
    tables = tables_of(world)
    zone = "America/New_York"
    first, last = days_of_data(tables["scan_sessions"], tables["conversions"], priced(), time_zone=zone) or (
        MAY_1,
        MAY_5,
    )
    for model in MODELS:
        found = over_time(tables, first, last, time_zone=zone, model=model)
        for grain in GRAINS:
            assert_earned_the_same(of(grain, found), tables, model)
            assert_scanned_the_same(of(grain, found), tables)


@given(world=worlds())
@FEW
def test_the_days_of_a_code_add_up_to_its_row(world: Tables) -> None:
    tables = tables_of(world)
    measures = ("scans", "scan_sessions", "conversions", "revenue")
    for model in MODELS:
        found = daily(tables, time_zone="Asia/Kolkata", model=model)
        assert_earned_the_same(found, tables, model)
        per_code = found.group_by("qr_code_id").agg(pl.col(measures).sum())
        rows = per_qr(tables, model).filter(pl.col("qr_code_id") != "unlinked")
        both = rows.join(per_code, on="qr_code_id", how="left", suffix="_daily")
        for row in both.rows(named=True):
            assert [row[name] or 0 for name in measures] == pytest.approx(
                [row[f"{name}_daily"] or 0 for name in measures]
            )
