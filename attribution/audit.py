"""Audit: what ingest wrote, duplicates and sessions -> `findings`, `consent_audit`.

Reads:  `events`, `ingest_findings`, `consent_strips`, `sources`, `scans`, `duplicates`, `scan_sessions`.
Writes: `findings`, one row per thing worth a look: those of ingest, and what deduplicate and sessions noticed;
        `consent_audit`, one row per stage, check, field and consent.
Rule:   what consent forbids must be in no table; what was stripped, leaked or found is counted, never shown.
Runs on whole tables.
"""

from collections.abc import Collection
from typing import Final

import polars as pl

from attribution import personal_data, terms
from attribution.consent import STRIPPED, is_leak, is_withheld
from attribution.keys import expr_session
from attribution.privacy import REDACTED
from attribution.row_ids import expr_row_number, expr_source_id
from attribution.schemas.consent_audit import ConsentAudit
from attribution.schemas.findings import Findings
from attribution.sources.unread import UNREAD
from attribution.stage import Tables
from attribution.suspects import suspects

SESSION_MARKS: Final = (
    ("has_qr_conflict", "qr_code_conflict", terms.WARNING, "scan_session.qr_code_id"),
    ("has_consent_change", "consent_change", terms.INFO, "scan_session.consent"),
)
STILL_HELD, PERSONAL_DATA_LEFT, NAMED = "still_held", "personal_data_left", "person_named_without_consent"
"""Checks of the written tables: none may find a row."""
ROWS, LEAKED, STRIPPED_AWAY, CHANGED = "rows", "leaked", "stripped", "consent_changes"
"""Counts: rows with a consent, leaked by a stored export, stripped from raw payloads; scan sessions whose consent changed."""


def findings(tables: Tables, conversion_names: Collection[str]) -> pl.LazyFrame:
    """Everything worth a look: as `schemas.findings`, sorted by rule, severity, file and row."""
    duplicates = tables["duplicates"]
    noted = pl.concat(
        [
            tables["ingest_findings"],
            duplicates.filter(pl.col("conflicting").is_not_null()).select(
                "row_id", "event_id", *_said("conflict", terms.WARNING), field_path="conflicting"
            ),
            duplicates.filter(pl.col("reason") == terms.ORIGINAL_OUTSIDE).select(
                "row_id", "event_id", *_said(terms.ORIGINAL_OUTSIDE, terms.WARNING), field_path=pl.lit("")
            ),
            suspects(tables["events"], duplicates, conversion_names),
        ],
        how="diagonal",
    )
    placed = noted.with_columns(expr_source_id(), expr_row_number()).join(
        tables["sources"].select("source_id", "source_file"), on="source_id", how="left"
    )
    both = pl.concat(
        part.select(Findings.columns()) for part in (placed, _about_files(tables["sources"]), _about_sessions(tables))
    )
    return Findings.shaped(both.sort(Findings.columns(), nulls_last=True))


def _about_files(sources: pl.LazyFrame) -> pl.LazyFrame:
    """Files left aside because their content was not recognised or repeats another's, and files named after a person."""
    told = {unread.rule: pl.col("format") == name for name, unread in UNREAD.items() if unread.rule}
    unknown = (pl.col("kind") == "") & ~pl.any_horizontal(told.values())
    personal = pl.col("source_file").str.contains(REDACTED, literal=True)
    repeated = ~pl.col("kind").is_in(["events", ""]) & ~pl.struct("content_sha256", "kind").is_first_distinct()
    return pl.concat(
        sources.filter(mark).select(
            *_said(rule, severity),
            "source_file",
            pl.lit(None, pl.Int64).alias("row_number"),
            pl.lit(None, pl.String).alias("event_id"),
            pl.lit(field_path).alias("field_path"),
        )
        for mark, rule, severity, field_path in (
            (unknown, "file_not_recognised", terms.WARNING, ""),
            *((mark, rule, terms.WARNING, "") for rule, mark in told.items()),
            (repeated, "file_repeated", terms.WARNING, ""),
            (personal, personal_data.IN_FILE_NAME, terms.ERROR, "source_file"),
        )
    )


def _about_sessions(tables: Tables) -> pl.LazyFrame:
    """Scan sessions whose rows do not agree; `event_id` holds the scan session."""
    sessions = tables["scan_sessions"]
    return pl.concat(
        sessions.filter(mark).select(
            *_said(rule, severity),
            pl.lit(None, pl.String).alias("source_file"),
            pl.lit(None, pl.Int64).alias("row_number"),
            pl.col("scan_session_id").alias("event_id"),
            pl.lit(field_path).alias("field_path"),
        )
        for mark, rule, severity, field_path in SESSION_MARKS
    )


