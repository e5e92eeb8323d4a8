"""The payback day: from when on revenue to date covers cost to date."""

from datetime import date

import polars as pl
import pytest

from attribution.money import AMOUNT, TOTAL
from attribution.payback import costs_paid_back, daily_revenue
from tests.stages.drawn import assert_drawn, cells, events, ran, scans, value


def paid_back(spent: str, earned: str) -> pl.DataFrame:
    def drawn(drawing: str, column: str, dtype: pl.DataType) -> pl.LazyFrame:
        schema = {"qr_code_id": pl.String(), "date": pl.Date(), column: dtype}
        rows = [{name: value(cell, schema[name]) for name, cell in row.items()} for row in cells(drawing)]
        return pl.LazyFrame(rows, schema=schema)

    items = drawn("qr_code_id | date | cost\n" + spent, "cost", AMOUNT)
    return costs_paid_back(items, drawn("qr_code_id | date | revenue\n" + earned, "revenue", TOTAL)).collect()


def test_where_the_revenue_is_not_all_there_the_cost_alone_is_told() -> None:
    schema = {"qr_code_id": pl.String, "date": pl.Date, "cost": AMOUNT}
    items = pl.LazyFrame([("q1", date(2026, 5, 1), 4)], schema=schema, orient="row")
    assert_drawn(costs_paid_back(items, None).collect(), "qr_code_id | cost | payback_day\nq1 | 4 | -")


@pytest.mark.parametrize(
    ("spent", "earned", "cost", "day"),
    [
        ("q1 | +1d | 10", "q1 | +1d | 10", "10", "+1d"),
        ("q1 | +1d | 10", "q1 | +2d | 4\nq1 | +5d | 6", "10", "+5d"),
        ("q1 | +1d | 10", "q1 | +2d | 9.99", "10", "-"),
        ("q1 | +1d | 10", "", "10", "-"),
        ("q1 | +1d | 10\nq1 | +4d | 10", "q1 | +2d | 12\nq1 | +6d | 8", "20", "+6d"),
        ("q1 | +1d | 10\nq1 | +4d | 10", "q1 | +2d | 20", "20", "+2d"),
        ("q1 | +1d | 10", "q1 | +2d | 12\nq1 | +3d | -5\nq1 | +9d | 3", "10", "+9d"),
        ("q1 | +3d | 10", "q1 | +1d | 15", "10", "+3d"),
        ("q1 | - | 10", "q1 | +1d | 4\nq1 | +2d | 6", "10", "+2d"),
        ("q1 | +1d | -", "q1 | +1d | 99", "-", "-"),
        ("q1 | +1d | 0", "q1 | +1d | 99", "0", "-"),
        ("q1 | +1d | 10", "q2 | +1d | 10", "10", "-"),
    ],
)
def test_the_payback_day_is_the_first_from_which_the_balance_stays_above_nothing(
    spent: str, earned: str, cost: str, day: str
) -> None:
    assert_drawn(paid_back(spent, earned), f"qr_code_id | cost | payback_day\nq1 | {cost} | {day}")


def test_codes_of_no_campaign_are_paid_back_as_any_campaign_is() -> None:
    assert_drawn(
        paid_back("- | +1d | 10\nq1 | +1d | 10", "- | +3d | 10\nq1 | +2d | 10"),
        "qr_code_id | cost | payback_day\n- | 10 | +3d\nq1 | 10 | +2d",
    )


def test_revenue_counts_on_its_day_in_the_zone() -> None:
    rows = events(
        """
        scan_session_id | source  | amount | occurred_at
        s1              | browser | -      | 21:00
        s1              | server  | 5      | 22:30
        s1              | server  | -2     | +1d 12:00
        """
    )
    made = ran("report", events=rows, scans=scans("scan_session_id\ns1"))
    codes = pl.LazyFrame({"qr_code_id": ["q1"]})
    tables = made["credits"].lazy(), made["conversions"].lazy()
    for zone, expected in (("UTC", {1: 5, 2: -2}), ("Europe/Berlin", {2: 3})):
        found = daily_revenue(codes, *tables, model="scan_session", time_zone=zone).collect()
        assert dict(found.select("date", "revenue").rows()) == {
            date(2026, 5, day): sum_ for day, sum_ in expected.items()
        }


def test_the_revenue_of_a_code_that_is_not_listed_is_that_of_no_campaign() -> None:
    rows = events(
        "scan_session_id | source | amount | qr_code_id\ns1 | server | 5 | -\ns2 | server | 7 | q9",
    )
    made = ran("report", events=rows, scans=scans("scan_session_id\ns1"))
    codes = pl.LazyFrame({"qr_code_id": ["q1"], "campaign": ["spring"]})
    tables = made["credits"].lazy(), made["conversions"].lazy()
    found = daily_revenue(codes, *tables, model="scan_session", time_zone="UTC").collect()
    assert_drawn(found, "campaign | revenue\nspring | 5\n- | 7")
