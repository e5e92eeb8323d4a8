"""The journeys that convert most often."""

import polars as pl

from attribution.code_names import expr_called
from attribution.days import SECONDS_PER_DAY
from attribution.fx import total
from attribution.money import TOTAL, expr_share
from attribution.schemas.top_paths import TopPaths
from attribution.terms import PATH_STEP

PATHS = 50
WITHIN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
"""Stands for a `terms.PATH_STEP` within a name."""
APART = "\0"
"""Stands between ids, in none of which it can be."""
BY_CODES = pl.format("{} ({})", "path", pl.col("codes").str.replace_all(APART, ", ", literal=True))
"""A path whose names read like another's, though it is of other codes."""


def top_paths(
    touches: pl.LazyFrame, conversions: pl.LazyFrame, qr_codes: pl.LazyFrame, *, currency: str
) -> pl.LazyFrame:
    """One row per path, most conversions first, the first `PATHS`. `currency` is that of reports.

    Returns:
        As `schemas.top_paths`.
    """
    counted = conversions.filter(~pl.col("is_refund")).select("conversion_id", "amount_reporting")
    names = qr_codes.select("qr_code_id", name=_expr_name())
    journeys = (
        touches.join(counted, on="conversion_id", how="inner")
        .join(names, on="qr_code_id", how="left")
        .with_columns(name=pl.coalesce("name", pl.col("qr_code_id").str.replace_all(PATH_STEP, WITHIN, literal=True)))
        .group_by("conversion_id")
        .agg(
            path=pl.col("name").sort_by("position").str.join(PATH_STEP),
            codes=pl.col("qr_code_id").sort_by("position").str.join(APART),
            touches=pl.len().cast(pl.Int64),
            days=pl.col("age_seconds").max() * (1 / SECONDS_PER_DAY),
            amount=pl.col("amount_reporting").first(),
        )
    )
    counts = (
        journeys.group_by("codes", "path", "touches")
        .agg(
            conversions=pl.len().cast(pl.Int64),
            revenue=total(pl.col("amount")).cast(TOTAL),
            median_days=pl.col("days").median(),
        )
        .with_columns(path=pl.when(pl.col("path").is_duplicated()).then(BY_CODES).otherwise("path"))
        .with_columns(
            conversion_share=expr_share(pl.col("conversions"), pl.col("conversions").sum()), currency=pl.lit(currency)
        )
    )
    return TopPaths.shaped(counts.sort("conversions", "path", descending=[True, False]).head(PATHS))


def _expr_name() -> pl.Expr:
    """What each QR code of the list is called in a path: as one step, with its id where another has its name."""
    return expr_called(pl.coalesce("name", "qr_code_id").str.replace_all(PATH_STEP, WITHIN, literal=True), "name")
