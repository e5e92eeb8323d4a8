"""What each QR code cost."""

from datetime import date
from decimal import Decimal

import polars as pl

from attribution.costs import Allocate, cost_items_per_qr, cost_per, priced_spend
from attribution.schemas.fx import Fx
from tests.stages.drawn import assert_drawn, fx, qr_codes, scans, spend

CODES = "qr_code_id | campaign\nq1 | alone\nq2 | many\nq3 | many\nq4 | many\nq5 | -"


def costs(
    spent: str,
    codes: str = CODES,
    *,
    scanned: str = "scan_session_id",
    rates: str = "currency",
    allocate: Allocate = "none",
) -> pl.DataFrame:
    listed = qr_codes(codes)
    priced = priced_spend(spend(spent), listed, fx(rates), "USD")
    items = cost_items_per_qr(priced, listed, scans(scanned), allocate=allocate, currency="USD")
    return cost_per("qr_code_id", items).collect()


def test_spend_on_a_code_and_its_fixed_cost_add_up() -> None:
    found = costs(
        "qr_code_id | campaign | amount\nq1 | - | 5\nq1 | alone | 7\nq9 | - | 1",
        "qr_code_id | cost | currency\nq1 | 100 | USD\nq2 | 3 | -",
    )
    assert_drawn(found, "qr_code_id | cost\nq1 | 112\nq2 | 3\nq9 | 1")


def test_spend_on_a_campaign_is_its_codes_only_if_it_has_one() -> None:
    found = costs("campaign | amount\nalone | 5\nalone | 1\nmany | 7\nunheard | 9")
    assert_drawn(found, "qr_code_id | cost\nq1 | 6")


def test_spend_on_a_code_that_names_its_campaign_too_is_that_codes_alone_and_counts_once() -> None:
    spent = "qr_code_id | campaign | amount\nq1 | alone | 7\nq2 | many | 9"
    assert_drawn(costs(spent), "qr_code_id | cost\nq1 | 7\nq2 | 9")
    assert_drawn(costs(spent, allocate="equal"), "qr_code_id | cost\nq1 | 7\nq2 | 9")


def test_spend_on_a_campaign_is_shared_out_equally_to_the_last_cent() -> None:
    found = costs("campaign | amount\nmany | 10\nalone | 5", allocate="equal")
    assert_drawn(found, "qr_code_id | cost\nq1 | 5\nq2 | 3.34\nq3 | 3.33\nq4 | 3.33")


def test_spend_on_a_campaign_is_shared_out_each_day_by_itself() -> None:
    found = costs("campaign | amount | date\nmany | 0.10 | +0d\nmany | 0.10 | +1d", allocate="equal")
    assert_drawn(found, "qr_code_id | cost\nq2 | 0.08\nq3 | 0.06\nq4 | 0.06")


def test_spend_on_a_campaign_is_shared_out_by_scans_and_a_code_without_scans_gets_nothing() -> None:
    found = costs(
        "campaign | amount\nmany | 0.03\nalone | 5",
        scanned="scan_session_id | qr_code_id\na | q3\nb | q4\nc | q5",
        allocate="scans",
    )
    assert_drawn(found, "qr_code_id | cost\nq1 | 5\nq2 | 0\nq3 | 0.02\nq4 | 0.01")


def test_the_only_scan_of_a_campaign_takes_all_that_is_shared_out_by_scans() -> None:
    found = costs("campaign | amount\nmany | 10", scanned="scan_session_id | qr_code_id\na | q3", allocate="scans")
    assert_drawn(found, "qr_code_id | cost\nq2 | 0\nq3 | 10\nq4 | 0")


def test_where_no_code_of_a_campaign_was_scanned_what_falls_on_each_is_not_known() -> None:
    spent = "qr_code_id | campaign | amount\n- | many | 0.03\nq2 | - | 9\n- | alone | 5"
    assert_drawn(costs(spent, allocate="scans"), "qr_code_id | cost\nq1 | 5\nq2 | -\nq3 | -\nq4 | -")


def test_a_day_of_absurd_spend_is_shared_out_like_any_other() -> None:
    spent = "campaign | amount" + "\nalone | 11000000000000" * 10
    assert_drawn(costs(spent, allocate="equal"), "qr_code_id | cost\nq1 | 110000000000000")


def test_what_is_left_over_goes_to_the_largest_remainders() -> None:
    found = costs(
        "campaign | amount\nmany | 0.10",
        scanned="scan_session_id | qr_code_id\na | q2\nb | q3\nc | q4\nd | q4\ne | q4\nf | q4",
        allocate="scans",
    )
    assert_drawn(found, "qr_code_id | cost\nq2 | 0.02\nq3 | 0.02\nq4 | 0.06")
    tipped = costs(
        "campaign | amount\nmany | 0.11",
        scanned="scan_session_id | qr_code_id\na | q2\nb | q3\nc | q4\nd | q4",
        allocate="scans",
    )
    assert_drawn(tipped, "qr_code_id | cost\nq2 | 0.03\nq3 | 0.03\nq4 | 0.05")


def test_absurd_spend_on_a_campaign_of_very_many_scans_is_shared_out_to_the_cent() -> None:
    scanned = pl.LazyFrame({"qr_code_id": ["q2"] * 999_999 + ["q3", "q4"]})
    listed = qr_codes(CODES)
    priced = priced_spend(spend("campaign | amount\nmany | 900000000000.03"), listed, fx("currency"), "USD")
    items = cost_items_per_qr(priced, listed, scanned, allocate="scans", currency="USD")
    assert_drawn(
        cost_per("qr_code_id", items).collect(),
        "qr_code_id | cost\nq2 | 899998200001.83\nq3 | 899999.10\nq4 | 899999.10",
    )


def test_spend_is_converted_at_its_day_and_a_fixed_cost_at_the_latest_rate() -> None:
    rates = "currency | date | rate\nEUR | +0d | 1.1\nEUR | +9d | 1.5"
    found = costs(
        "qr_code_id | amount | currency | date\nq1 | 10 | EUR | +2d\nq3 | 10 | - | +2d",
        "qr_code_id | cost | currency\nq2 | 10 | EUR",
        rates=rates,
    )
    assert_drawn(found, "qr_code_id | cost\nq1 | 11\nq2 | 15\nq3 | 10")


def test_a_cost_of_which_a_part_has_no_rate_is_not_known() -> None:
    found = costs(
        """
        qr_code_id | campaign | amount | currency
        q1         | -        | 5      | USD
        q1         | -        | 5      | CHF
        q5         | -        | 5      | USD
        -          | many     | 5      | USD
        -          | many     | 5      | CHF
        """,
        allocate="equal",
    )
    assert_drawn(found, "qr_code_id | cost\nq1 | -\nq2 | -\nq3 | -\nq4 | -\nq5 | 5")


def test_a_fixed_cost_is_converted_at_the_latest_rate_of_a_currency_that_has_ended() -> None:
    rates = pl.DataFrame(
        {"date": [date(2025, 12, 31), date(2026, 1, 15)], "currency": ["BGN"] * 2, "rate": [Decimal("0.5"), None]},
        schema=Fx.dtypes(),
    ).lazy()
    listed = qr_codes("qr_code_id | cost | currency\nq1 | 100 | BGN")
    spent = spend("qr_code_id | amount | currency | date\nq1 | 8 | BGN | 2026-03-01T00:00:00")
    assert priced_spend(spent, listed, rates, "USD").collect()["amount_reporting"].to_list() == [None, 50]