def _said(rule: str, severity: str) -> list[pl.Expr]:
    words = {"rule": rule, "severity": severity, "confidence": terms.HIGH, "fingerprint": None}
    return [pl.lit(word, pl.String).alias(name) for name, word in words.items()]


def consent_audit(tables: Tables, left: pl.LazyFrame) -> pl.LazyFrame:
    """What consent forbade, what became of it, and whether the written tables keep to it: as `schemas.consent_audit`.

    Args:
        tables: What the stage reads.
        left: As `personal_data.still_found` gives it of all events.
    """
    events = tables["events"]
    held = [_still_held(events), _scans_still_held(events, tables["scans"])]
    parts = [_read(events), _stripped(tables), *held, _left(left), _named(tables), _changed(tables)]
    rows = pl.concat(part.select(ConsentAudit.columns()) for part in parts)
    return ConsentAudit.shaped(rows.sort("stage", "check", "field", "consent", nulls_last=True))


def _row(stage: str, check: str, *, allowed: int | None) -> list[pl.Expr]:
    """The columns that say which check a row belongs to, and whether it holds."""
    permitted = pl.lit(allowed, pl.Int64)
    holds = pl.col("rows") <= permitted if allowed is not None else pl.lit(None, pl.Boolean)
    return [
        pl.lit(stage).alias("stage"),
        pl.lit(check).alias("check"),
        permitted.alias("allowed"),
        holds.alias("holds"),
    ]


def _nothing(name: str) -> pl.Expr:
    return pl.lit(None, pl.String).alias(name)


def _read(events: pl.LazyFrame) -> pl.LazyFrame:
    counted = events.group_by(consent="consent_sent").agg(rows=pl.len().cast(pl.Int64))
    return counted.with_columns(_nothing("field"), *_row("ingest", ROWS, allowed=None))


def _stripped(tables: Tables) -> pl.LazyFrame:
    shapes = tables["sources"].select("source_id", "shape")
    is_leaked = pl.col("is_own") & (pl.col("shape") == terms.STORED)
    counted_as = pl.when(is_leaked).then(pl.lit(LEAKED)).otherwise(pl.lit(STRIPPED_AWAY))
    counted = (
        tables["consent_strips"]
        .join(shapes, on="source_id", how="inner")
        .group_by("consent", "field", counted_as=counted_as)
        .agg(pl.col("rows").sum())
    )
    return counted.with_columns(_row("ingest", "", allowed=None)).with_columns(check="counted_as")


def _still_held(events: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of `events` that hold what their consent forbids."""
    held = events.filter(is_withheld()).select(is_leak(name).sum().cast(pl.Int64).alias(name) for name in STRIPPED)
    return held.unpivot(STRIPPED, variable_name="field", value_name="rows").with_columns(
        _nothing("consent"), *_row("events", STILL_HELD, allowed=0)
    )


def _scans_still_held(events: pl.LazyFrame, scans: pl.LazyFrame) -> pl.LazyFrame:
    """Scans that hold a city though an event of their session withholds it."""
    silent = events.filter(is_withheld(), pl.col("scan_session_id").is_not_null()).select(expr_session()).unique()
    with_city = scans.filter(pl.col("city").is_not_null()).select(expr_session())
    held = with_city.join(silent, on="session", how="semi").select(rows=pl.len().cast(pl.Int64))
    return held.with_columns(_nothing("consent"), *_row("scans", STILL_HELD, allowed=0), field=pl.lit("city"))


def _left(found: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of `events` in which the detector finds personal data, although what it found at ingest was redacted."""
    return found.with_columns(_nothing("consent"), *_row("events", PERSONAL_DATA_LEFT, allowed=0))


def _named(tables: Tables) -> pl.LazyFrame:
    """Scan sessions whose person is a visitor named only by rows without consent."""
    visits = tables["events"].filter(pl.col("visitor_id").is_not_null())
    withheld, told = (visits.filter(mark).select(person_id="visitor_id") for mark in (is_withheld(), ~is_withheld()))
    only_withheld = withheld.unique().join(told, on="person_id", how="anti")
    named = tables["scan_sessions"].select("person_id").join(only_withheld, on="person_id", how="semi")
    return named.select(rows=pl.len().cast(pl.Int64)).with_columns(
        _nothing("field"), _nothing("consent"), *_row("sessions", NAMED, allowed=0)
    )


def _changed(tables: Tables) -> pl.LazyFrame:
    changed = tables["scan_sessions"].filter("has_consent_change").group_by("consent").agg(rows=pl.len().cast(pl.Int64))
    return changed.with_columns(_nothing("field"), *_row("sessions", CHANGED, allowed=None))
