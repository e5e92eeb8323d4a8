"""Consent as data: its shares by site, day and campaign, and the money that rides on each state."""

import polars as pl

from attribution.analysed import analysed
from attribution.days import expr_day
from attribution.fx import total
from attribution.keys import expr_distinct_keys, expr_session
from attribution.money import TOTAL
from attribution.schemas.consent_shares import ALL, CAMPAIGN, DAY, SITE, ConsentShares
from attribution.slices import by_key, in_slices

GROUP = ("dimension", "value", "consent")
VALUES = {ALL: pl.lit(None, pl.String), SITE: pl.col("site_id").cast(pl.String), DAY: pl.col("day").cast(pl.String)}
"""Dimension -> value, of events and of conversions."""
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
        As `schemas.consent_shares`. Reads its tables; a row for each scan session, consent, site and day stays in memory.
    """
    codes = qr_codes.select("qr_code_id", "campaign")
    sessions = _sessions(scan_sessions.join(codes, on="qr_code_id", how="left")).collect(engine="streaming")
    counted = pl.concat([_counted(events, duplicates, time_zone), sessions.lazy()])
    bought = conversions.join(codes, on="qr_code_id", how="left").with_columns(day=expr_day("converted_at", time_zone))
    money = pl.concat([_money(bought, name, value) for name, value in {**VALUES, CAMPAIGN: pl.col("campaign")}.items()])
    joined = counted.join(money, on=GROUP, how="full", coalesce=True, nulls_equal=True).with_columns(
        pl.col("scan_sessions", "conversions").fill_null(0),
        pl.col("revenue").fill_null(0).cast(TOTAL),
        currency=pl.lit(currency),
    )
    shared = joined.sort(GROUP).with_columns(_share(), is_suppressed=_is_hidden(min_group))
    shown = shared.with_columns(pl.when(~pl.col("is_suppressed")).then(pl.col(NUMBERS)).name.keep())
    ordered = shown.with_columns(place=pl.col("dimension").replace_strict({ALL: 0, SITE: 1, DAY: 2, CAMPAIGN: 3}))
    return ConsentShares.shaped(ordered.sort("place", "value", "consent", nulls_last=True))


def _counted(events: pl.LazyFrame, duplicates: pl.LazyFrame, time_zone: str) -> pl.LazyFrame:
    """Events and scan sessions of each value and consent; reads the events once, some millions at a time."""
    stretches = list(in_slices(events))
    parts = (_alike(analysed(stretch, duplicates), time_zone) for stretch in stretches)
    held = by_key(parts, "session", len(stretches))
    counts = (_events(rows.lazy(), name, value) for rows in held for name, value in VALUES.items())
    found = pl.concat(rows.collect(engine="streaming") for rows in counts).lazy()
    return found.group_by(GROUP).agg(pl.col("events", "scan_sessions").sum())


def _alike(marked: pl.LazyFrame, time_zone: str) -> pl.LazyFrame:
    """A row for events of one scan session, or of none, that no value tells apart."""
    words = pl.col("consent", "site_id").cast(pl.Categorical)
    return marked.group_by(words, expr_session(), day=expr_day("occurred_at", time_zone)).agg(events=pl.len())


def _events(alike: pl.LazyFrame, dimension: str, value: pl.Expr) -> pl.LazyFrame:
    consent = pl.col("consent").cast(pl.String)
    keyed = alike.select(consent, "session", "events", dimension=pl.lit(dimension), value=value)
    return keyed.group_by(GROUP).agg(
        events=pl.col("events").sum().cast(pl.Int64), scan_sessions=expr_distinct_keys(pl.col("session"))
    )


def _sessions(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    seen = scan_sessions.filter(pl.col("consent").is_not_null())
    keyed = seen.select("consent", dimension=pl.lit(CAMPAIGN), value="campaign")
    return keyed.group_by(GROUP).agg(events=pl.lit(None, pl.Int64), scan_sessions=pl.len().cast(pl.Int64))


def _money(conversions: pl.LazyFrame, dimension: str, value: pl.Expr) -> pl.LazyFrame:
    keyed = conversions.select("consent", "is_refund", "amount_reporting", dimension=pl.lit(dimension), value=value)
    return keyed.group_by(GROUP).agg(
        conversions=(~pl.col("is_refund")).sum().cast(pl.Int64),
        revenue=total(pl.col("amount_reporting")).cast(TOTAL),
    )


def _is_hidden(min_group: int) -> pl.Expr:
    """The groups of a value that are too small, and, where all such together are, the smallest other as well: what is left of
    the whole would be theirs.
    """
    size = pl.when(pl.col("scan_sessions") > 0).then("scan_sessions").otherwise("conversions").clip(1)
    of_value = ("dimension", "value")
    is_small = size < min_group
    left = pl.when(is_small).then(size).sum().over(of_value)
    is_next = pl.when(~is_small).then(size).rank("ordinal").over(of_value) == 1
    return is_small | (left.is_between(1, min_group - 1) & is_next.fill_null(value=False))


def _share() -> pl.Expr:
    whole = pl.col("scan_sessions").sum().over("dimension", "value")
    return pl.when(whole > 0).then(pl.col("scan_sessions") / whole * 100).alias("scan_sessions_pct")
