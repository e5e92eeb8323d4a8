"""Sessions: `events`, `duplicates`, `scans`, `joined_people` -> `scan_sessions`, `web_sessions`.

Reads:  `events` less duplicates and exclusions, `scans`, `joined_people`.
Writes: `scan_sessions`, one row per scan session; `web_sessions`, one row per web session and scan session.
Rule:   a scan session is what a scan row or an event names; it is known where there is a scan row, a browser event or
        a QR code on one of its events. A web session is what a browser event carries; browser events without one are
        cut into sessions where nothing happened for 30 minutes. Of several values for one session the first in text
        order counts, and a QR code that differs is a conflict.
May be split by `scan_session_id`.
"""

from typing import Final

import polars as pl

from attribution import terms
from attribution.analysed import analysed
from attribution.devices import DEVICE, expr_device
from attribution.pages import expr_page
from attribution.schemas.scan_sessions import ScanSessions
from attribution.schemas.web_sessions import WebSessions
from attribution.visitors import expr_own_person, is_browser, visitor_marks

TIME_DIGITS: Final = 18
PAGE_VIEWS: Final = ("page_view", "pageview")
TRAITS: Final = ("country_code", "city", "device_type", "browser_family", "os_family")


def is_page_view() -> pl.Expr:
    """The row is a browser event that reports as a page view."""
    return is_browser() & pl.col("event_type").is_in(PAGE_VIEWS)


def scan_sessions(
    events: pl.LazyFrame, duplicates: pl.LazyFrame, scans: pl.LazyFrame, joined_people: pl.LazyFrame
) -> pl.LazyFrame:
    """Every scan session, with its scan, its events in numbers, its QR code and its person.

    Args:
        events: As `schemas.events`.
        duplicates: As `schemas.duplicates`.
        scans: As `schemas.scans`; empty where there is no scan export.
        joined_people: As `schemas.joined_people`; empty where nobody is joined.

    Returns:
        As `schemas.scan_sessions`.
    """
    from_events = _from_events(analysed(events, duplicates))
    from_scans = scans.rename({name: f"{name}_scan" for name in ("qr_code_id", *TRAITS)})
    every = from_scans.join(from_events, on="scan_session_id", how="full", coalesce=True)
    seen = every.with_columns(said=expr_device(pl.col("user_agent")))
    marked = seen.with_columns(
        *_scan(),
        *_traits(),
        *_counts(),
        *_consent(),
        expr_page(pl.col("timed_page").str.slice(TIME_DIGITS)).alias("landing_page"),
    ).with_columns(_qr_conflict())
    joined = marked.join(joined_people.select("own_person_id", "person_id"), on="own_person_id", how="left")
    return ScanSessions.shaped(joined.with_columns(pl.coalesce("person_id", "own_person_id").alias("person_id")))


def _from_events(events: pl.LazyFrame) -> pl.LazyFrame:
    """One row per scan session that an event names. Texts with few values are grouped as categories, which is faster."""
    return (
        events.filter(pl.col("scan_session_id").is_not_null())
        .select(
            "scan_session_id",
            "occurred_at",
            *_consents(),
            is_browser().alias("is_browser"),
            is_page_view().alias("is_page_view"),
            *visitor_marks(),
            _timed_page(),
            pl.col("qr_code_id", "user_agent", *TRAITS).cast(pl.Categorical),
        )
        .group_by("scan_session_id")
        .agg(
            pl.len().cast(pl.Int64).alias("event_count"),
            pl.col("is_browser").sum().cast(pl.Int64).alias("browser_event_count"),
            pl.col("is_page_view").sum().cast(pl.Int64).alias("page_view_count"),
            pl.col("occurred_at").min().alias("first_event_at"),
            pl.col("occurred_at").max().alias("last_event_at"),
            pl.col("qr_code_id").max().alias("qr_code_id_other"),
            pl.col("timed_page").min(),
            pl.col("consent_rank").min(),
            (pl.col("sent_rank").min() != pl.col("sent_rank").max()).alias("has_consent_change"),
            pl.col("qr_code_id", "browser_visitor_id", "server_visitor_id", "user_agent", *TRAITS).min(),
        )
        .with_columns(pl.col(pl.Categorical).cast(pl.String))
    )


def _timed_page() -> pl.Expr:
    """A page view's address behind its time in digits of one length: the least is the first, and one column is enough."""
    time = pl.col("occurred_at").dt.epoch("us").cast(pl.String).str.zfill(TIME_DIGITS)
    return pl.when(is_page_view()).then(pl.concat_str(time, "page_url")).alias("timed_page")


