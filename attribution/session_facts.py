"""What events say about their sessions, as facts that add up: those of any stretches, merged, are those of all events.

Each event is a row of facts. Rows of one session become one row by the sum, the least or the greatest of each column.
Reads: `events` that count (`analysed`); of those left out only the QR code that they name.
"""

from typing import Final

import polars as pl

from attribution import terms
from attribution.row_kinds import is_browser, is_page_view
from attribution.visitors import visitor_marks

TIME_DIGITS: Final = 18
TRAITS: Final = ("country_code", "city", "device_type", "browser_family", "os_family")
COUNT: Final = pl.UInt32
SCAN_KEY: Final = ("scan_session_id",)
SCAN_SUMS: Final = ("event_count", "browser_event_count", "page_view_count")
SCAN_WORDS: Final = ("qr_code_id", "user_agent", *TRAITS)
"""Texts with few values, which are grouped as categories: that is faster."""
LEFT_OUT_CODES: Final = ("left_out_qr_code_id", "left_out_qr_code_id_other")
"""The QR codes that events name which do not count: the first and the last in text order."""
SCAN_LEAST: Final = (
    "first_event_at",
    "timed_page",
    "consent_rank",
    "sent_rank",
    "browser_visitor_id",
    "server_visitor_id",
    *SCAN_WORDS,
    LEFT_OUT_CODES[0],
)
SCAN_GREATEST: Final = ("last_event_at", "qr_code_id_other", "sent_rank_other", LEFT_OUT_CODES[1])
WEB_KEY: Final = ("web_session_id", "scan_session_id")
WEB_SUMS: Final = ("event_count", "page_view_count")


def scan_facts(events: pl.LazyFrame) -> pl.LazyFrame:
    """The facts of each event that names a scan session. One row per event."""
    return events.filter(pl.col("scan_session_id").is_not_null()).select(
        "scan_session_id",
        pl.lit(1, COUNT).alias("event_count"),
        is_browser().cast(COUNT).alias("browser_event_count"),
        is_page_view().cast(COUNT).alias("page_view_count"),
        _timed_page(),
        *visitor_marks(),
        *SCAN_WORDS,
        _rank(pl.col("consent")).alias("consent_rank"),
        *_both(pl.col("occurred_at"), "first_event_at", "last_event_at"),
        pl.col("qr_code_id").alias("qr_code_id_other"),
        *_both(_sent_rank(), "sent_rank", "sent_rank_other"),
    )


def left_out_facts(events: pl.LazyFrame) -> pl.LazyFrame:
    """The facts of each event that does not count but names a scan session and its QR code. One row per event."""
    return events.filter(pl.col("scan_session_id").is_not_null(), pl.col("qr_code_id").is_not_null()).select(
        "scan_session_id", *_both(pl.col("qr_code_id"), *LEFT_OUT_CODES)
    )


def merged_scan_facts(facts: pl.LazyFrame) -> pl.LazyFrame:
    """One row per scan session."""
    words = pl.col(*SCAN_WORDS, "qr_code_id_other", *LEFT_OUT_CODES)
    grouped = facts.with_columns(words.cast(pl.Categorical)).group_by(SCAN_KEY)
    merged = grouped.agg(pl.col(SCAN_SUMS).sum(), pl.col(SCAN_LEAST).min(), pl.col(*SCAN_GREATEST).max())
    return merged.with_columns(words.cast(pl.String))


def web_facts(events: pl.LazyFrame) -> pl.LazyFrame:
    """The facts of each browser event of a scan session. One row per event; `web_session_id` may be null."""
    browsing = events.filter(is_browser(), pl.col("scan_session_id").is_not_null())
    return browsing.select(
        *WEB_KEY,
        *_both(pl.col("occurred_at"), "started_at", "ended_at"),
        pl.lit(1, COUNT).alias("event_count"),
        is_page_view().cast(COUNT).alias("page_view_count"),
    )


def merged_web_facts(facts: pl.LazyFrame) -> pl.LazyFrame:
    """One row per web session and scan session; rows that name no web session stay as they are."""
    is_named = pl.col("web_session_id").is_not_null()
    return pl.concat([summed_web_facts(facts.filter(is_named)), facts.filter(~is_named)])


def summed_web_facts(facts: pl.LazyFrame, *more: pl.Expr) -> pl.LazyFrame:
    """One row per web session and scan session, with `more` aggregates of each."""
    sums = pl.col("started_at").min(), pl.col("ended_at").max(), pl.col(WEB_SUMS).sum()
    return facts.group_by(WEB_KEY).agg(*sums, *more)


def _timed_page() -> pl.Expr:
    """A page view's address, preceded by its time in a fixed number of digits: the least is the first, in a single column."""
    time = pl.col("occurred_at").dt.epoch("us") + 10 ** (TIME_DIGITS - 1)
    return pl.when(is_page_view()).then(pl.concat_str(time.cast(pl.String), "page_url")).alias("timed_page")


def _both(value: pl.Expr, least: str, greatest: str) -> list[pl.Expr]:
    return [value.alias(least), value.alias(greatest)]


def _sent_rank() -> pl.Expr:
    return _rank(pl.when(pl.col("consent_sent") != terms.UNSPECIFIED).then("consent_sent"))


def _rank(word: pl.Expr) -> pl.Expr:
    """Consent as its place in `STRICTEST_FIRST`, which is cheaper to compare. (A `replace` would hold the whole column.)"""
    rank = pl.lit(None, pl.UInt8)
    for place, known in enumerate(terms.STRICTEST_FIRST):
        rank = pl.when(word == known).then(pl.lit(place, pl.UInt8)).otherwise(rank)
    return rank
