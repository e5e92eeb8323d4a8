"""Money without an exchange rate, in words: how much, and which QR codes would have earned it. No figure includes it."""

from typing import Final

import polars as pl

from attribution import terms
from attribution.code_names import listed
from attribution.money import MOST_UNITS, exact_text

TOO_LARGE: Final = "; too large to be shared out"
"""Said of an amount that, at a rate near 1, has more cents than can be shared out (`money.MOST_UNITS`)."""
CENTS: Final = 100
NO_CODE: Final = "no known QR code"


def unpriced(unconverted: pl.DataFrame, per_qr: pl.DataFrame, locale: str = "en_US") -> tuple[str, str]:
    """Why money is in no figure, such as `No exchange rate, so not in any revenue, return or verdict`, and which money.

    The latter reads `200 XAF (of Door, Table tent and 2 more), 3.50 EUR (of Door)`; it is empty where all money has a rate.

    Args:
        unconverted: As `reports.unconverted_revenue` gives it.
        per_qr: As `schemas.revenue_per_qr`.
        locale: How money is written.
    """
    names = per_qr.select("qr_code_id", name=pl.coalesce("qr_name", "qr_code_id"))
    told = unconverted.join(names, on="qr_code_id", how="left").with_columns(
        pl.col("currency").fill_null(terms.NO_CURRENCY), name=pl.coalesce("name", "qr_code_id", pl.lit(NO_CODE))
    )
    by_size = told.sort(pl.col("amount").abs(), "name", descending=[True, False])
    per_currency = by_size.group_by("currency").agg(
        pl.col("amount").sum(),
        pl.col("name").unique(maintain_order=True),
        is_large=(pl.col("amount").abs() > MOST_UNITS / CENTS).any(),
    )
    money = ", ".join(
        f"{exact_text(amount, currency, locale)} {currency} (of {listed(codes, locale)}{TOO_LARGE if is_large else ''})"
        for currency, amount, codes, is_large in per_currency.sort("currency").rows()
    )
    why = "No exchange rate, or too large" if per_currency["is_large"].any() else "No exchange rate"
    return f"{why}, so not in any revenue, return or verdict", money
