"""What analysis loses through stripping."""

import polars as pl

from attribution.analysed import analysed
from attribution.consent import STRIPPED, is_withheld
from attribution.row_kinds import has_events
from attribution.schemas.consent_losses import (
    FIELD_STRIPPED,
    REFUND_WITHOUT_ORDER,
    SESSION_WITHOUT_VISITOR,
    ConsentLosses,
)


def consent_losses(
    events: pl.LazyFrame, duplicates: pl.LazyFrame, scan_sessions: pl.LazyFrame, conversions: pl.LazyFrame
) -> pl.LazyFrame:
    """One row per loss: as `schemas.consent_losses`. Reads the tables of these names."""
    lost = [
        _fields(analysed(events, duplicates)),
        _without(conversions.filter("is_refund"), is_withheld() & pl.col("order_id").is_null(), REFUND_WITHOUT_ORDER),
        _without(
            scan_sessions.filter(has_events()),
            is_withheld().fill_null(value=False) & (pl.col("person_id") == pl.col("scan_session_id")),
            SESSION_WITHOUT_VISITOR,
        ),
    ]
    share = pl.when(pl.col("of_rows") > 0).then(pl.col("rows") / pl.col("of_rows") * 100)
    return ConsentLosses.shaped(pl.concat(lost).with_columns(share_pct=share))


def _fields(events: pl.LazyFrame) -> pl.LazyFrame:
    """Per field: rows without consent, and how many of them would have had it by the share of the others of their source."""
    filled = events.group_by("source", withheld=is_withheld()).agg(
        pl.len().cast(pl.Int64).alias("rows"), *(pl.col(name).count().cast(pl.Int64) for name in STRIPPED)
    )
    long = filled.unpivot(STRIPPED, index=["source", "withheld", "rows"], variable_name="field", value_name="filled")
    rows, others = (pl.col("rows").filter(mark).sum() for mark in (pl.col("withheld"), ~pl.col("withheld")))
    of_others = pl.col("filled").filter(~pl.col("withheld")).sum()
    expected = pl.when(others > 0).then(rows * of_others / others).when(rows == 0).then(0.0)
    per_source = long.group_by("field", "source", maintain_order=True).agg(
        rows=rows, of_rows=pl.col("rows").sum(), expected_values=expected
    )
    is_told = pl.col("expected_values").is_not_null().all()
    return (
        per_source.group_by("field", maintain_order=True)
        .agg(pl.col("rows", "of_rows").sum(), expected_values=pl.when(is_told).then(pl.col("expected_values").sum()))
        .select(pl.lit(FIELD_STRIPPED).alias("loss"), "field", "rows", "of_rows", "expected_values")
    )


def _without(rows: pl.LazyFrame, lost: pl.Expr, loss: str) -> pl.LazyFrame:
    return rows.select(
        field=pl.lit(None, pl.String),
        loss=pl.lit(loss),
        rows=lost.sum().cast(pl.Int64),
        of_rows=pl.len().cast(pl.Int64),
        expected_values=pl.lit(None, pl.Float64),
    ).select(_ORDER)


_ORDER = ("loss", "field", "rows", "of_rows", "expected_values")
