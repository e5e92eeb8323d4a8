"""Consent as data: its shares by site, day and campaign, and the money that rides on each state."""

import polars as pl

from attribution.analysed import analysed
from attribution.fx import total
from attribution.keys import expr_distinct
from attribution.money import AMOUNT
from attribution.schemas.consent_shares import ALL, CAMPAIGN, DAY, SITE, ConsentShares

GROUP = ("dimension", "value", "consent")
NUMBERS = ("events", "scan_sessions", "scan_sessions_pct", "conversions", "revenue")


def consent_shares(
    events: pl.LazyFrame,
    duplicates: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    conversions: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    *,
    currency: str,
    time_zone: str,
    min_group: int,
) -> pl.LazyFrame:
    """One row per dimension, value and consent.

    Args:
        events, duplicates, scan_sessions, conversions, qr_codes: The tables of these names.
        currency: The reporting currency.
        time_zone: The zone in which days are cut.
        min_group: Groups of fewer scan sessions (conversions, where no scan session is known) have their numbers left out.

    Returns:
        As `schemas.consent_shares`. Reads its tables, one grouping after the other.
    """
    codes = qr_codes.select("qr_code_id", "campaign")
    values = {ALL: pl.lit(None, pl.String), SITE: pl.col("site_id"), DAY: _day("occurred_at", time_zone)}
    marked = analysed(events, duplicates).select("consent", "scan_session_id", "site_id", "occurred_at")
    counts = [_events(marked, name, value) for name, value in values.items()]
    counts.append(_sessions(scan_sessions.join(codes, on="qr_code_id", how="left")))
    counted = pl.concat(rows.collect(engine="streaming").lazy() for rows in counts)
    bought = conversions.join(codes, on="qr_code_id", how="left")
    keys = {**values, DAY: _day("converted_at", time_zone), CAMPAIGN: pl.col("campaign")}
    money = pl.concat([_money(bought, name, value) for name, value in keys.items()])
    joined = counted.join(money, on=GROUP, how="full", coalesce=True, nulls_equal=True).with_columns(
        pl.col("scan_sessions", "conversions").fill_null(0),
        pl.col("revenue").fill_null(0).cast(AMOUNT),
        currency=pl.lit(currency),
    )
    people = pl.when(pl.col("scan_sessions") > 0).then("scan_sessions").otherwise("conversions")
    shared = joined.with_columns(_share(), is_suppressed=people.is_between(1, min_group - 1))
    shown = shared.with_columns(pl.when(~pl.col("is_suppressed")).then(pl.col(NUMBERS)).name.keep())
    ordered = shown.with_columns(place=pl.col("dimension").replace_strict({ALL: 0, SITE: 1, DAY: 2, CAMPAIGN: 3}))
    return ConsentShares.shaped(ordered.sort("place", "value", "consent", nulls_last=True))


def _day(column: str, time_zone: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(time_zone).dt.date().cast(pl.String)


def _events(marked: pl.LazyFrame, dimension: str, value: pl.Expr) -> pl.LazyFrame:
    keyed = marked.select("consent", "scan_session_id", dimension=pl.lit(dimension), value=value)
    return keyed.group_by(GROUP).agg(
        events=pl.len().cast(pl.Int64), scan_sessions=expr_distinct(pl.col("scan_session_id"))
    )


def _sessions(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    seen = scan_sessions.filter(pl.col("consent").is_not_null())
    keyed = seen.select("consent", dimension=pl.lit(CAMPAIGN), value="campaign")
    return keyed.group_by(GROUP).agg(events=pl.lit(None, pl.Int64), scan_sessions=pl.len().cast(pl.Int64))


def _money(conversions: pl.LazyFrame, dimension: str, value: pl.Expr) -> pl.LazyFrame:
    keyed = conversions.select("consent", "is_refund", "amount_reporting", dimension=pl.lit(dimension), value=value)
    return keyed.group_by(GROUP).agg(
        conversions=(~pl.col("is_refund")).sum().cast(pl.Int64),
        revenue=total(pl.col("amount_reporting")).cast(AMOUNT),
    )


def _share() -> pl.Expr:
    whole = pl.col("scan_sessions").sum().over("dimension", "value")
    return pl.when(whole > 0).then(pl.col("scan_sessions") / whole * 100).alias("scan_sessions_pct")
