"""The whole flow on one screen: which stage reads and writes what, in order, and what its rows may be split by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from attribution import attribute, audit, conversions, deduplicate, report, sessions
from attribution.settings import Settings

Tables = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Stage:
    """A step of the flow: a pure function from tables to tables."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[Tables, Settings], Tables]
    split_by: tuple[str, ...] = ()
    """The columns that rows may be split by without changing the result; none: the whole table at once."""


def _deduplicate(tables: Tables, _: Settings) -> Tables:
    return {"duplicates": deduplicate.deduplicate(tables["events"])}


def _sessions(tables: Tables, settings: Settings) -> Tables:
    events, duplicates = tables["events"], tables["duplicates"]
    timeout = settings.sessions.timeout_minutes
    return {
        "scan_sessions": sessions.scan_sessions(events, duplicates, tables["scans"]),
        "web_sessions": sessions.web_sessions(events, duplicates, timeout_minutes=timeout),
    }


def _conversions(tables: Tables, settings: Settings) -> Tables:
    chosen = settings.conversions
    window = conversions.Window(chosen.window_days, chosen.clock_skew_minutes)
    return {
        "conversions": conversions.conversions(
            *(tables[name] for name in ("events", "duplicates", "scan_sessions", "web_sessions", "fx")),
            currency=settings.report.currency,
            event_names=chosen.event_names,
            with_value=chosen.with_value,
            window=window,
        )
    }


def _attribute(tables: Tables, _: Settings) -> Tables:
    return {"credits": attribute.attribute(tables["conversions"])}


def _findings(tables: Tables, _: Settings) -> Tables:
    return {"findings": audit.findings(tables)}


INGESTED: Final = ("sources", "events", "rejects", "ingest_findings", "scans", "qr_codes", "spend", "fx")
"""What `ingest` writes. It reads files, so the engine runs it (`attribution.engines`), batch by batch."""

STAGES: Final = (
    Stage("deduplicate", ("events",), ("duplicates",), _deduplicate, ("event_key",)),
    Stage(
        "sessions",
        ("events", "duplicates", "scans"),
        ("scan_sessions", "web_sessions"),
        _sessions,
        ("scan_session_id",),
    ),
    Stage(
        "conversions",
        ("events", "duplicates", "scan_sessions", "web_sessions", "fx"),
        ("conversions",),
        _conversions,
        ("scan_session_id",),
    ),
    Stage("attribute", ("conversions",), ("credits",), _attribute, ("conversion_id",)),
    Stage(
        "report",
        ("scan_sessions", "scans", "qr_codes", "spend", "fx", "conversions", "credits", "rejects"),
        (),
        report.report,
    ),
    Stage(
        "audit",
        (*INGESTED, "duplicates", "scan_sessions", "web_sessions", "conversions", "credits"),
        ("findings",),
        _findings,
    ),
)
STAGE_NAMES: Final = ("ingest", *(stage.name for stage in STAGES))
