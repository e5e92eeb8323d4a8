"""How long after the scan people convert, with scans that are too recent to tell left out day by day."""

import polars as pl

from attribution.days import SECONDS_PER_DAY
from attribution.earned import converting, observed_until
from attribution.schemas.conversion_lag import ConversionLag


def conversion_lag(
    scan_sessions: pl.LazyFrame,
    conversions: pl.LazyFrame,
    *,
    window_days: int,
    every_session: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One row per day of lag, 0 to `window_days` - 1: the first conversion of each scan session, by days since its scan. The
    window holds its own end, and who converts at that very moment is of its last day.

    A scan from five days before the end of the data cannot show a conversion on day six: at each moment only the sessions
    observed that long and not yet converted are at risk (Kaplan and Meier, "Nonparametric estimation from incomplete
    observations", JASA 53, 1958, to the second).

    Args:
        scan_sessions: The table of this name.
        conversions: The table of this name, of all time: a scan is followed to the end of the data.
        window_days: The attribution window.
        every_session: Scan sessions of all time, where `scan_sessions` holds those of a period only: where the data ends.

    Returns:
        As `schemas.conversion_lag`.
    """
    first = converting(conversions).group_by("scan_session_id").agg(first_at=pl.col("converted_at").min())
    known = scan_sessions.filter("is_known").select("scan_session_id", "scanned_at")
    end = observed_until(scan_sessions if every_session is None else every_session)
    ends = known.join(first, on="scan_session_id", how="left").join(end, how="cross")
    is_converted = pl.col("first_at").is_not_null()
    observed = pl.when(is_converted).then("first_at").otherwise("observed_until") - pl.col("scanned_at")
    end_of_window = window_days * SECONDS_PER_DAY
    last_second = pl.when(is_converted).then(end_of_window - 1).otherwise(end_of_window)
    seconds = observed.dt.total_seconds().clip(0, last_second)
    per_second = (
        ends.select(second=seconds, is_converted=is_converted)
        .group_by("second")
        .agg(
            converting_sessions=pl.col("is_converted").sum().cast(pl.Int64),
            censored_sessions=(~pl.col("is_converted")).sum().cast(pl.Int64),
        )
    )
    every_day = pl.LazyFrame({"day": range(window_days + 1)}, schema={"day": pl.Int64})
    filled = every_day.join(_per_day(per_second), on="day", how="left").sort("day")
    whole = filled.with_columns(
        pl.col("sessions_at_risk").fill_null(strategy="backward").fill_null(0),
        pl.col("converting_sessions", "censored_sessions").fill_null(0),
        pl.col("converted_share").fill_null(strategy="forward").fill_null(0.0),
    )
    return ConversionLag.shaped(whole.filter(pl.col("day") < window_days))


def _per_day(per_second: pl.LazyFrame) -> pl.LazyFrame:
    """The report's columns, of days on which a session converts or is last observed. Who does both at once converts first."""
    leaving = pl.col("converting_sessions") + pl.col("censored_sessions")
    at_risk = leaving.cum_sum(reverse=True)
    stay = 1 - pl.col("converting_sessions") / at_risk
    placed = per_second.sort("second").with_columns(
        day=pl.col("second") // SECONDS_PER_DAY, at_risk=at_risk, stay=stay.cum_prod()
    )
    return placed.group_by("day").agg(
        sessions_at_risk=pl.col("at_risk").max(),
        converting_sessions=pl.col("converting_sessions").sum(),
        censored_sessions=pl.col("censored_sessions").sum(),
        converted_share=1 - pl.col("stay").min(),
    )
