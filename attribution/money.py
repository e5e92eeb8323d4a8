"""Money: decimals with a currency beside them, never floats.

Amounts are kept in the currency's major unit with `SCALE` decimal places; money is shared out in whole minor units
(cents).
"""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Final

import polars as pl

from attribution.numbers import format_fixed

SCALE: Final = 4
"""Decimal places of every amount: no ISO 4217 currency in use has more."""
AMOUNT: Final = pl.Decimal(18, SCALE)
TOTAL: Final = pl.Decimal(38, SCALE)
RATE: Final = pl.Decimal(28, 14)
"""Leaves ten digits to the rate of a currency whose unit is worth a ten-thousandth: enough for the cents of a billion."""
MOST_UNITS: Final = 2**50
"""Minor units of the largest amount that can be shared out: beyond it a float share no longer tells one from the next."""
ISO_DIGITS: Final = {
    "IQD": 3,
    **dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2),
}
"""Where ISO 4217 (list one) has a minor unit that CLDR, which says how people write prices, leaves out."""
CREDIT_PLACES: Final = 12
CREDIT: Final = pl.Decimal(18, CREDIT_PLACES)
EXACT_DIGITS: Final = 15
"""Significant decimal digits that survive a JSON number's way through a binary float."""


@cache
def currencies() -> frozenset[str]:
    """The ISO 4217 codes, past and present, that name a currency (Unicode CLDR's list, as Babel ships it)."""
    from babel.numbers import list_currencies

    return frozenset(list_currencies()) - {"XXX", "XTS"}


def is_currency(column: str) -> pl.Expr:
    """The column holds an ISO 4217 code."""
    return pl.col(column).is_in(sorted(currencies()))


@cache
def minor_digits(currency: str) -> int:
    """How many decimal places the currency's minor unit has: 2 for USD, 0 for JPY, 3 for KWD (ISO 4217)."""
    from babel.numbers import get_currency_precision

    return min(ISO_DIGITS.get(currency) or get_currency_precision(currency), SCALE)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole minor units of the currency, ties to even."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), rounding=ROUND_HALF_EVEN)


def expr_rounded(amount: pl.Expr, digits: int) -> pl.Expr:
    """The amount rounded half to even to `digits` places, as `TOTAL`."""
    return amount.round(digits, mode="half_to_even").cast(TOTAL)


def format_amount(amount: Decimal | None, currency: str, locale: str = "en_US") -> str:
    """The amount as people write it in the locale; a dash where there is none."""
    from babel.numbers import format_currency

    return "–" if amount is None else format_currency(amount, currency, locale=locale)


def exact_text(amount: Decimal, currency: str, locale: str = "en_US") -> str:
    """The amount with all its places, at least those of the minor unit, in groups of three: 1,234.50; nothing is rounded."""
    exponent = amount.normalize().as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return format_fixed(amount, max(places, minor_digits(currency)), locale)


def expr_share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Part of a whole, to 12 places; null for a whole of 0.

    In decimals: Polars divides floats by a single value through its reciprocal, but a single float by a single float
    exactly, so that the last digit would depend on how rows are cut into batches.
    """
    exact = part.cast(pl.Decimal(38, CREDIT_PLACES)) / whole.cast(pl.Decimal(38, CREDIT_PLACES))
    return pl.when(whole != 0).then(exact.cast(pl.Float64))


def expr_per(amount: pl.Expr, count: pl.Expr) -> pl.Expr:
    """An amount per unit counted, to 4 places, ties to even; null for a count of 0."""
    exact = amount.cast(pl.Decimal(38, CREDIT_PLACES)) / count.cast(pl.Decimal(38, CREDIT_PLACES))
    return pl.when(count > 0).then(expr_rounded(exact, SCALE))
