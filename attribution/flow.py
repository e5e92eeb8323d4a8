"""The whole flow on one screen: which stage reads and writes what, in order, and what its rows may be split by."""

from typing import Any, Final

import polars as pl

from attribution import (
    attribute,
    audit,
    conversions,
    deduplicate,
    grown,
    journeys,
    people,
    personal_data,
    report,
    sessions,
    ties,
)
from attribution.privacy import Options
from attribution.settings import Settings
from attribution.stage import Stage, Tables

SORTED_BY: Final = {
    "duplicates": ["row_id"],
    "scan_sessions": ["scan_session_id"],
    "web_sessions": ["scan_session_id", "web_session_id"],
    "conversions": ["converted_at", "conversion_id"],
    "touches": ["conversion_id", "position"],
    "joined_people": ["own_person_id"],
}
"""The order in which a table is written, so that the same input gives the same bytes."""


def _deduplicate(tables: Tables, _: Settings) -> Tables:
    return {"duplicates": deduplicate.deduplicate(tables["events"])}


def _repeated_keys(tables: Tables) -> pl.LazyFrame:
    return deduplicate.repeated_keys(tables["events"])


def _grown_duplicates(before: Tables, now: Tables, _: Settings) -> Tables | None:
    return grown.duplicates(before, now)


def _people(tables: Tables, settings: Settings) -> Tables:
    events, chosen = tables["events"], settings.people
    if chosen.join == "none":
        events = events.head(0)
    joined, account = people.people(
        events, tables["duplicates"], max_people_per_identifier=chosen.max_people_per_identifier
    )
    return {"joined_people": joined, "identity_account": account}


def _session_facts(tables: Tables) -> Tables:
    return sessions.condensed(sessions.session_facts(tables["events"], tables["duplicates"]))


def _sessions(tables: Tables, settings: Settings) -> Tables:
    is_condensed = sessions.SCAN_FACTS in tables
    facts = tables if is_condensed else sessions.session_facts(tables["events"], tables["duplicates"])
    return {
        "scan_sessions": sessions.scan_sessions(facts, tables["scans"], tables["joined_people"]),
        "web_sessions": sessions.web_sessions(facts, timeout_minutes=settings.sessions.timeout_minutes),
    }


def _grown_sessions(before: Tables, now: Tables, settings: Settings) -> Tables | None:
    changed = grown.changed_sessions(before, now)
    theirs = None if changed is None else grown.sessions_of(now, changed)
    if changed is None or theirs is None:
        return None
    made = _sessions(theirs, settings)
    return {name: grown.with_sessions(before[name], rows.sort(SORTED_BY[name]), changed) for name, rows in made.items()}


def _lookups(tables: Tables, settings: Settings) -> Tables:
    names = ("events", "duplicates", "scan_sessions", "web_sessions")
    return conversions.find_lookups(*(tables[name] for name in names), **_chosen(settings))


def _conversions(tables: Tables, settings: Settings) -> Tables:
    names = ("events", "duplicates", "scan_sessions", "web_sessions", "fx", "strays", "orders")
    rows = conversions.conversions(
        *(tables[name] for name in names),
        currency=settings.report.currency,
        time_zone=settings.report.time_zone,
        **_chosen(settings),
    )
    return {"conversions": rows}


def _chosen(settings: Settings) -> dict[str, Any]:
    chosen = settings.conversions
    return {
        "event_names": chosen.event_names,
        "with_value": chosen.with_value,
        "window": ties.Window(chosen.window_days, chosen.clock_skew_minutes),
    }


def _journeys(tables: Tables, settings: Settings) -> Tables:
    chosen = settings.journeys
    return {
        "touches": journeys.journeys(
            tables["scan_sessions"],
            tables["conversions"],
            lookback_days=chosen.lookback_days,
            cycles=chosen.cycles,
        )
    }


