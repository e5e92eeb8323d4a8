"""How often each rule was broken."""

import polars as pl

from attribution.reports.data_quality import data_quality
from attribution.schemas.findings import Findings
from attribution.schemas.rejects import Rejects

SOURCES = pl.LazyFrame({"source_file": ["a.csv", "b.csv", "spend.csv", "x"], "kind": ["events", "events", "spend", ""]})


def counted(*findings: tuple[str, str | None, int | None, str | None]) -> dict[str, tuple[int, int]]:
    """Rows and files by rule."""
    names = ("rule", "source_file", "row_number", "event_id")
    noted = pl.LazyFrame([dict(zip(names, row, strict=True)) for row in findings], schema=Findings.dtypes())
    made = data_quality(pl.LazyFrame(schema=Rejects.dtypes()), noted, SOURCES).collect()
    return {rule: (rows, files) for rule, rows, files in made.select("rule", "rows", "files").rows()}


def test_a_finding_counts_once_per_row_per_session_and_per_file() -> None:
    assert counted(
        ("consent_leak", "a.csv", 2, "e1"),
        ("consent_leak", "a.csv", 2, "e1"),
        ("consent_leak", "a.csv", 3, "e1"),
        ("consent_leak", "b.csv", 2, "e2"),
        ("consent_change", None, None, "s1"),
        ("consent_change", None, None, "s2"),
        ("consent_change", None, None, "s2"),
        ("file_not_recognised", "x", None, None),
        ("file_not_recognised", "y", None, None),
    ) == {"consent_leak": (3, 2), "consent_change": (2, 0), "file_not_recognised": (2, 2)}


def test_what_spend_and_events_were_refused_for_is_counted_apart() -> None:
    rows = [
        ("a.csv", 2, "quarantined", "currency_not_iso_4217", "currency"),
        ("b.csv", 2, "quarantined", "currency_not_iso_4217", "currency"),
        ("spend.csv", 2, "quarantined", "currency_not_iso_4217", "currency"),
        ("x", 2, "malformed", "field_count", ""),
    ]
    names = ("source_file", "row_number", "stage", "reason", "column")
    refused = pl.LazyFrame([dict(zip(names, row, strict=True)) for row in rows], schema=Rejects.dtypes())
    made = data_quality(refused, pl.LazyFrame(schema=Findings.dtypes()), SOURCES).collect()
    assert made.select("kind", "rule", "rows", "files").rows() == [
        ("events", "currency_not_iso_4217", 2, 2),
        (None, "field_count", 1, 1),
        ("spend", "currency_not_iso_4217", 1, 1),
    ]
