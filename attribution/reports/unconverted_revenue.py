"""Money for which there is no rate into the reporting currency: listed in its own, never added 1:1."""

import polars as pl

from attribution.earned import counts_and_amount
from attribution.schemas.unconverted_revenue import UnconvertedRevenue


def unconverted_revenue(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """One row per QR code and currency without a rate.

    Returns:
        As `schemas.unconverted_revenue`.
    """
    unpriced = conversions.filter(pl.col("amount").is_not_null(), pl.col("amount_reporting").is_null())
    summed = unpriced.group_by("qr_code_id", "currency").agg(
        *counts_and_amount(), first_at=pl.col("converted_at").min(), last_at=pl.col("converted_at").max()
    )
    return UnconvertedRevenue.shaped(summed.sort("qr_code_id", "currency", nulls_last=True))
