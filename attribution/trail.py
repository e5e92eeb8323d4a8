"""The audit trail: what was checked, by which rules, over which files, by which settings, and what came of it."""

import hashlib
import json
import platform
from datetime import datetime
from typing import Any

import polars as pl

from attribution import __version__, privacy
from attribution.ingest import CONSENT_LEAK
from attribution.personal_data import OF_EXTERNAL_ID
from attribution.reports.personal_data import is_personal_data
from attribution.rules import RULES
from attribution.settings import Settings
from attribution.stage import Tables


def trail(tables: Tables, settings: Settings, *, began: datetime, ended: datetime) -> dict[str, Any]:
    """The trail as plain JSON values. All but `clock` is the same for the same files, settings and version.

    Whether notebooks are executed is no part of it: that changes nothing about what was checked, and an audit skips them.

    Args:
        tables: `sources`, `findings`, `consent_audit`.
        settings: Those of the run.
        began, ended: The clock.
    """
    checked = {
        "version": {"attribution": __version__, "polars": pl.__version__, "python": platform.python_version()},
        "rules": {
            "rows": [
                {"name": rule.name, "column": rule.column, "raw": rule.raw, "stored": rule.stored}
                for rule in RULES.values()
            ],
            "personal_data": [*privacy.RULES, *OF_EXTERNAL_ID.values()],
        },
        "settings": settings.model_dump(mode="json", exclude={"report": {"notebooks"}}),
        "files": tables["sources"].collect().to_dicts(),
        "checks": tables["consent_audit"].collect().to_dicts(),
        "gate": gate(tables["findings"], settings),
    }
    text = json.dumps(checked, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return checked | {"sha256": digest, "clock": {"began": began.isoformat(), "ended": ended.isoformat()}}


def gate(findings: pl.LazyFrame, settings: Settings) -> list[dict[str, Any]]:
    """The gate of `attribution audit`: one entry per limit, `rows` found and `allowed`, and whether it `holds`.

    Args:
        findings: As `schemas.findings`.
        settings: Those of the run.
    """
    row = pl.struct("source_file", "row_number").n_unique()
    limits = {
        "leaking_rows": (pl.col("rule") == CONSENT_LEAK, settings.audit.max_leaking_rows),
        "personal_data_rows": (is_personal_data(), settings.audit.max_personal_data_rows),
    }
    counts = {name: findings.filter(mark).select(row).collect().item() for name, (mark, _) in limits.items()}
    return [
        {"name": name, "rows": counts[name], "allowed": allowed, "holds": counts[name] <= allowed}
        for name, (_, allowed) in limits.items()
    ]
