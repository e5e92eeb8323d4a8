"""Sessions: `events`, `duplicates`, `scans`, `joined_people` -> `scan_sessions`, `web_sessions`.

Reads:  `events` less duplicates and exclusions, of these the QR code alone; `scans`, `joined_people`.
Writes: `scan_sessions`, one row per scan session; `web_sessions`, one row per web session and scan session.
Rule:   a scan session is what a scan row or an event names; it is known where there is a scan row, a browser event or
        a QR code on one of its events, also on one that does not count. A web session is what a browser event carries;
        browser events without one are cut into sessions where nothing happened for 30 minutes. Of several values for
        one session the first in text order counts, and a QR code that differs is a conflict; codes of events that do
        not count are looked at only where there is no other.
May be split by `scan_session_id`.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from attribution import terms
from attribution.analysed import analysed, left_out
from attribution.devices import DEVICE, expr_device
from attribution.pages import expr_page
from attribution.schemas.scan_sessions import ScanSessions
from attribution.schemas.web_sessions import WebSessions
from attribution.session_facts import (
    LEFT_OUT_CODES,
    SCAN_SUMS,
    TIME_DIGITS,
    TRAITS,
    WEB_SUMS,
    left_out_facts,
    merged_scan_facts,
    merged_web_facts,
    scan_facts,
    summed_web_facts,
    web_facts,
)
from attribution.visitors import expr_own_person

Facts = Mapping[str, pl.LazyFrame]
SCAN_FACTS: Final = "scan_facts"
WEB_FACTS: Final = "web_facts"


def session_facts(events: pl.LazyFrame, duplicates: pl.LazyFrame) -> Facts:
    """What the events say about their sessions, one row per event: `session_facts.scan_facts`, `left_out_facts`, `web_facts`.

    Args:
        events: As `schemas.events`.
        duplicates: As `schemas.duplicates`.
    """
    counted, others = analysed(events, duplicates), left_out(events, duplicates)
    of_scans = pl.concat([scan_facts(counted), left_out_facts(others)], how="diagonal")
    return {SCAN_FACTS: of_scans, WEB_FACTS: web_facts(counted)}


def condensed(facts: Facts) -> Facts:
    """Fewer rows that say the same."""
    return {SCAN_FACTS: merged_scan_facts(facts[SCAN_FACTS]), WEB_FACTS: merged_web_facts(facts[WEB_FACTS])}


def scan_sessions(facts: Facts, scans: pl.LazyFrame, joined_people: pl.LazyFrame) -> pl.LazyFrame:
    """Every scan session, with its scan, its events in numbers, its QR code and its person.

    Args:
        facts: As `session_facts` gives them, condensed or not.
        scans: As `schemas.scans`; empty where there is no scan export.
        joined_people: As `schemas.joined_people`; empty where nobody is joined.

    Returns:
        As `schemas.scan_sessions`.
    """
    from_events = _with_page(merged_scan_facts(facts[SCAN_FACTS]))
    from_scans = scans.rename({name: f"{name}_scan" for name in ("qr_code_id", *TRAITS)})
    every = from_scans.join(from_events, on="scan_session_id", how="full", coalesce=True)
    there = every.filter(pl.coalesce("scanned_at", "first_event_at").is_not_null())
    seen = there.with_columns(said=expr_device(pl.col("user_agent")))
    marked = seen.with_columns(
        *_scan(),
        *_traits(),
        pl.col(SCAN_SUMS).cast(pl.Int64).fill_null(0),
        *_consent(),
    ).with_columns(_qr_conflict())
    joined = marked.join(joined_people.select("own_person_id", "person_id"), on="own_person_id", how="left")
    return ScanSessions.shaped(joined.with_columns(pl.coalesce("person_id", "own_person_id").alias("person_id")))


def _with_page(sessions: pl.LazyFrame) -> pl.LazyFrame:
    """Add `landing_page` while the addresses still lie side by side in memory: after a join each must be looked up."""
    page = expr_page(pl.col("timed_page").str.slice(TIME_DIGITS))
    return sessions.with_columns(landing_page=page).drop("timed_page")


def _consent() -> list[pl.Expr]:
    word = pl.lit(None, pl.String)
    for place, known in enumerate(terms.STRICTEST_FIRST):
        word = pl.when(pl.col("consent_rank") == place).then(pl.lit(known)).otherwise(word)
    changes = pl.col("sent_rank") != pl.col("sent_rank_other")
    return [word.alias("consent"), changes.fill_null(value=False).alias("has_consent_change")]


def _scan() -> list[pl.Expr]:
    has_scan, left_out = pl.col("scanned_at").is_not_null(), LEFT_OUT_CODES[0]
    return [
        pl.coalesce("scanned_at", "first_event_at").alias("scanned_at"),
        pl.when(has_scan)
        .then(pl.lit(terms.SCAN_EXPORT))
        .otherwise(pl.lit(terms.FIRST_EVENT))
        .alias("scanned_at_source"),
        pl.any_horizontal(
            has_scan, pl.col("browser_event_count").fill_null(0) > 0, pl.coalesce("qr_code_id", left_out).is_not_null()
        ).alias("is_known"),
        expr_own_person().alias("own_person_id"),
        pl.coalesce("qr_code_id_scan", "qr_code_id", left_out).alias("qr_code_id"),
        pl.col("qr_code_id").alias("qr_code_id_event"),
    ]


def _traits() -> list[pl.Expr]:
    """The scan export's value, else the events', else what the user agent says."""
    said = {field.name: [pl.col("said").struct.field(field.name)] for field in DEVICE.fields}
    return [pl.coalesce(f"{name}_scan", name, *said.get(name, [])).alias(name) for name in TRAITS]


def _qr_conflict() -> pl.Expr:
    among_events = pl.col("qr_code_id_event") != pl.col("qr_code_id_other")
    with_scan = pl.col("qr_code_id_event") != pl.col("qr_code_id_scan")
    first, last = (pl.col(name) for name in LEFT_OUT_CODES)
    among_left_out = pl.coalesce("qr_code_id_scan", "qr_code_id_event").is_null() & (first != last)
    rules = (among_events, with_scan, pl.col("has_conflict"), among_left_out)
    return pl.any_horizontal(rule.fill_null(value=False) for rule in rules).alias("has_qr_conflict")


def web_sessions(facts: Facts, *, timeout_minutes: int = 30) -> pl.LazyFrame:
    """Every web session, under the scan session that its browser events carry.

    Args:
        facts: As `session_facts` gives them, condensed or not.
        timeout_minutes: A gap longer than this ends a web session, where the events carry no web session id.

    Returns:
        As `schemas.web_sessions`.
    """
    of_events = facts[WEB_FACTS]
    is_derived = pl.col("web_session_id_is_derived")
    named = of_events.filter(pl.col("web_session_id").is_not_null()).with_columns(
        web_session_id_is_derived=pl.lit(value=False)
    )
    unnamed = of_events.filter(pl.col("web_session_id").is_null())
    cut = unnamed.with_columns(session_start=_session_start(timeout_minutes)).with_columns(
        web_session_id=pl.concat_str("scan_session_id", pl.lit("/"), pl.col("session_start").dt.epoch("us")),
        web_session_id_is_derived=pl.lit(value=True),
    )
    summed = summed_web_facts(pl.concat([named, cut.drop("session_start")]), is_derived.any())
    return WebSessions.shaped(summed.with_columns(pl.col(WEB_SUMS).cast(pl.Int64)))


def _session_start(timeout_minutes: int) -> pl.Expr:
    """When the run of events that the event belongs to, one without a longer gap, began."""
    time = pl.col("started_at")
    gap = time - time.shift(1).over("scan_session_id", order_by=time)
    starts = gap.is_null() | (gap > pl.duration(minutes=timeout_minutes))
    return pl.when(starts).then(time).forward_fill().over("scan_session_id", order_by=time)
