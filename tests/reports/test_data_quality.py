"""How often each rule was broken."""

import re
from pathlib import Path

import polars as pl

import attribution
from attribution import privacy
from attribution.audit import SESSION_MARKS
from attribution.disagreements import TOLD
from attribution.personal_data import OF_EXTERNAL_ID
from attribution.reports.data_quality import data_quality
from attribution.respelled import MEANT
from attribution.rule_words import expr_meaning, meanings
from attribution.rules import RULES
from attribution.schemas.contract import Table
from attribution.schemas.findings import Findings
from attribution.schemas.rejects import Rejects
from attribution.side_inputs import SIDE_INPUTS
from attribution.sources.unread import UNREAD
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


BAD_ROW = re.compile(r'BadRow\([^"]*"(\w+)"')


def every_rule() -> set[str]:
    """The names that rejects and findings can have, where the code that gives them lists them or writes them."""
    package = Path(attribution.__file__).parent
    by_readers = {name for path in package.glob("sources/*.py") for name in BAD_ROW.findall(path.read_text("utf-8"))}
    assert len(by_readers) > 4
    listed = (
        *RULES,
        *(name for side in SIDE_INPUTS.values() for name in side.rules),
        *(unread.rule for unread in UNREAD.values() if unread.rule),
        *(rule for _, rule, *_ in SESSION_MARKS),
        *(f"{column}_spelled_otherwise" for column in MEANT),
        *(rule for rule, *_ in TOLD.values()),
        *privacy.RULES,
        *OF_EXTERNAL_ID.values(),
    )
    return by_readers | {*listed}


def test_every_rule_says_what_it_means_in_a_sentence_or_two() -> None:
    told = meanings()
    assert every_rule() - {*told} == set()
    assert [name for name, words in told.items() if not re.fullmatch(r"[^`]{5,130}\.", words)] == []


def test_whatever_is_told_of_a_run_has_its_meaning_and_an_unknown_rule_none(results: Path) -> None:
    written = pl.read_parquet(results / "reports" / "data_quality.parquet")
    assert written["rule"].n_unique() > 10
    assert written["meaning"].null_count() == 0
    other = pl.DataFrame({"rule": ["currency_missing", "of_another_version"]}).select(expr_meaning("rule")).to_series()
    assert other.to_list() == ["An amount without a currency.", None]
