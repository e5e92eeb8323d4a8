"""What each QR code earned in each currency, before conversion: the amounts as they were sent."""

import polars as pl

from attribution import terms
from attribution.earned import counts_and_amount
from attribution.fx import total_reporting
from attribution.row_kinds import is_attributed, is_attributed_or_unlinked
from attribution.schemas.revenue_per_currency import RevenuePerCurrency


def revenue_per_currency(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """One row per QR code (or `unlinked`) and currency of attributed and unlinked conversions, by the tie itself.

    Returns:
        As `schemas.revenue_per_currency`.
    """
    held = conversions.filter(is_attributed_or_unlinked(), pl.col("amount").is_not_null())
    bucket = pl.when(is_attributed()).then(pl.col("qr_code_id")).otherwise(pl.lit(terms.UNLINKED))
    grouped = held.group_by(qr_code_id=bucket, currency="currency")
    summed = grouped.agg(*counts_and_amount(), amount_reporting=total_reporting())
    return RevenuePerCurrency.shaped(summed.sort(pl.col("qr_code_id") == terms.UNLINKED, "qr_code_id", "currency"))
