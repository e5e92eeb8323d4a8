"""Money for which there is no rate into the reporting currency: listed in its own, never added 1:1."""

import polars as pl

from attribution.earned import counts_and_amount


def unconverted_revenue(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """One row per QR code and currency without a rate: `qr_code_id, currency, conversions, refunds, amount, first_at,
    last_at`.
    """
    return (
        conversions.filter(pl.col("amount").is_not_null(), pl.col("amount_reporting").is_null())
        .group_by("qr_code_id", "currency")
        .agg(
            *counts_and_amount(),
            first_at=pl.col("converted_at").min(),
            last_at=pl.col("converted_at").max(),
        )
        .sort("qr_code_id", "currency", nulls_last=True)
    )
