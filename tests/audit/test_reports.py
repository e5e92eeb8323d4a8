"""Consent as data, what is lost without it, and the platform's flags."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution import slices
from attribution.reports.consent_losses import consent_losses
from attribution.reports.consent_shares import consent_shares
from attribution.reports.personal_data import personal_data
from attribution.reports.vendor_flags import vendor_flags
from attribution.row_ids import ROW_BITS
from attribution.schemas.consent_losses import ConsentLosses
from attribution.schemas.consent_shares import ConsentShares
from attribution.schemas.findings import Findings
from attribution.schemas.sources import Sources
from attribution.schemas.vendor_flags import VendorFlags
from tests.stages.drawn import assert_drawn, event, event_rows, events, qr_codes, ran, scans, typed

GIVEN = ("events", "duplicates", "scan_sessions", "conversions")
"""What `consent_losses` reads."""

EVENTS = """
    scan_session_id | source  | site_id | consent     | event_name | amount | occurred_at | order_id | visitor_id
    s1              | browser | shop    | unspecified | -          | -      | 10:00       | -        | v1
    s1              | server  | shop    | denied      | purchase   | 10     | 10:05       | -        | v1
    s1              | server  | shop    | denied      | refund     | -4     | +1d 00:30   | -        | -
    s2              | browser | shop    | denied      | -          | -      | 10:00       | -        | v2
    s3              | browser | cafe    | granted     | -          | -      | +1d 00:30   | -        | v3
    s3              | server  | cafe    | granted     | purchase   | 7      | +1d 01:00   | o3       | -