def _consents() -> list[pl.Expr]:
    """Consent as its rank, the strictest first, which is cheaper to compare than words."""
    said = pl.when(pl.col("consent_sent") != terms.UNSPECIFIED).then("consent_sent")
    return [_rank(pl.col("consent")).alias("consent_rank"), _rank(said).alias("sent_rank")]


def _rank(word: pl.Expr) -> pl.Expr:
    """The word's place among the strictest first. (A `replace` would hold the whole column in memory.)"""
    rank = pl.lit(None, pl.UInt8)
    for place, known in enumerate(terms.STRICTEST_FIRST):
        rank = pl.when(word == known).then(pl.lit(place, pl.UInt8)).otherwise(rank)
    return rank


def _consent() -> list[pl.Expr]:
    word = pl.lit(None, pl.String)
    for place, known in enumerate(terms.STRICTEST_FIRST):
        word = pl.when(pl.col("consent_rank") == place).then(pl.lit(known)).otherwise(word)
    return [word.alias("consent"), pl.col("has_consent_change").fill_null(value=False)]


def _scan() -> list[pl.Expr]:
    has_scan = pl.col("scanned_at").is_not_null()
    return [
        pl.coalesce("scanned_at", "first_event_at").alias("scanned_at"),
        pl.when(has_scan)
        .then(pl.lit(terms.SCAN_EXPORT))
        .otherwise(pl.lit(terms.FIRST_EVENT))
        .alias("scanned_at_source"),
        pl.any_horizontal(
            has_scan, pl.col("browser_event_count").fill_null(0) > 0, pl.col("qr_code_id").is_not_null()
        ).alias("is_known"),
        expr_own_person().alias("own_person_id"),
        pl.coalesce("qr_code_id_scan", "qr_code_id").alias("qr_code_id"),
        pl.col("qr_code_id").alias("qr_code_id_event"),
    ]


def _traits() -> list[pl.Expr]:
    """The scan export's word, else the events', else what the user agent says."""
    said = {field.name: [pl.col("said").struct.field(field.name)] for field in DEVICE.fields}
    return [pl.coalesce(f"{name}_scan", name, *said.get(name, [])).alias(name) for name in TRAITS]


def _counts() -> list[pl.Expr]:
    return [pl.col(name).fill_null(0) for name in ("event_count", "browser_event_count", "page_view_count")]


def _qr_conflict() -> pl.Expr:
    among_events = pl.col("qr_code_id_event") != pl.col("qr_code_id_other")
    with_scan = pl.col("qr_code_id_event") != pl.col("qr_code_id_scan")
    among_scans = pl.col("has_conflict")
    return pl.any_horizontal(rule.fill_null(value=False) for rule in (among_events, with_scan, among_scans)).alias(
        "has_qr_conflict"
    )


def web_sessions(events: pl.LazyFrame, duplicates: pl.LazyFrame, *, timeout_minutes: int = 30) -> pl.LazyFrame:
    """Every web session, under the scan session that its browser events carry.

    Args:
        events: As `schemas.events`.
        duplicates: As `schemas.duplicates`.
        timeout_minutes: A gap longer than this ends a web session, where the events carry no web session id.

    Returns:
        As `schemas.web_sessions`.
    """
    browsing = analysed(events, duplicates).filter(is_browser(), pl.col("scan_session_id").is_not_null())
    columns = ["scan_session_id", "web_session_id", "occurred_at", "source", "event_type"]
    named = browsing.filter(pl.col("web_session_id").is_not_null()).select(
        *columns, pl.lit(value=False).alias("web_session_id_is_derived")
    )
    unnamed = browsing.filter(pl.col("web_session_id").is_null()).select(columns)
    cut = unnamed.with_columns(session_start=_session_start(timeout_minutes)).with_columns(
        web_session_id=pl.concat_str("scan_session_id", pl.lit("/"), pl.col("session_start").dt.epoch("us")),
        web_session_id_is_derived=pl.lit(value=True),
    )
    both = pl.concat([named, cut.select(*columns, "web_session_id_is_derived")])
    return WebSessions.shaped(
        both.group_by("web_session_id", "scan_session_id").agg(
            pl.col("web_session_id_is_derived").any(),
            pl.col("occurred_at").min().alias("started_at"),
            pl.col("occurred_at").max().alias("ended_at"),
            pl.len().cast(pl.Int64).alias("event_count"),
            is_page_view().sum().cast(pl.Int64).alias("page_view_count"),
        )
    )


def _session_start(timeout_minutes: int) -> pl.Expr:
    """The first time of the run of events, without a longer gap, that the event is in."""
    time = pl.col("occurred_at")
    gap = time - time.shift(1).over("scan_session_id", order_by=time)
    starts = gap.is_null() | (gap > pl.duration(minutes=timeout_minutes))
    return pl.when(starts).then(time).forward_fill().over("scan_session_id", order_by=time)
