"""What scan sessions earned by placement, place, device and landing page: one table for all of them."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from attribution.earned import converting, counted, earned, summed
from attribution.keys import expr_distinct, expr_session
from attribution.money import expr_per, expr_share
from attribution.row_kinds import has_events, is_scan
from attribution.schemas.revenue_by_dimension import DIMENSIONS, PLACEMENT, RevenueByDimension

COLUMNS: Final = {
    "country": "country_code",
    "city": "city",
    "device": "device_type",
    "os": "os_family",
    "browser": "browser_family",
    "landing_page": "landing_page",
}
"""Dimension -> column of `scan_sessions`; a column that is not there leaves the dimension unknown."""
UNKNOWN: Final = "Unknown"
OTHER: Final = "Other"
"""Values that are too small to be shown apart, or too many."""
MOST: Final = 500
"""Values of a dimension that are shown apart at most."""
COUNTS: Final = ("scans", "scan_sessions", "converting_sessions")


def revenue_by_dimension(
    scan_sessions: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    *,
    model: str,
    currency: str,
    has_scans: bool,
    min_group: int = 1,
    every_session: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One row per dimension and value: dimensions in their order, values by revenue, `Unknown` last.

    Args:
        scan_sessions, qr_codes, conversions, credits: The tables of these names.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        has_scans: Whether there is a scan export; without one `scans` is null.
        min_group: Values of fewer people are not shown apart, a scan without any event being one's own; placements
            always are, for they say nothing of a person.
        every_session: Scan sessions of all time, where `scan_sessions` holds those of a period only: a conversion of
            the period may come from an earlier scan.

    Returns:
        As `schemas.revenue_by_dimension`. Reads its tables, the scan sessions once for each dimension.
    """
    every = scan_sessions if every_session is None else every_session
    converted = _converting(scan_sessions, conversions)
    told = _told(_placed(every, qr_codes, DIMENSIONS), converted, earned(credits, conversions, model=model))
    own = {name: _own(_placed(scan_sessions, qr_codes, [name]), name) for name in DIMENSIONS}
    parts = [_of_dimension(own[name], told, name, 1 if name == PLACEMENT else min_group) for name in DIMENSIONS]
    rated = pl.concat(parts).with_columns(*counted(has_scans=has_scans), currency=pl.lit(currency), model=pl.lit(model))
    return RevenueByDimension.shaped(rated.with_columns(_ratios()))


def _placed(scan_sessions: pl.LazyFrame, qr_codes: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    """The scan sessions with a column for each of these dimensions."""
    placed = scan_sessions.with_columns(**{name: pl.col(of) for name, of in COLUMNS.items() if name in names})
    if PLACEMENT not in names:
        return placed
    return placed.join(qr_codes.select("qr_code_id", PLACEMENT), on="qr_code_id", how="left")


def _own(placed: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """What a scan session counts for itself: its scan, its events, its person. One row each."""
    return placed.filter(has_events() | is_scan()).select(
        name,
        person_id=pl.when(has_events()).then("person_id"),
        scans=is_scan().cast(pl.UInt32),
        scan_sessions=has_events().cast(pl.UInt32),
    )


def _converting(scan_sessions: pl.LazyFrame, conversions: pl.LazyFrame) -> pl.LazyFrame:
    """`session, converting_sessions`: of the sessions that count, those that convert. One row each."""
    counted = scan_sessions.filter(has_events()).select(expr_session())
    converted = counted.join(converting(conversions).select(expr_session()), on="session", how="semi")
    return converted.with_columns(converting_sessions=pl.lit(1, pl.UInt32))


def _told(placed: pl.LazyFrame, converted: pl.LazyFrame, credited: pl.LazyFrame) -> pl.LazyFrame:
    """What conversions say of scan sessions: that they convert, and what they are credited; summed, small."""
    facts = [converted, credited.select(expr_session(), "conversions", "revenue")]
    dimensions = placed.select(expr_session(), *DIMENSIONS)
    cut = pl.concat(facts, how="diagonal").join(dimensions, on="session", how="left")
    return cut.group_by(DIMENSIONS).agg(summed("converting_sessions")).collect(engine="streaming").lazy()


def _of_dimension(own: pl.LazyFrame, told: pl.LazyFrame, name: str, min_group: int) -> pl.LazyFrame:
    """The rows of a dimension. Small values, those beyond the `MOST` largest and what is called so are one value, `Other`, and,
    where that would be small itself, the smallest that is shown as well.
    """
    value = pl.col(name).cast(pl.String).fill_null(UNKNOWN).alias("value")
    facts = own.select(value, "person_id", "scans", "scan_sessions")
    sums = told.select(value, "converting_sessions", "conversions", "revenue")
    both = pl.concat([facts, sums], how="diagonal")
    per_value = both.group_by("value").agg(*_sums(), _alone().alias("alone")).collect(engine="streaming")
    size = pl.col("people") + pl.col("alone")
    large = per_value.filter(~pl.col("value").is_in([UNKNOWN, OTHER]), size >= min_group)
    shown = large.sort(size, "value", descending=[True, False]).head(MOST)["value"].to_list()
    rows = per_value.filter(pl.col("value").is_in([*shown, UNKNOWN]))
    if rows.height < per_value.height:
        other = _others(both, shown)
        if shown and other.select(size.is_between(1, min_group - 1)).item():
            other = _others(both, shown := shown[:-1])
        rows = pl.concat([per_value.filter(pl.col("value").is_in([*shown, UNKNOWN])), other])
    last = [pl.col("value") == UNKNOWN, pl.col("value") == OTHER]
    ordered = rows.drop("alone").sort(*last, "revenue", "value", descending=[False, False, True, False])
    return ordered.lazy().select(pl.lit(name).alias("dimension"), pl.all())


def _others(both: pl.LazyFrame, shown: Sequence[str]) -> pl.DataFrame:
    """What is not shown as one value; no row where there is none."""
    hidden = both.filter(~pl.col("value").is_in([*shown, UNKNOWN])).with_columns(value=pl.lit(OTHER)).group_by("value")
    return hidden.agg(*_sums(), _alone().alias("alone")).collect(engine="streaming")


def _sums() -> list[pl.Expr]:
    return [*summed(*COUNTS), expr_distinct(pl.col("person_id")).alias("people")]


def _alone() -> pl.Expr:
    """Scans without any event."""
    return (pl.col("scan_sessions") == 0).sum().cast(pl.Int64)


def _ratios() -> list[pl.Expr]:
    sessions, revenue = pl.col("scan_sessions"), pl.col("revenue")
    has_sessions = sessions > 0
    return [
        pl.when(has_sessions).then(pl.col("converting_sessions") / sessions * 100).alias("converting_sessions_pct"),
        pl.when(has_sessions).then(pl.col("conversions") / sessions * 100).alias("conversions_per_session_pct"),
        (expr_share(revenue, revenue.sum().over("dimension")) * 100).alias("revenue_share_pct"),
        expr_per(revenue, pl.col("scans")).alias("revenue_per_scan"),
    ]