"""
SCANS = "scan_session_id | qr_code_id\ns1 | q1\ns2 | q1\ns3 | q2"
CODES = "qr_code_id | campaign\nq1 | spring\nq2 | -"


def tables() -> dict[str, pl.LazyFrame]:
    made = ran("report", events=events(EVENTS), scans=scans(SCANS), qr_codes=qr_codes(CODES))
    return {name: table.lazy() for name, table in made.items()} | {"events": events(EVENTS)}


def shares(min_group: int = 1, time_zone: str = "UTC") -> pl.DataFrame:
    made = tables()
    names = ("events", "duplicates", "scan_sessions", "conversions", "qr_codes")
    found = consent_shares(*(made[name] for name in names), currency="USD", time_zone=time_zone, min_group=min_group)
    return ConsentShares.checked(found).collect()


def test_consent_is_counted_in_all_by_site_day_and_campaign_with_the_money_that_rides_on_it() -> None:
    assert_drawn(
        shares(),
        """
        dimension | value      | consent     | events | scan_sessions | conversions | revenue
        all       | -          | denied      | 3      | 2             | 1           | 6
        all       | -          | granted     | 2      | 1             | 1           | 7
        all       | -          | unspecified | 1      | 1             | 0           | 0
        site      | cafe       | granted     | 2      | 1             | 1           | 7
        site      | shop       | denied      | 3      | 2             | 1           | 6
        site      | shop       | unspecified | 1      | 1             | 0           | 0
        day       | 2026-05-01 | denied      | 2      | 2             | 1           | 10
        day       | 2026-05-01 | unspecified | 1      | 1             | 0           | 0
        day       | 2026-05-02 | denied      | 1      | 1             | 0           | -4
        day       | 2026-05-02 | granted     | 2      | 1             | 1           | 7
        campaign  | spring     | denied      | -      | 2             | 1           | 6
        campaign  | -          | granted     | -      | 1             | 1           | 7
        """,
        in_order=True,
    )


@pytest.mark.parametrize("rows", [1, 2])
def test_reading_few_events_at_a_time_changes_no_share(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    whole = shares()
    monkeypatch.setattr(slices, "ROWS", rows)
    assert_frame_equal(shares(), whole)


def test_days_are_cut_in_the_reporting_zone() -> None:
    days = shares(time_zone="America/New_York").filter(dimension="day")
    assert set(days["value"]) == {"2026-05-01"}


def test_small_groups_are_marked_and_empty() -> None:
    found = shares(min_group=2).filter(dimension="all")
    assert_drawn(
        found,
        """
        consent     | events | scan_sessions | scan_sessions_pct | conversions | revenue | is_suppressed
        denied      | 3      | 2             | 50                | 1           | 6       | no
        granted     | -      | -             | -                 | -           | -       | yes
        unspecified | -      | -             | -                 | -           | -       | yes
        """,
    )


def test_a_small_group_is_not_what_the_others_leave_of_the_whole() -> None:
    words = ["granted"] * 3 + ["denied"] * 4 + ["pending"]
    rows = (f"s{number} | browser | {consent}" for number, consent in enumerate(words))
    drawn = events("scan_session_id | source | consent\n" + "\n".join(rows))
    made = {name: table.lazy() for name, table in ran("report", events=drawn).items()} | {"events": drawn}
    names = ("events", "duplicates", "scan_sessions", "conversions", "qr_codes")
    for least, hidden in ((1, set()), (2, {"pending", "granted"}), (4, {"pending", "granted"}), (5, {*words})):
        told = consent_shares(*(made[name] for name in names), currency="USD", time_zone="UTC", min_group=least)
        whole = told.filter(pl.col("dimension") == "all").collect()
        assert {*whole.filter("is_suppressed")["consent"]} == hidden
        assert (
            whole.filter("is_suppressed").select("events", "scan_sessions_pct").null_count().row(0)
            == (len(hidden),) * 2
        )


@pytest.mark.parametrize("amount", ["10", "-10"], ids=["a purchase", "a refund"])
def test_a_single_conversion_without_a_session_is_a_small_group_too(amount: str) -> None:
    drawn = events(f"source | scan_session_id | consent | amount\nserver | - | denied | {amount}")
    made = {name: table.lazy() for name, table in ran("report", events=drawn).items()} | {"events": drawn}
    names = ("events", "duplicates", "scan_sessions", "conversions", "qr_codes")
    found = consent_shares(*(made[name] for name in names), currency="USD", time_zone="UTC", min_group=5).collect()
    assert found["is_suppressed"].all()
    assert found["revenue"].null_count() == found.height > 0


def test_losses_are_what_rows_without_consent_would_have_held() -> None:
    rows = """
        scan_session_id | source  | consent | city | page_url
        s1              | browser | granted | Ulm  | u
        s2              | browser | granted | -    | u
        s3              | browser | denied  | -    | -
        s4              | browser | denied  | -    | -
    """
    made = ran("report", events=events(rows))
    names = ("duplicates", "scan_sessions", "conversions")
    found = consent_losses(events(rows), *(made[name].lazy() for name in names))
    assert_drawn(
        ConsentLosses.checked(found).collect().filter(pl.col("field").is_in(["city", "page_url"])),
        """
        loss           | field    | rows | of_rows | share_pct | expected_values
        field_stripped | page_url | 2    | 4       | 50        | 2
        field_stripped | city     | 2    | 4       | 50        | 1
        """,
    )
    made = tables()
    found = consent_losses(*(made[name] for name in GIVEN))
    assert_drawn(
        found.collect().tail(2),
        """
        loss                    | rows | of_rows
        refund_without_order    | 1    | 1
        session_without_visitor | 1    | 3
        """,
    )


@pytest.mark.parametrize(("consent", "expected"), [("granted", 2), ("denied", None)])
def test_what_the_rows_of_a_source_would_have_held_is_judged_by_others_of_that_source(
    consent: str, expected: float | None
) -> None:
    drawn = events(f"""
        scan_session_id | source  | consent   | page_url
        s1              | browser | granted   | u
        s2              | browser | denied    | -
        s3              | browser | pending   | -
        s1              | server  | {consent} | -
        s4              | server  | denied    | -
    """)
    made = {name: table.lazy() for name, table in ran("report", events=drawn).items()} | {"events": drawn}
    found = consent_losses(*(made[name] for name in GIVEN)).filter(field="page_url").collect()
    assert found.select("of_rows", "expected_values").row(0) == (5, expected)


def test_the_platforms_flags_are_held_against_our_reading() -> None:
    first, second, raw = (file << ROW_BITS for file in (1, 2, 3))
    drawn = typed(
        """
        event_id | source  | is_duplicate | event_type
        e1       | browser | no           | page_view
        e1       | browser | yes          | page_view
        e2       | browser | no           | page_view
        e2       | browser | yes          | cta_click
        e3       | server  | yes          | -
        e4       | browser | no           | page_view
        e4       | browser | no           | page_view
        e4       | browser | no           | page_view
        e5       | browser | no           | page_view
        e5       | browser | no           | page_view
        """,
        event_rows([]).collect_schema(),
    )
    places = [first, first, first, first, first, first, first, second, raw, raw]

    rows = event_rows(
        [event({**row, "row_id": place + n}, n) for n, (row, place) in enumerate(zip(drawn, places, strict=True), 1)]
    )
    made = ran("people", events=rows)
    blank = {
        "content_sha256": "",
        "bytes": 0,
        "format": "ndjson",
        "kind": "events",
        "rows_read": 0,
        "rows_malformed": 0,
    }
    sources = pl.LazyFrame(
        [
            {"source_id": n, "source_file": str(n), "shape": shape, "rows_quarantined": 0, "rows_erased": 0} | blank
            for n, shape in ((1, "stored"), (2, "stored"), (3, "raw"))
        ],
        schema=Sources.dtypes(),
    )
    found = VendorFlags.checked(vendor_flags(rows, made["duplicates"].lazy(), sources)).collect()
    assert_drawn(
        found,
        """
        outcome                  | source  | rows
        agreed                   | browser | 1
        flagged_but_different    | browser | 1
        flagged_without_original | server  | 1
        missed                   | browser | 1
        overlapping_files        | browser | 1
        """,
    )


def test_personal_data_is_counted_by_rule_and_field_and_equal_values_once() -> None:
    drawn = typed(
        """
        rule          | severity | source_file | row_number | field_path             | confidence | fingerprint
        email_address | error    | a           | 1          | metadata.to[0].mail    | high       | f1
        email_address | error    | a           | 1          | metadata.to[1].mail    | high       | f2
        email_address | error    | b           | 9          | metadata.to[0].mail    | high       | f1
        email_address | error    | b           | 9          | page_url               | low        | -
        bad_name      | info     | b           | 9          | event_name             | high       | -
        """,
        Findings.dtypes(),
    )
    found = personal_data(pl.LazyFrame(drawn, schema=Findings.dtypes())).collect()
    assert_drawn(
        found,
        """
        rule          | field_path         | confidence | findings | rows | files | distinct_values
        email_address | metadata.to[].mail | high       | 3        | 2    | 2     | 2
        email_address | page_url           | low        | 1        | 1    | 1     | -
        """,
        in_order=True,
    )
