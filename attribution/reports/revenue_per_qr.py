"""What each QR code earned under the chosen model."""

import polars as pl

from attribution import terms
from attribution.earned import earned, summed
from attribution.fx import total
from attribution.keys import expr_distinct, expr_session
from attribution.money import TOTAL, expr_per
from attribution.row_kinds import has_events, is_attributed, is_attributed_or_unlinked
from attribution.schemas.revenue_per_qr import RevenuePerQr

UNLINKED = terms.UNLINKED


def revenue_per_qr(
    scan_sessions: pl.LazyFrame,
    scans: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    costs: pl.LazyFrame,
    *,
    model: str,
    currency: str,
    has_scans: bool,
) -> pl.LazyFrame:
    """One row per QR code, by revenue, then the `unlinked` row.

    Args:
        scan_sessions, qr_codes, conversions, credits: The tables of these names.
        scans: `qr_code_id`: a row per scan of the export.
        costs: `qr_code_id, cost, payback_day`, as `payback.costs_paid_back` gives them.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        has_scans: Whether there is a scan export; without one `scans` is null.

    Returns:
        As `schemas.revenue_per_qr`. Reads its tables, one grouping after the other: together they would hold all their ids.
    """
    credited = earned(credits, conversions, model=model)
    parts = [
        _sessions(scan_sessions),
        _converting(scan_sessions, conversions),
        _earned(credited),
        _scans(scans),
        costs,
        _unlinked(conversions),
    ]
    rows = _every_code(qr_codes, scan_sessions, scans, conversions, credited, costs)
    for part in parts:
        rows = rows.join(part.collect(engine="streaming").lazy(), on="qr_code_id", how="left")
    with_unlinked = rows.with_columns(
        pl.coalesce("unlinked_conversions", "conversions", 0.0).alias("conversions"),
        pl.coalesce("unlinked_revenue", "revenue", pl.lit(0).cast(TOTAL)).alias("revenue"),
    )
    named = with_unlinked.join(qr_codes.select("qr_code_id", "campaign", qr_name="name"), on="qr_code_id", how="left")
    counted = named.with_columns(
        *(pl.col(name).fill_null(0) for name in ("scan_sessions", "people", "converting_sessions")),
        scans=pl.col("scans").fill_null(0) if has_scans else pl.lit(None, pl.Int64),
        currency=pl.lit(currency),
        model=pl.lit(model),
    )
    ordered = counted.with_columns(_ratios()).sort(
        pl.col("qr_code_id") == UNLINKED, pl.col("revenue"), "qr_code_id", descending=[False, True, False]
    )
    return RevenuePerQr.shaped(ordered)


def _every_code(*tables: pl.LazyFrame) -> pl.LazyFrame:
    known = [table.select("qr_code_id").drop_nulls() for table in tables]
    bucket = pl.LazyFrame({"qr_code_id": [UNLINKED]})
    return pl.concat([*known, bucket]).unique()


def _or_unlinked() -> pl.Expr:
    return pl.col("qr_code_id").fill_null(UNLINKED)


def _sessions(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    return (
        _counted(scan_sessions)
        .group_by(_or_unlinked())
        .agg(scan_sessions=pl.len().cast(pl.Int64), people=expr_distinct(pl.col("person_id")))
    )


def _scans(scans: pl.LazyFrame) -> pl.LazyFrame:
    return scans.group_by(_or_unlinked()).agg(scans=pl.len().cast(pl.Int64))


def _converting(scan_sessions: pl.LazyFrame, conversions: pl.LazyFrame) -> pl.LazyFrame:
    """Of the sessions that count, under their own QR code, those that a conversion of their kind is tied to."""
    counted = conversions.filter(~pl.col("is_refund"), is_attributed_or_unlinked())
    tied = counted.select(expr_session(), is_linked=is_attributed())
    known = _counted(scan_sessions).select("qr_code_id", expr_session(), is_linked=pl.col("qr_code_id").is_not_null())
    converting = known.join(tied, on=["session", "is_linked"], how="semi")
    return converting.group_by(_or_unlinked()).agg(converting_sessions=pl.len().cast(pl.Int64))


def _counted(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    return scan_sessions.filter(has_events())


def _earned(credited: pl.LazyFrame) -> pl.LazyFrame:
    return credited.group_by("qr_code_id").agg(summed()).with_columns(pl.col("conversions").cast(pl.Float64))


def _unlinked(conversions: pl.LazyFrame) -> pl.LazyFrame:
    unlinked = conversions.filter(pl.col("unattributed_reason").is_in(terms.UNLINKED_REASONS))
    return unlinked.select(
        qr_code_id=pl.lit(UNLINKED),
        unlinked_conversions=(~pl.col("is_refund")).sum().cast(pl.Float64),
        unlinked_revenue=total(pl.col("amount_reporting")).cast(TOTAL),
    )


def _ratios() -> list[pl.Expr]:
    sessions, revenue, cost = pl.col("scan_sessions"), pl.col("revenue"), pl.col("cost")
    conversions = pl.col("conversions")
    has_sessions, has_cost = sessions > 0, cost > 0
    return [
        pl.when(has_sessions).then(conversions / sessions * 100).alias("conversions_per_session_pct"),
        pl.when(has_sessions).then(pl.col("converting_sessions") / sessions * 100).alias("converting_sessions_pct"),
        expr_per(revenue, pl.col("scans")).alias("revenue_per_scan"),
        expr_per(cost, conversions).alias("cost_per_conversion"),
        expr_per(cost, pl.col("scans")).alias("cost_per_scan"),
        pl.when(has_cost).then((revenue - cost).cast(pl.Float64) / cost.cast(pl.Float64)).alias("roi"),
        pl.when(has_cost).then(revenue.cast(pl.Float64) / cost.cast(pl.Float64)).alias("roas"),
    ]
