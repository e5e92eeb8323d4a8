"""What each QR code did day by day: what the page filters by day and code."""

import polars as pl

from attribution import terms
from attribution.days import expr_day
from attribution.earned import counted, earned, summed
from attribution.row_kinds import has_events
from attribution.schemas.daily_per_qr import DailyPerQr


def daily_per_qr(
    scan_sessions: pl.LazyFrame,
    scans: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    *,
    model: str,
    currency: str,
    time_zone: str,
    has_scans: bool,
) -> pl.LazyFrame:
    """One row per day and QR code on which something happened, by day, then by code, `unlinked` last.

    Args:
        scan_sessions, scans, qr_codes, conversions, credits: The tables of these names.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        time_zone: The zone in which days are cut.
        has_scans: Whether there is a scan export; without one `scans` is null.

    Returns:
        As `schemas.daily_per_qr`.
    """
    one, scanned_on = pl.lit(1, pl.UInt32), expr_day("scanned_at", time_zone)
    facts = [
        scan_sessions.filter(has_events()).select("qr_code_id", day=scanned_on, scan_sessions=one),
        scans.select("qr_code_id", day=scanned_on, scans=one),
        earned(credits, conversions, model=model).select(
            "qr_code_id", "conversions", "revenue", day=expr_day("converted_at", time_zone)
        ),
    ]
    per_day = (
        pl.concat(facts, how="diagonal")
        .group_by("day", pl.col("qr_code_id").fill_null(terms.UNLINKED))
        .agg(summed("scans", "scan_sessions"))
    )
    named = per_day.join(qr_codes.select("qr_code_id", "campaign"), on="qr_code_id", how="left")
    marked = named.with_columns(*counted(has_scans=has_scans), currency=pl.lit(currency), model=pl.lit(model))
    return DailyPerQr.shaped(marked.sort("day", pl.col("qr_code_id") == terms.UNLINKED, "qr_code_id"))
