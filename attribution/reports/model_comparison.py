"""What each QR code earned under every model, side by side."""

import polars as pl

from attribution.earned import summed, under_every_model
from attribution.fx import total
from attribution.money import expr_share


def model_comparison(credits: pl.LazyFrame, conversions: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:  # noqa: A002
    """One row per model and QR code with credit, most revenue first within a model.

    Returns:
        `model, qr_code_id, qr_name, campaign, conversions, revenue` (reporting currency, refunds subtracted),
        `revenue_share` (of the model's attributed revenue, 0 to 1), `rank` (1 is most revenue; ties share a rank).
    """
    earned = under_every_model(credits, conversions).group_by("model", "qr_code_id").agg(summed())
    named = earned.join(qr_codes.select("qr_code_id", "campaign", qr_name="name"), on="qr_code_id", how="left")
    everything = total(pl.col("revenue")).over("model")
    return named.select(
        "model",
        "qr_code_id",
        "qr_name",
        "campaign",
        pl.col("conversions").cast(pl.Float64),
        "revenue",
        revenue_share=expr_share(pl.col("revenue"), everything),
        rank=pl.col("revenue").rank("min", descending=True).over("model").cast(pl.Int64),
    ).sort("model", "rank", "qr_code_id")
