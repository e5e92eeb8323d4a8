"""The platform's duplicate flags, checked against our own reading."""

import polars as pl

from attribution import terms
from attribution.row_ids import expr_source_id
from attribution.schemas.vendor_flags import AGREED, DIFFERENT, MISSED, NO_ORIGINAL, OVERLAP, VendorFlags


def vendor_flags(events: pl.LazyFrame, duplicates: pl.LazyFrame, sources: pl.LazyFrame) -> pl.LazyFrame:
    """As `schemas.vendor_flags`; raw payloads have not been flagged yet and do not count."""
    stored = sources.filter(pl.col("shape") == terms.STORED).select("source_id")
    placed = duplicates.with_columns(expr_source_id(), original_source_id=expr_source_id("original_row_id"))
    judged = placed.join(stored, on="source_id", how="semi").with_columns(outcome=_outcome())
    told = events.select("row_id", "source").join(judged, on="row_id", how="inner", build_side="force_right")
    counted = told.group_by("outcome", "source").agg(rows=pl.len().cast(pl.Int64))
    return VendorFlags.shaped(counted.sort("outcome", "source"))


def _outcome() -> pl.Expr:
    is_flagged, is_same_file = pl.col("reason") == terms.FLAGGED, pl.col("source_id") == pl.col("original_source_id")
    return (
        pl.when(pl.col("reason") == terms.ORIGINAL_OUTSIDE)
        .then(pl.lit(NO_ORIGINAL))
        .when(is_flagged & pl.col("conflicting").is_not_null())
        .then(pl.lit(DIFFERENT))
        .when(is_flagged)
        .then(pl.lit(AGREED))
        .when(is_same_file)
        .then(pl.lit(MISSED))
        .otherwise(pl.lit(OVERLAP))
    )
