"""Amount and currency of a conversion."""

import polars as pl

from attribution.money import EXACT_DIGITS, SCALE, is_currency
from attribution.parse import expr_decimal_places, expr_significant_digits
from attribution.row_kinds import is_server
from attribution.rules.rule import rule


@rule("amount", raw="reject", stored="reject")
def amount_not_a_number() -> pl.Expr:
    """A conversion value that is not a decimal number, or has more than 14 digits before the point."""
    return pl.col("amount_text").is_not_null() & pl.col("amount").is_null()


@rule("amount", raw="reject", stored="info")
def amount_missing() -> pl.Expr:
    """A currency without an amount on a server event."""
    return is_server() & pl.col("currency").is_not_null() & pl.col("amount_text").is_null()


@rule("currency", raw="reject", stored="error")
def currency_missing() -> pl.Expr:
    """An amount without a currency."""
    return pl.col("amount").is_not_null() & pl.col("currency").is_null()


@rule("currency", raw="reject", stored="reject")
def currency_not_iso_4217() -> pl.Expr:
    """A currency that is not an ISO 4217 code."""
    return ~is_currency("currency")


def _is_long() -> pl.Expr:
    """The amount's text has room for more places than are kept, or an exponent."""
    text = pl.col("amount_text")
    return (text.str.len_bytes() > SCALE) | text.str.contains("[eE]")


@rule("amount", raw="warning", stored="warning", among=_is_long)
def amount_digits_inexact() -> pl.Expr:
    """More significant digits than a JSON number carries exactly, or more decimal places than are kept. Read rounded."""
    text = pl.col("amount_text")
    return (expr_significant_digits(text) > EXACT_DIGITS) | (expr_decimal_places(text) > SCALE)
