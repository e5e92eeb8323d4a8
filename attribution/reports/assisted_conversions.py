"""How often a QR code closed a conversion, helped one along, or was there at all."""

import polars as pl

from attribution.schemas.assisted_conversions import AssistedConversions


def assisted_conversions(touches: pl.LazyFrame, conversions: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:
    """One row per QR code that is on a conversion's journey, most influenced first. Refunds are not counted.

    Returns:
        As `schemas.assisted_conversions`.
    """
    counted = conversions.filter(~pl.col("is_refund")).select("conversion_id")
    is_last = pl.col("position") == pl.col("touch_count")
    per_code = (
        touches.join(counted, on="conversion_id", how="semi")
        .group_by("qr_code_id")
        .agg(
            influenced_conversions=pl.col("conversion_id").n_unique().cast(pl.Int64),
            closed_conversions=is_last.sum().cast(pl.Int64),
            assisted_conversions=pl.col("conversion_id").filter(~is_last).n_unique().cast(pl.Int64),
        )
    )
    named = per_code.join(qr_codes.select("qr_code_id", "campaign", qr_name="name"), on="qr_code_id", how="left")
    closed = pl.col("closed_conversions")
    rated = named.with_columns(assist_ratio=pl.when(closed > 0).then(pl.col("assisted_conversions") / closed))
    return AssistedConversions.shaped(rated.sort("influenced_conversions", "qr_code_id", descending=[True, False]))
