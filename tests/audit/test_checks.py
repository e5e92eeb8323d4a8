"""What the auditor is told of the written tables: what they must not hold, and what became of the input."""

from typing import Any

import polars as pl

from attribution import audit, personal_data
from attribution.schemas.consent_audit import ConsentAudit
from attribution.schemas.consent_strips import ConsentStrips
from attribution.schemas.contract import Table
from attribution.schemas.findings import Findings
from attribution.schemas.sources import Sources
from tests.stages.drawn import assert_drawn, events, ran, scans, typed

FILE: dict[str, Any] = {
    "content_sha256": "",
    "bytes": 1,
    "format": "delimited",
    "kind": "events",
    "shape": "stored",
    "rows_read": 0,
    "rows_malformed": 0,
    "rows_quarantined": 0,
    "rows_erased": 0,
}


def drawn(contract: type[Table], drawing: str, **defaults: Any) -> pl.LazyFrame:
    rows = [defaults | row for row in typed(drawing, contract.dtypes())]
    return pl.LazyFrame(rows, schema=contract.dtypes(), orient="row")


def tables_of(rows: pl.LazyFrame, **given: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    made = ran("conversions", events=rows, scans=given.get("scans", scans()))
    beside = {
        "sources": Sources.no_rows(),
        "ingest_findings": pl.DataFrame(schema=personal_data.FOUND),
        "consent_strips": ConsentStrips.no_rows(),
    }
    return {name: table.lazy() for name, table in (made | beside).items()} | given


def audited(rows: pl.LazyFrame, **given: pl.LazyFrame) -> pl.DataFrame:
    found = audit.consent_audit(tables_of(rows, **given), personal_data.still_found(rows).lazy())
    return ConsentAudit.checked(found).collect()


def test_every_field_that_consent_forbids_is_looked_for_and_one_row_breaks_the_rule() -> None:
    held = 'u        | r        | Ulm  | {}       | {"a":1}'
    found = audited(
        events(f"""
            consent | page_url | referrer | city | metadata | properties
            denied  | {held}
            granted | {held}
            pending | -        | -        | -    | {{}}     | -
        """)
    )
    assert_drawn(
        found.filter(check="still_held", stage="events"),
        """
        field      | consent | rows | allowed | holds
        city       | -       | 1    | 0       | no
        metadata   | -       | 0    | 0       | yes
        page_url   | -       | 1    | 0       | no
        properties | -       | 1    | 0       | no
        referrer   | -       | 1    | 0       | no
        """,
        in_order=True,
    )


def test_a_scan_with_a_city_breaks_the_rule_where_an_event_of_its_session_withholds_it() -> None:
    found = audited(
        events("""
            scan_session_id | consent
            s1              | denied
            s1              | granted
            s2              | pending
            s3              | granted
            -               | denied
        """),
        scans=scans("scan_session_id | city\ns1 | Ulm\ns2 | -\ns3 | Bonn\ns4 | Kiel"),
    )
    assert_drawn(found.filter(stage="scans"), "check | field | rows | allowed | holds\nstill_held | city | 1 | 0 | no")


def test_a_person_whom_only_rows_without_consent_name_breaks_the_rule() -> None:
    rows = events("""
        scan_session_id | consent | visitor_id
        s1              | denied  | v1
        s2              | pending | v2
        s3              | granted | v2
        s4              | granted | -
    """)
    named = tables_of(rows)["scan_sessions"].with_columns(
        person_id=pl.col("scan_session_id").replace({"s1": "v1", "s2": "v2", "s3": "v2"})
    )
    for sessions, counted in ((None, "0 | 0 | yes"), (named, "1 | 0 | no")):
        found = audited(rows, **({} if sessions is None else {"scan_sessions": sessions}))
        assert_drawn(
            found.filter(check="person_named_without_consent"), f"stage | rows | allowed | holds\nsessions | {counted}"
        )


def test_personal_data_that_is_left_in_one_row_breaks_the_rule() -> None:
    found = audited(events("page_url\nhttps://x.example/?e=ann@shop.example"))
    left = found.filter(check="personal_data_left", holds=False)
    assert_drawn(left, "stage | field | rows | allowed\nevents | page_url | 1 | 0")


def test_what_came_in_is_counted_by_the_word_that_was_sent_and_breaks_no_rule() -> None:
    found = audited(
        events("""
            scan_session_id | consent | consent_sent
            s1              | denied  | denied
            s1              | denied  | granted
            s2              | granted | granted
        """),
        sources=drawn(Sources, "source_id | source_file | shape\n1 | a | stored\n2 | b | raw", **FILE),
        consent_strips=drawn(
            ConsentStrips,
            """
            source_id | is_own | consent | field | rows
            1         | yes    | denied  | city  | 5
            1         | no     | denied  | city  | 3
            2         | yes    | denied  | city  | 2
            2         | yes    | pending | city  | 1
            """,
        ),
    )
    assert_drawn(
        found.filter(pl.col("allowed").is_null()),
        """
        stage    | check           | field | consent | rows | holds
        ingest   | leaked          | city  | denied  | 5    | -
        ingest   | rows            | -     | denied  | 1    | -
        ingest   | rows            | -     | granted | 2    | -
        ingest   | stripped        | city  | denied  | 5    | -
        ingest   | stripped        | city  | pending | 1    | -
        sessions | consent_changes | -     | denied  | 1    | -
        """,
        in_order=True,
    )
    assert found["stage"].is_sorted()


def test_how_much_each_finding_weighs() -> None:
    rows = events("""
        event_id | source | received_at | scan_session_id | amount | is_duplicate | qr_code_id | consent_sent
        a        | server | 10:00       | s1              | 5      | no           | q1         | granted
        a        | server | 10:01       | s1              | 6      | no           | q1         | granted
        b        | server | 10:00       | s1              | 5      | yes          | q1         | granted
        c        | server | 10:00       | s1              | -      | no           | q2         | denied
    """)
    files = drawn(
        Sources,
        """
        source_id | source_file        | kind   | format         | content_sha256
        1         | a                  | events | delimited      | x
        2         | again              | events | delimited      | x
        3         | scans              | scans  | delimited      | y
        4         | scans_again        | scans  | delimited      | y
        5         | scans_as_spend     | spend  | delimited      | y
        6         | notes              |        | delimited      | z
        7         | notes_again        |        | delimited      | z
        8         | of [redacted:name] | events | ndjson         | v
        9         | packed             |        | packed_parquet | w
        10        | torn               |        | damaged        | t
        """,
        **FILE,
    )
    found = Findings.checked(audit.findings(tables_of(rows, sources=files), ["purchase"])).collect()
    assert_drawn(
        found,
        """
        rule                       | severity | source_file        | event_id | field_path              | confidence
        conflict                   | warning  | -                  | a        | amount                  | high
        consent_change             | info     | -                  | s1       | scan_session.consent    | high
        file_damaged               | warning  | torn               | -        |                         | high
        file_not_recognised        | warning  | notes              | -        |                         | high
        file_not_recognised        | warning  | notes_again        | -        |                         | high
        file_repeated              | warning  | scans_again        | -        |                         | high
        original_outside_export    | warning  | -                  | b        |                         | high
        parquet_in_archive         | warning  | packed             | -        |                         | high
        personal_data_in_file_name | error    | of [redacted:name] | -        | source_file             | high
        qr_code_conflict           | warning  | -                  | s1       | scan_session.qr_code_id | high
        """,
        in_order=True,
    )
