"""How often each rule was broken."""

import polars as pl

from attribution.reports.data_quality import data_quality
from attribution.schemas.contract import Table
from attribution.schemas.findings import Findings
from attribution.schemas.rejects import Rejects
from tests.stages.drawn import assert_drawn, typed

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


def test_most_rows_come_first_and_then_the_order_is_that_of_the_texts() -> None:
    refused = drawn(
        Rejects,
        """
        source_file | row_number | stage       | reason | column
        spend.csv   | 1          | quarantined | r1     | x
        a.csv       | 1          | quarantined | r2     | x
        a.csv       | 1          | quarantined | r1     | y
        a.csv       | 1          | quarantined | r1     | x
        """,
    )
    noted = drawn(
        Findings,
        """
        source_file | row_number | rule | severity | field_path
        a.csv       | 1          | r3   | warning  | metadata.to[0].mail
        a.csv       | 2          | r3   | warning  | metadata.note
        """,
    )
    assert_drawn(
        data_quality(refused, noted, SOURCES).collect(),
        """
        stage       | kind   | rule | severity | column   | rows
        finding     | events | r3   | warning  | metadata | 2
        quarantined | events | r1   | error    | x        | 1
        quarantined | events | r1   | error    | y        | 1
        quarantined | events | r2   | error    | x        | 1
        quarantined | spend  | r1   | error    | x        | 1
        """,
        in_order=True,
    )


def drawn(contract: type[Table], drawing: str) -> pl.LazyFrame:
    return pl.LazyFrame(typed(drawing, contract.dtypes()), schema=contract.dtypes(), orient="row")


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
