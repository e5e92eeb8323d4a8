"""The auditor's page: what was checked, what was found, and whether the gate holds. Counts only, never a value."""

import html
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from attribution import figures
from attribution.audit import CHANGED, LEAKED, STRIPPED_AWAY
from attribution.numbers import format_number
from attribution.page.parts import drawn, filled, tile_list, whole_page
from attribution.page.tables import table
from attribution.schemas.consent_shares import ALL, CAMPAIGN, DAY, SITE
from attribution.settings import Settings

Reports = Mapping[str, pl.DataFrame]
CHECKS: Final = {
    "stage": "Table",
    "check": "Check",
    "field": "Field",
    "rows": "Rows",
    "allowed": "Allowed",
    "holds": "Passed",
}
STRIP: Final = {"check": "What happened", "consent": "Consent", "field": "Field", "rows": "Rows"}
CHANGES: Final = {"consent": "Strictest consent", "rows": "Scan sessions"}
PERSONAL: Final = {
    "rule": "Found",
    "field_path": "Where",
    "confidence": "Confidence",
    "findings": "Findings",
    "rows": "Rows",
    "files": "Files",
    "distinct_values": "Distinct values",
}
SHARES: Final = {
    "value": "",
    "consent": "Consent",
    "events": "Events",
    "scan_sessions": "Scan sessions",
    "scan_sessions_pct": "Share of sessions, %",
    "conversions": "Conversions",
    "revenue": "Revenue",
    "is_suppressed": "Too small to show",
}
LOSSES: Final = {
    "loss": "Loss",
    "field": "Field",
    "rows": "Rows",
    "of_rows": "Out of",
    "share_pct": "Share, %",
    "expected_values": "Expected values lost",
}
FLAGS: Final = {"outcome": "Outcome", "source": "Source", "rows": "Rows"}
FILES: Final = {
    "source_file": "File",
    "kind": "Kind",
    "shape": "Shape",
    "rows_read": "Rows",
    "rows_malformed": "Malformed",
    "rows_quarantined": "Quarantined",
    "bytes": "Bytes",
    "content_sha256": "SHA-256",
}


def audit_page(reports: Reports, trail: Mapping[str, Any], settings: Settings) -> str:
    """The whole page as HTML.

    Args:
        reports: Report tables by name.
        trail: As `attribution.trail.trail` gives it.
        settings: Those of the run.
    """
    currency, locale = settings.report.currency, settings.report.locale
    audit, shares = reports["consent_audit"], reports["consent_shares"]
    is_rule = pl.col("holds").is_not_null()

    def shown(rows: pl.DataFrame, names: Mapping[str, str]) -> str:
        return table(rows, names, currency, locale)

    def of(dimension: str) -> str:
        names = {name: heading or dimension.capitalize() for name, heading in SHARES.items()}
        names.pop({ALL: "value", CAMPAIGN: "events"}.get(dimension, ""), None)
        return shown(shares.filter(pl.col("dimension") == dimension), names)

    main = filled(
        "audit.html",
        tiles=_tiles(audit, trail, locale),
        checks=shown(check_rows(audit.filter(is_rule)), CHECKS),
        strip=shown(audit.filter(pl.col("check").is_in([LEAKED, STRIPPED_AWAY])), STRIP),
        changes=shown(audit.filter(pl.col("check") == CHANGED), CHANGES),
        personal=shown(reports["personal_data"], PERSONAL),
        figure=drawn(
            "consent_by_day",
            figures.consent_by_day(shares.filter(pl.col("dimension") == DAY), locale),
            with_library=True,
        ),
        shares=of(ALL),
        campaigns=of(CAMPAIGN),
        sites=of(SITE),
        min_group=settings.audit.min_group,
        losses=shown(reports["consent_losses"], LOSSES),
        flags=shown(reports["vendor_flags"], FLAGS),
        files=shown(pl.DataFrame(trail["files"], infer_schema_length=None), FILES),
        version=html.escape(trail["version"]["attribution"]),
        rules=f"{len(trail['rules']['rows'])} row rules, {len(trail['rules']['personal_data'])} kinds of personal data",
        digest=trail["sha256"],
    )
    ended = html.escape(trail["clock"]["ended"][:16])
    lead = (
        f"Consent applies per <strong>{html.escape(settings.consent.scope.replace('_', ' '))}</strong> · days in "
        f"<strong>{html.escape(settings.report.time_zone)}</strong> · checked {ended} UTC · "
        '<a href="index.html">Report</a>'
    )
    return whole_page("Consent and personal data", lead, main, "This page contains no personal data values.")


def check_rows(rules: pl.DataFrame) -> pl.DataFrame:
    """Rules that are broken, each field apart; then those that hold, the fields of one check together."""
    broken = rules.filter(~pl.col("holds")).select(*CHECKS)
    held = (
        rules.filter("holds")
        .group_by("stage", "check", maintain_order=True)
        .agg(
            pl.when(pl.col("field").count() > 0).then(pl.col("field").str.join(", ")),
            pl.col("rows").sum(),
            pl.col("allowed").sum(),
            pl.col("holds").all(),
        )
    )
    return pl.concat([broken, held.select(*CHECKS)])


def _tiles(audit: pl.DataFrame, trail: Mapping[str, Any], locale: str) -> str:
    gate = {entry["name"]: entry for entry in trail["gate"]}
    rules = audit.filter(pl.col("holds").is_not_null())
    kept = rules["holds"].all()

    def held(title: str, name: str) -> tuple[str, str, str]:
        rows, allowed = (format_number(gate[name][count], locale) for count in ("rows", "allowed"))
        return title, rows, f"{allowed} allowed"

    return tile_list(
        [
            ("Written tables", "clean" if kept else "NOT CLEAN", f"{rules.height} checks of every row"),
            held("Leaking rows in the input", "leaking_rows"),
            held("Rows with personal data", "personal_data_rows"),
            ("Gate", "passed" if all(entry["holds"] for entry in trail["gate"]) else "failed", "of the input"),
        ]
    )
