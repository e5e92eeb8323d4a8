"""What each QR code earned under every model, side by side."""

import polars as pl

from attribution.earned import summed, under_every_model
from attribution.fx import total
from attribution.money import expr_share
from attribution.schemas.model_comparison import ModelComparison


def model_comparison(
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    conversions: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    *,
    currency: str,
) -> pl.LazyFrame:
    """One row per model and QR code with credit, most revenue first within a model. `currency` is that of reports.

    Returns:
        As `schemas.model_comparison`.
    """
    earned = under_every_model(credits, conversions).group_by("model", "qr_code_id").agg(summed())
    named = earned.join(qr_codes.select("qr_code_id", "campaign", qr_name="name"), on="qr_code_id", how="left")
    everything = total(pl.col("revenue")).over("model")
    ranked = named.with_columns(
        pl.col("conversions").cast(pl.Float64),
        currency=pl.lit(currency),
        revenue_share=expr_share(pl.col("revenue"), everything),
        rank=pl.col("revenue").rank("min", descending=True).over("model").cast(pl.Int64),
    )
    return ModelComparison.shaped(ranked.sort("model", "rank", "qr_code_id"))
