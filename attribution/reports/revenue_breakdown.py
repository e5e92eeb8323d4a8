"""What scan sessions earned, cut by one thing that is known of each: its placement, country, device and so on."""

from typing import Final

import polars as pl

from attribution.earned import converting, counted, earned, summed
from attribution.money import expr_per, expr_share
from attribution.schemas.revenue_by_dimension import RevenueByDimension

UNKNOWN: Final = "Unknown"
OTHER: Final = "Other"
"""Values that are too small to be shown apart, or too many."""
MOST: Final = 500
"""Values of a dimension that are shown apart at most."""
COUNTS: Final = ("scans", "scan_sessions", "converting_sessions")


def revenue_breakdown(
    dimension_of_session: pl.LazyFrame,
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    scan_sessions: pl.LazyFrame,
    scans: pl.LazyFrame,
    *,
    dimension: str,
    model: str,
    currency: str,
    has_scans: bool,
) -> pl.LazyFrame:
    """One row per value of the dimension, by revenue, `Unknown` last.

    Args:
        dimension_of_session: `scan_session_id` and the column `dimension`; one row per scan session.
        conversions, credits, scan_sessions, scans: The tables of these names.
        dimension: The column by whose values is cut.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        has_scans: Whether there is a scan export; without one `scans` is null.

    Returns:
        As `schemas.revenue_by_dimension`. Values in which nothing happened are left out. Sessions, scans, conversions
        and revenue add up to the same totals for every dimension.
    """
    facts = per_session(conversions, credits, scan_sessions, scans, model=model)
    placed = facts.join(dimension_of_session.select("scan_session_id", dimension), on="scan_session_id", how="left")
    return broken_down(placed, dimension=dimension, model=model, currency=currency, has_scans=has_scans)


def broken_down(
    placed: pl.LazyFrame, *, dimension: str, model: str, currency: str, has_scans: bool, min_group: int = 1
) -> pl.LazyFrame:
    """The breakdown of scan sessions whose dimension is already beside what `per_session` says of them.

    Values of fewer than `min_group` people, and those beyond the `MOST` largest, are one value, `Other`.
    """
    named = placed.with_columns(value=pl.col(dimension).cast(pl.String).fill_null(UNKNOWN))
    large = named.group_by("value").agg(people=pl.coalesce("person_id", "scan_session_id").n_unique())
    shown = large.filter(pl.col("people") >= min_group).sort("people", "value", descending=[True, False]).head(MOST)
    kept = pl.concat([shown.select("value"), pl.LazyFrame({"value": [UNKNOWN]})]).unique()
    told = named.join(kept.with_columns(shown="value"), on="value", how="left")
    per_value = told.group_by(value=pl.col("shown").fill_null(OTHER)).agg(
        *summed(*COUNTS), people=pl.col("person_id").drop_nulls().n_unique().cast(pl.Int64)
    )
    rated = per_value.with_columns(
        *counted(has_scans=has_scans),
        dimension=pl.lit(dimension),
        currency=pl.lit(currency),
        model=pl.lit(model),
    ).with_columns(_ratios())
    return RevenueByDimension.shaped(
        rated.sort(
            pl.col("value") == UNKNOWN,
            pl.col("value") == OTHER,
            "revenue",
            "value",
            descending=[False, False, True, False],
        )
    )


def per_session(
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    scan_sessions: pl.LazyFrame,
    scans: pl.LazyFrame,
    *,
    model: str,
) -> pl.LazyFrame:
    """What counts for a scan session: its person, its scan, that it converts and what it is credited. One row each."""
    one = pl.lit(1, pl.UInt32)
    session = pl.col("scan_session_id")
    facts = [
        scan_sessions.filter(pl.col("event_count") > 0).select(session, "person_id", scan_sessions=one),
        scans.select(session, scans=one),
        converting(conversions).select(session).unique().with_columns(converting_sessions=one),
        earned(credits, conversions, model=model).select(session, "conversions", "revenue"),
    ]
    return pl.concat(facts, how="diagonal").group_by(session).agg(*summed(*COUNTS), pl.col("person_id").max())


def _ratios() -> list[pl.Expr]:
    sessions, revenue = pl.col("scan_sessions"), pl.col("revenue")
    has_sessions = sessions > 0
    return [
        pl.when(has_sessions).then(pl.col("converting_sessions") / sessions * 100).alias("converting_sessions_pct"),
        pl.when(has_sessions).then(pl.col("conversions") / sessions * 100).alias("conversions_per_session_pct"),
        (expr_share(revenue, revenue.sum()) * 100).alias("revenue_share_pct"),
        expr_per(revenue, pl.col("scans")).alias("revenue_per_scan"),
    ]
