"""Money for which there is no rate into the reporting currency: listed in its own, never added 1:1."""

import polars as pl

from attribution.fx import total
from attribution.money import TOTAL


def unconverted_revenue(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """One row per QR code and currency without a rate: `qr_code_id, currency, conversions, refunds, amount, first_at,
    last_at`.
    """
    return (
        conversions.filter(pl.col("amount").is_not_null(), pl.col("amount_reporting").is_null())
        .group_by("qr_code_id", "currency")
        .agg(
            conversions=(~pl.col("is_refund")).sum().cast(pl.Int64),
            refunds=pl.col("is_refund").sum().cast(pl.Int64),
            amount=total(pl.col("amount")).cast(TOTAL),
            first_at=pl.col("converted_at").min(),
            last_at=pl.col("converted_at").max(),
        )
        .sort("qr_code_id", "currency", nulls_last=True)
    )
