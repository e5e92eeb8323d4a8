"""Money: exact, rounded once, converted at the day's rate or not at all."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from attribution.days import expr_day, expr_seconds
from attribution.fx import ecb_rates, reporting_amount, total, total_reporting
from attribution.money import AMOUNT, exact_text, expr_share, rounded
from attribution.schemas.fx import Fx
from attribution.settings import Settings
from tests.stages.drawn import DAY, assert_drawn, events, fx, moment, ran, scans


def converted(
    amount: str, currency: str, at: str, rates: str, reporting: str = "USD", zone: str = "UTC"
) -> Decimal | None:
    rows = pl.LazyFrame(
        {"amount": [Decimal(amount)], "currency": [currency], "converted_at": [moment(at)]},
        schema_overrides={"amount": AMOUNT},
    )
    priced = reporting_amount(rows, fx(rates), reporting, expr_day("converted_at", zone))
    return priced.collect()["amount_reporting"].item()


RATES = """
    currency | date | rate
    EUR      | +0d  | 1.1
    EUR      | +3d  | 1.2
    GBP      | +3d  | 1.3
    USD      | +0d  | 5
"""


@pytest.mark.parametrize(
    ("currency", "at", "expected"),
    [
        ("EUR", "00:00", "11"),
        ("EUR", "+2d 23:59:59", "11"),  # no rate at the weekend: the day before
        ("EUR", "+3d 00:00", "12"),
        ("EUR", "+300d", "12"),
        ("EUR", "2026-04-30T23:59:59", None),  # no earlier rate
        ("GBP", "10:00", None),
        ("CHF", "+9d", None),
        ("USD", "10:00", "10"),
    ],
)
def test_the_rate_is_that_of_the_day_else_the_latest_before_and_never_one_to_one(
    currency: str, at: str, expected: str | None
) -> None:
    assert converted("10", currency, at, RATES) == (Decimal(expected) if expected else None)


def test_the_order_of_rows_and_that_of_rates_do_not_matter() -> None:
    times = [moment(text) for text in ("+4d", "10:00", "+2d", "+3d")]
    rows = pl.LazyFrame(
        {"amount": [Decimal(10)] * 4, "currency": ["EUR"] * 4, "day": times}, schema_overrides={"amount": AMOUNT}
    )
    rates = fx("currency | date | rate\nEUR | +3d | 1.3\nEUR | +0d | 1.0\nEUR | +1d | 1.1")
    priced = reporting_amount(rows, rates, "USD", pl.col("day").dt.date()).collect()
    assert dict(priced.select("day", "amount_reporting").rows()) == dict(zip(times, (13, 10, 11, 13), strict=True))


@pytest.mark.parametrize(
    ("amount", "currency", "reporting", "expected"),
    [
        ("0.1250", "USD", "USD", "0.12"),
        ("0.1350", "USD", "USD", "0.14"),
        ("-0.1250", "USD", "USD", "-0.12"),
        ("2.5", "JPY", "JPY", "2"),
        ("3.5", "JPY", "JPY", "4"),
        ("1.2345", "KWD", "KWD", "1.234"),
        ("199.99", "RSD", "RSD", "199.99"),
        ("0.0015", "IQD", "IQD", "0.002"),
        ("0.0100", "EUR", "USD", "0.01"),
    ],
)
def test_money_is_rounded_half_to_even_to_the_minor_unit(
    amount: str, currency: str, reporting: str, expected: str
) -> None:
    assert converted(amount, currency, "10:00", "currency | rate\nEUR | 1.4999", reporting) == Decimal(expected)
    if currency == reporting:
        assert rounded(Decimal(amount), currency) == Decimal(expected)


def test_the_product_is_rounded_once_and_not_the_amount_before_it() -> None:
    assert converted("0.005", "EUR", "10:00", "currency | rate\nEUR | 2.9999999999") == Decimal("0.01")
    assert converted("1", "EUR", "10:00", "currency | rate\nEUR | 0.0049999999") == Decimal("0.00")
    assert converted("1", "EUR", "10:00", "currency | rate\nEUR | 0.0050000001") == Decimal("0.01")


def test_cents_are_not_lost_in_amounts_that_a_float_cannot_hold() -> None:
    for amount in ("11258999068426.23", "11258999068426.24"):
        assert converted(amount, "USD", "10:00", "currency") == Decimal(amount)
    assert converted("500000000", "IRR", "10:00", "currency | rate\nIRR | 0.00000083333333") == Decimal("416.67")


@pytest.mark.parametrize(("amount", "currency"), [("99999999999999", "EUR"), ("11258999068426.25", "USD")])
def test_an_amount_too_large_in_the_reporting_currency_is_not_converted(amount: str, currency: str) -> None:
    assert converted(amount, currency, "10:00", "currency | rate\nEUR | 3") is None


def test_an_amount_too_large_to_be_multiplied_is_not_converted() -> None:
    assert converted("99999999999999", "EUR", "10:00", "currency | rate\nEUR | 1500000", "IRR") is None


@pytest.mark.parametrize(("zone", "expected"), [("UTC", "11"), ("Asia/Tokyo", "12"), ("America/New_York", "11")])
def test_the_day_of_the_rate_is_that_of_the_reporting_zone(zone: str, expected: str) -> None:
    assert converted("10", "EUR", "+2d 20:00", RATES, zone=zone) == Decimal(expected)


def test_the_stage_takes_the_reporting_zones_day() -> None:
    settings = Settings.model_validate({"report": {"time_zone": "Asia/Tokyo"}})
    tables = ran(
        "conversions",
        settings,
        events=events("""
            event_id | source | event_name | scan_session_id | amount | currency | occurred_at
            a        | server | purchase   | s1              | 10     | EUR      | +2d 20:00
        """),
        scans=scans("scan_session_id\ns1"),
        fx=fx(RATES),
    )
    assert_drawn(tables["conversions"], "event_id | amount_reporting\na | 12")


def test_what_an_absurd_amount_earned_is_shared_out_to_the_cent() -> None:
    tables = ran(
        "attribute",
        events=events("""
            event_id | source | event_name | scan_session_id | amount           | currency
            a        | server | purchase   | s1              | 1767225600000.05 | USD
            b        | server | purchase   | s1              | 99999999999999   | USD
        """),
        scans=scans("scan_session_id\ns1"),
    )
    credited = tables["credits"].filter(pl.col("model") == "scan_session").sort("conversion_id")
    assert credited["amount_reporting"].to_list() == [Decimal("1767225600000.05"), None]


def test_a_total_has_room_for_any_number_of_amounts() -> None:
    amounts = pl.Series("amount", [Decimal("99999999999999.99")] * 1000, AMOUNT)
    assert amounts.to_frame().select(total(pl.col("amount"))).item() == Decimal("99999999999999990.00")
    assert amounts.head(0).to_frame().select(total(pl.col("amount"))).item() == 0


def test_a_total_is_unknown_only_where_there_are_amounts_and_for_none_of_them_a_rate() -> None:
    rows = pl.DataFrame(
        [("none", None), ("one", 5), ("one", None), ("some", 5), ("some", 3)],
        schema={"group": pl.String, "amount": AMOUNT},
        orient="row",
    )
    priced = rows.with_columns(amount_reporting=pl.when(pl.col("amount") == 3).then("amount"))
    found = priced.group_by("group").agg(total_reporting().alias("total"))
    assert dict(found.rows()) == {"none": 0, "one": None, "some": 3}


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("1234.5", "USD", "1,234.50"), ("0.0375", "USD", "0.0375"), ("1000.0000", "JPY", "1,000"), ("0.5", "JPY", "0.5")],
)
def test_an_amount_is_written_with_all_its_places_and_at_least_those_of_its_minor_unit(
    amount: str, currency: str, text: str
) -> None:
    assert exact_text(Decimal(amount), currency) == text


def test_what_has_no_rate_is_listed_in_its_own_currency() -> None:
    tables = ran(
        "conversions",
        events=events("""
            event_id | source | event_name | scan_session_id | amount | currency
            a        | server | purchase   | s1              | 5      | CHF
            r        | server | refund     | s1              | -2     | CHF
            b        | server | purchase   | s1              | 5      | USD
        """),
        scans=scans("scan_session_id\ns1"),
    )
    assert_drawn(tables["conversions"], "event_id | amount_reporting\na | -\nr | -\nb | 5")


def test_the_librarys_rates_hold_over_the_weekend_and_name_no_currency_that_the_bank_does_not_quote() -> None:
    sunday = moment("2024-03-03T10:00:00").date()
    rates = ecb_rates({"EUR", "USD", "KWD"}, "USD", sunday, sunday)
    assert set(rates["currency"]) == {"EUR"}
    assert rates["date"].max() == moment("2024-03-01T10:00:00").date()
    assert ecb_rates({"EUR"}, "KWD", DAY, DAY).is_empty()


def test_a_rate_between_two_currencies_of_the_library_is_exact_to_its_last_place() -> None:
    """About 20,000 rupiah: a float would be off in the last two of its fourteen places."""
    friday = date(2024, 3, 1)
    rupiah, pound, crossed = (
        ecb_rates({currency}, into, friday, friday).filter(date=friday)["rate"].item()
        for currency, into in (("EUR", "IDR"), ("EUR", "GBP"), ("GBP", "IDR"))
    )
    assert crossed == round(rupiah / pound, 14)


def test_days_behind_the_librarys_last_have_its_last_rate_and_a_currency_without_a_day_as_well() -> None:
    from currency_converter import CurrencyConverter

    newest = CurrencyConverter().bounds["USD"].last_date
    later = newest + timedelta(days=200)
    for first, last in ((later, later), (None, None)):
        rates = ecb_rates({"EUR", "HRK"}, "USD", first, last)
        assert rates["date"].max() == newest
        assert {*rates["currency"]} == {"EUR"}, "a currency that is gone has no rate of years ago"


@pytest.mark.parametrize("first", ["2022-02-20", "2022-03-10", "2024-01-01"])
def test_a_rate_that_is_quoted_no_more_ends_whatever_other_days_are_wanted(first: str) -> None:
    """The bank's last rouble is of 1 March 2022."""
    rates = ecb_rates({"RUB"}, "USD", date.fromisoformat(first), date(2026, 3, 1))
    for at, has_rate in (("2022-03-15", True), ("2022-03-16", False), ("2026-03-01", False)):
        rows = pl.LazyFrame(
            {"amount": [Decimal(1000)], "currency": ["RUB"], "day": [date.fromisoformat(at)]},
            schema_overrides={"amount": AMOUNT},
        )
        if at >= first:
            worth = reporting_amount(rows, Fx.checked(rates.lazy()), "USD", pl.col("day")).collect()
            assert worth["amount_reporting"].is_not_null().item() is has_rate