def _paths(tables: Tables, settings: Settings) -> Tables:
    whole = (tables[name] for name in ("touches", "conversions", "scan_sessions"))
    return {"paths": attribute.journey_paths(*whole, lookback_days=settings.journeys.lookback_days)}


def _attribute(tables: Tables, settings: Settings) -> Tables:
    touches, converted, paths = (tables[name] for name in ("touches", "conversions", "paths"))
    chosen = settings.attribute
    rows = attribute.attribute(
        touches,
        converted,
        paths,
        models=chosen.chosen_models(),
        currency=settings.report.currency,
        options=chosen.path_options(),
    )
    return {"credits": rows}


def _audit(tables: Tables, settings: Settings) -> Tables:
    left = personal_data.still_found(tables["events"], _looking(settings)).lazy()
    return _audited(tables, settings, left)


def _audited(tables: Tables, settings: Settings, left: pl.LazyFrame) -> Tables:
    found = audit.findings(tables, settings.conversions.event_names)
    return {"findings": found, "consent_audit": audit.consent_audit(tables, left)}


def _looking(settings: Settings) -> Options:
    return Options(phone_regions=tuple(settings.ingest.phone_regions))


def _grown_audit(before: Tables, now: Tables, settings: Settings) -> Tables | None:
    left = grown.personal_data_left(before, now, _looking(settings))
    return None if left is None else _audited(now, settings, left)


INGESTED: Final = (
    "sources",
    "events",
    "rejects",
    "ingest_findings",
    "consent_strips",
    "scans",
    "qr_codes",
    "spend",
    "fx",
)
"""What `ingest` writes. It reads files, so the engine runs it (`attribution.engines`), batch by batch."""
INGEST_SETTINGS: Final = ("ingest", "consent", "report.currency")
"""The settings that it is given."""

STAGES: Final = (
    Stage(
        "deduplicate",
        ("events",),
        ("duplicates",),
        _deduplicate,
        split_by=("event_key",),
        keys=_repeated_keys,
        grow=_grown_duplicates,
    ),
    Stage("people", ("events", "duplicates"), ("joined_people", "identity_account"), _people, ("people",)),
    Stage(
        "sessions",
        ("events", "duplicates", "scans", "joined_people"),
        ("scan_sessions", "web_sessions"),
        _sessions,
        ("sessions",),
        ("scan_session_id",),
        condense=_session_facts,
        condenses="events",
        grow=_grown_sessions,
    ),
    Stage(
        "conversions",
        ("events", "duplicates", "scan_sessions", "web_sessions", "fx"),
        ("conversions",),
        _conversions,
        ("conversions", "report.currency", "report.time_zone"),
        ("scan_session_id",),
        _lookups,
    ),
    Stage("journeys", ("scan_sessions", "conversions"), ("touches",), _journeys, ("journeys",), ("person_id",)),
    Stage(
        "attribute",
        ("touches", "conversions", "scan_sessions"),
        ("credits",),
        _attribute,
        ("attribute", "journeys.lookback_days", "report.currency"),
        ("conversion_id",),
        _paths,
    ),
    Stage(
        "report",
        (
            "events",
            "duplicates",
            "scan_sessions",
            "scans",
            "qr_codes",
            "spend",
            "fx",
            "conversions",
            "touches",
            "credits",
            "identity_account",
        ),
        (),
        report.report,
        ("report", "conversions.window_days", "audit.min_group"),
    ),
    Stage(
        "audit",
        ("sources", "events", "ingest_findings", "consent_strips", "scans", "duplicates", "scan_sessions"),
        ("findings", "consent_audit"),
        _audit,
        ("conversions.event_names", "ingest.phone_regions"),
        grow=_grown_audit,
    ),
)
STAGE_NAMES: Final = ("ingest", *(stage.name for stage in STAGES))


def stage_named(name: str) -> Stage:
    """The stage of this name; `ingest` is not one."""
    return next(stage for stage in STAGES if stage.name == name)
