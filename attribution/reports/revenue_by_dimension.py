"""What scan sessions earned by placement, place, device and landing page: one table for all of them."""

from typing import Final

import polars as pl

from attribution.reports.revenue_breakdown import broken_down, per_session
from attribution.schemas.revenue_by_dimension import DIMENSIONS, PLACEMENT

COLUMNS: Final = {
    "country": "country_code",
    "city": "city",
    "device": "device_type",
    "os": "os_family",
    "browser": "browser_family",
    "landing_page": "landing_page",
}
"""Dimension -> column of `scan_sessions`; a column that is not there leaves the dimension unknown."""


def revenue_by_dimension(
    scan_sessions: pl.LazyFrame,
    scans: pl.LazyFrame,
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
        scan_sessions, scans, qr_codes, conversions, credits: The tables of these names.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        has_scans: Whether there is a scan export; without one `scans` is null.
        min_group: Values of fewer people are not shown apart; placements always are, for they say nothing of a person.
        every_session: Scan sessions of all time, where `scan_sessions` holds those of a period only: a conversion of
            the period may come from an earlier scan.

    Returns:
        As `schemas.revenue_by_dimension`.
    """
    dimensions = _dimensions(scan_sessions if every_session is None else every_session, qr_codes)
    facts = per_session(conversions, credits, scan_sessions, scans, model=model)
    placed = facts.join(dimensions, on="scan_session_id", how="left").cache()
    return pl.concat(
        broken_down(
            placed,
            dimension=name,
            model=model,
            currency=currency,
            has_scans=has_scans,
            min_group=1 if name == PLACEMENT else min_group,
        )
        for name in DIMENSIONS
    )


def _dimensions(scan_sessions: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:
    """`scan_session_id` and a column per dimension."""
    known = scan_sessions.collect_schema().names()
    traits = {name: pl.col(of) if of in known else pl.lit(None, pl.String) for name, of in COLUMNS.items()}
    placements = qr_codes.select("qr_code_id", PLACEMENT)
    return scan_sessions.join(placements, on="qr_code_id", how="left").select("scan_session_id", PLACEMENT, **traits)
