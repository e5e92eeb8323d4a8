"""`attribution audit`: the whole flow for the auditor: what leaked, what was stripped, what was found, and the gate."""

import json
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from attribution.audit import LEAKED, STRIPPED_AWAY
from attribution.command_run import chosen_folders, chosen_settings
from attribution.engines import progress
from attribution.engines.lock import locked
from attribution.engines.run import run
from attribution.engines.store import Store
from attribution.errors import GateError


def audit_command(raw: Path | None, out: Path | None, params: Path | None, *, quiet: bool) -> None:
    """Run the flow, without notebooks, and hold the input to the gate of the settings.

    Raises:
        GateError: The gate is crossed. All files are written all the same.
        AttributionError: As for `attribution run`.
    """
    settings = chosen_settings(raw, out, params)
    settings = settings.without_notebooks()
    raw, out = chosen_folders(raw, out)
    console = Console(stderr=True, quiet=quiet)
    with locked(out, create=True), progress.shown(console) as report:
        run(raw, out, settings, report=report)
    store = Store(out)
    trail = json.loads((out / "reports" / "audit.json").read_text("utf-8"))
    if not quiet:
        for line in _summary(store, trail):
            print(line)  # noqa: T201
    crossed = [entry for entry in trail["gate"] if not entry["holds"]]
    if crossed:
        listed = ", ".join(
            f"{_words(entry['name'])}: {entry['rows']} ({entry['allowed']} allowed)" for entry in crossed
        )
        message = f"the audit gate failed: {listed}. Files and rows are in {store.table('findings')}."
        raise GateError(message)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _summary(store: Store, trail: dict[str, Any]) -> list[str]:
    audit = pl.read_parquet(store.table("consent_audit"), glob=False)
    kinds = {LEAKED: "leaked in stored exports, and stripped here", STRIPPED_AWAY: "stripped from raw payloads"}
    lines = []
    for check, words in kinds.items():
        fields = audit.filter(pl.col("check") == check).group_by("field", maintain_order=True).agg(pl.col("rows").sum())
        if fields.height:
            lines.append(f"{words}: " + ", ".join(f"{field} {rows:,}" for field, rows in fields.rows()))
    for rule, field, confidence, rows in (
        pl.read_parquet(store.report("personal_data"), glob=False)
        .select("rule", "field_path", "confidence", "rows")
        .rows()
    ):
        lines.append(f"personal data: {rule} in {field} ({confidence} confidence), {rows:,} row(s), redacted")
    rules = audit.filter(pl.col("holds").is_not_null())
    lines.append(f"written tables: {rules.height} checks, {rules.filter(~pl.col('holds')).height} broken.")
    lines.append(
        f"Page: {store.report('audit', 'html')}   Trail: {store.report('audit', 'json')} ({trail['sha256'][:12]})"
    )
    return lines
