"""How many scan sessions and scans of each QR code convert, and how sure that is."""

import polars as pl

from attribution.earned import converting
from attribution.row_kinds import has_events, is_scan
from attribution.schemas.conversion_rates import ConversionRates
from attribution.uncertainty.wilson import LEVEL, expr_wilson


def conversion_rates(scan_sessions: pl.LazyFrame, conversions: pl.LazyFrame, *, has_scans: bool) -> pl.LazyFrame:
    """Converting sessions per session and per scan, with Wilson's score intervals.

    Args:
        scan_sessions, conversions: The tables of these names.
        has_scans: Whether there is a scan export; without one what is told of scans is null.

    Returns:
        As `schemas.conversion_rates`, most sessions first. Sessions whose QR code is not known are left out.
    """
    counted = (
        scan_sessions.filter(pl.col("qr_code_id").is_not_null())
        .join(_converting(conversions), on="scan_session_id", how="left")
        .group_by("qr_code_id")
        .agg(
            scan_sessions=has_events().sum().cast(pl.Int64),
            converting_sessions=(has_events() & _converts()).sum().cast(pl.Int64),
            scans=is_scan().sum().cast(pl.Int64),
            converting_scans=(is_scan() & _converts()).sum().cast(pl.Int64),
        )
        .with_columns(pl.when(pl.lit(has_scans)).then(pl.col("scans", "converting_scans")))
    )
    rated = counted.with_columns(
        *_rate("converting_sessions", "scan_sessions"),
        *_rate("converting_scans", "scans"),
        level=pl.lit(LEVEL),
    )
    return ConversionRates.shaped(rated.sort("scan_sessions", "qr_code_id", descending=[True, False]))


def _converting(conversions: pl.LazyFrame) -> pl.LazyFrame:
    return converting(conversions).select("scan_session_id", converts=pl.lit(value=True)).unique()


def _converts() -> pl.Expr:
    return pl.col("converts").fill_null(value=False)


def _rate(successes: str, trials: str) -> list[pl.Expr]:
    """The rate and its bounds in percent."""
    rate = pl.when(pl.col(trials) > 0).then(pl.col(successes) / pl.col(trials))
    low, high = expr_wilson(pl.col(successes), pl.col(trials), LEVEL)
    name = f"{successes}_pct"
    return [(rate * 100).alias(name), (low * 100).alias(f"{name}_low"), (high * 100).alias(f"{name}_high")]