def test_a_share_does_not_hang_on_the_batch_that_it_is_in() -> None:
    amounts = [Decimal(number * 7919 % 999_983) / 10_000 for number in range(1, 2_001)]
    whole, table = sum(amounts), pl.LazyFrame({"part": amounts}, schema={"part": AMOUNT})
    together = table.select(share=expr_share(pl.col("part"), pl.lit(whole))).collect()["share"]
    alone = [
        table.slice(row, 1).select(share=expr_share(pl.col("part"), pl.lit(whole))).collect()["share"][0]
        for row in range(0, 2_000, 7)
    ]
    assert together[::7].to_list() == alone
    assert together.to_list() == pytest.approx([float(amount / whole) for amount in amounts], abs=1e-12)
    assert table.select(expr_share(pl.col("part"), pl.lit(0))).collect()["part"].null_count() == 2_000


def test_a_part_of_a_negative_whole_is_a_share_as_well() -> None:
    part, whole = (pl.lit(Decimal(amount)) for amount in ("-2.5", "-10"))
    assert pl.select(expr_share(part, whole)).item() == 0.25


def test_seconds_do_not_hang_on_the_batch_that_they_are_in() -> None:
    spans = pl.LazyFrame({"us": range(1_000_003, 1_000_000_000_000, 1_234_567_891)})
    seconds = expr_seconds(pl.duration(microseconds="us"))
    together = spans.select(seconds=seconds).collect()["seconds"]
    alone = [spans.slice(row, 1).select(seconds=seconds).collect()["seconds"][0] for row in range(together.len())]
    assert together.to_list() == alone
