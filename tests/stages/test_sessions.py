"""Scan sessions and web sessions: what is known of each, and who the person is."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from attribution import sessions
from attribution.schemas.duplicates import Duplicates
from attribution.schemas.joined_people import JoinedPeople
from attribution.schemas.scan_sessions import ScanSessions
from attribution.schemas.web_sessions import WebSessions
from tests.stages.drawn import assert_drawn, events, scans

NONE = Duplicates.no_rows().lazy()


def facts(rows: pl.LazyFrame) -> sessions.Facts:
    return sessions.session_facts(rows, NONE)


def scan_sessions(drawing: str, scanned: str = "scan_session_id") -> pl.DataFrame:
    return ScanSessions.checked(
        sessions.scan_sessions(facts(events(drawing)), scans(scanned), JoinedPeople.no_rows().lazy())
    ).collect()


def web_sessions(drawing: str, minutes: int = 30) -> pl.DataFrame:
    return WebSessions.checked(sessions.web_sessions(facts(events(drawing)), timeout_minutes=minutes)).collect()


def test_a_scan_session_is_known_by_a_scan_a_browser_event_or_a_stored_qr_code() -> None:
    found = scan_sessions(
        """
        scan_session_id | source  | qr_code_id
        of_browser      | browser | -
        of_code         | server  | q9
        of_server       | server  | -
        """,
        "scan_session_id | qr_code_id\nof_scan | -",
    )
    assert_drawn(
        found,
        """
        scan_session_id | is_known | qr_code_id | event_count
        of_scan         | yes      | -          | 0
        of_browser      | yes      | -          | 1
        of_code         | yes      | q9         | 1
        of_server       | no       | -          | 1
        """,
    )


def test_the_scan_time_is_the_scan_exports_else_the_first_events() -> None:
    found = scan_sessions(
        """
        scan_session_id | occurred_at
        scanned         | 08:00
        unscanned       | 11:00
        unscanned       | 10:30
        """,
        "scan_session_id | scanned_at\nscanned | 09:00",
    )
    assert_drawn(
        found,
        """
        scan_session_id | scanned_at | scanned_at_source | first_event_at | last_event_at
        scanned         | 09:00      | scan_export       | 08:00          | 08:00
        unscanned       | 10:30      | first_event       | 10:30          | 11:00
        """,
    )


def test_the_scan_exports_qr_code_counts_before_that_of_events_and_a_difference_is_a_conflict() -> None:
    found = scan_sessions(
        """
        scan_session_id | qr_code_id
        same            | q1
        other           | q2
        among           | q4
        among           | q3
        filled          | q1
        filled          | -
        """,
        "scan_session_id | qr_code_id | has_conflict\nsame | q1 | no\nother | q1 | no\nfilled | - | no\nin_scans | q5 | yes",
    )
    assert_drawn(
        found,
        """
        scan_session_id | qr_code_id | has_qr_conflict
        same            | q1         | no
        other           | q1         | yes
        among           | q3         | yes
        filled          | q1         | no
        in_scans        | q5         | yes
        """,
    )


def test_the_person_is_the_browsers_visitor_else_the_servers_else_the_session() -> None:
    found = scan_sessions("""
        scan_session_id | source  | visitor_id | consent
        both            | browser | v2         | unspecified
        both            | server  | v1         | granted
        server          | server  | v3         | unspecified
        nobody          | browser | -          | granted
    """)
    assert_drawn(found, "scan_session_id | person_id\nboth | v2\nserver | v3\nnobody | nobody")


@pytest.mark.parametrize("consent", ["denied", "pending"])
@pytest.mark.parametrize("source", ["browser", "server"])
def test_a_visitor_without_consent_tells_no_person(source: str, consent: str) -> None:
    found = scan_sessions(f"scan_session_id | source | visitor_id | consent\ns1 | {source} | v1 | {consent}")
    assert found["person_id"].to_list() == ["s1"]


def test_of_several_values_of_a_session_the_first_in_text_order_counts_and_the_scan_exports_before_it() -> None:
    found = scan_sessions(
        """
        scan_session_id | country_code | city   | visitor_id
        s1              | US           | Zürich | v2
        s1              | DE           | Århus  | v1
        s2              | FR           | -      | -
        """,
        "scan_session_id | country_code\ns2 | BE",
    )
    assert_drawn(found, "scan_session_id | country_code | city | person_id\ns1 | DE | Zürich | v1\ns2 | BE | - | s2")


def test_a_device_is_the_scan_exports_else_the_events_else_what_the_user_agent_says() -> None:
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
    )
    found = scan_sessions(
        f"""
        scan_session_id | device_type | user_agent
        scanned         | Mobile      | {agent}
        told            | Mobile      | {agent}
        said            | -           | {agent}
        silent          | -           | -
        """,
        "scan_session_id | device_type\nscanned | Tablet",
    )
    assert_drawn(found, "scan_session_id | device_type\nscanned | Tablet\ntold | Mobile\nsaid | Desktop\nsilent | -")


def test_pageview_counts_as_page_view_and_other_events_do_not() -> None:
    found = scan_sessions("""
        scan_session_id | source  | event_type
        s1              | browser | page_view
        s1              | browser | pageview
        s1              | browser | cta_click
        s1              | server  | -
    """)
    assert_drawn(found, "scan_session_id | event_count | browser_event_count | page_view_count\ns1 | 4 | 3 | 2")


ROW = st.tuples(
    *(st.sampled_from(words) for words in (["s1", "s2", "-"], ["w1", "w2", "-"], ["browser", "server"])),
    st.sampled_from(["10:00", "10:20", "10:40", "11:30"]),
    *(
        st.sampled_from(words)
        for words in (["page_view", "click"], ["q1", "q2", "-"], ["granted", "denied", "unspecified"])
    ),
    st.sampled_from(["v1", "v2", "-"]),
)
NAMES = "scan_session_id | web_session_id | source | occurred_at | event_type | qr_code_id | consent_sent | visitor_id"


@example(rows=[("s1", "-", "browser", at, "click", "-", "granted", "-") for at in ("10:00", "11:30")], cut=0, again=0)
@settings(max_examples=60)
@given(rows=st.lists(ROW, min_size=1, max_size=12), cut=st.integers(0, 12), again=st.integers(0, 12))
def test_facts_of_stretches_say_what_the_events_say(rows: list[tuple[str, ...]], cut: int, again: int) -> None:
    drawn = events("\n".join([NAMES, *(" | ".join(row) for row in rows)]))
    first, second = sorted((cut, again))
    stretches = [drawn.slice(start, length) for start, length in ((0, first), (first, second - first), (second, 12))]
    told = [sessions.condensed(facts(stretch)) for stretch in stretches]
    merged = {name: pl.concat(part[name] for part in told) for name in told[0]}
    nobody = JoinedPeople.no_rows().lazy()
    for found, expected in (
        (sessions.scan_sessions(merged, scans(), nobody), sessions.scan_sessions(facts(drawn), scans(), nobody)),
        (sessions.web_sessions(merged), sessions.web_sessions(facts(drawn))),
    ):
        assert_frame_equal(found.collect(), expected.collect(), check_row_order=False)


def test_excluded_rows_and_duplicates_make_no_session() -> None:
    rows = events("row_id | scan_session_id | exclusion\n1 | s1 | test\n2 | s2 | fraud\n3 | s3 | -\n4 | s4 | -")
    duplicates = pl.concat([NONE, pl.LazyFrame({"row_id": [3]}, {"row_id": pl.UInt64})], how="diagonal")
    found = sessions.session_facts(rows, duplicates)
    assert sessions.scan_sessions(found, scans(), JoinedPeople.no_rows().lazy()).collect()[
        "scan_session_id"
    ].to_list() == ["s4"]
    assert sessions.web_sessions(found).collect()["scan_session_id"].to_list() == ["s4"]


def test_a_code_on_an_event_that_does_not_count_is_its_sessions_where_no_other_event_names_one() -> None:
    rows = events("""
        row_id | scan_session_id | source  | exclusion | qr_code_id
        1      | of_fraud        | browser | fraud     | q1
        2      | of_fraud        | server  | -         | -
        3      | of_copy         | browser | -         | q2
        4      | of_copy         | browser | -         | -
        5      | has_its_own     | browser | test      | q1
        6      | has_its_own     | browser | -         | q3
        7      | of_scan         | browser | fraud     | q1
        8      | unseen          | browser | fraud     | q1
        9      | of_several      | browser | fraud     | q2
        10     | of_several      | browser | fraud     | q1
        11     | of_several      | browser | -         | -
        12     | of_other_scan   | browser | fraud     | q1
    """)
    copies = pl.concat([NONE, pl.LazyFrame({"row_id": [3]}, {"row_id": pl.UInt64})], how="diagonal")
    scanned = scans("scan_session_id | qr_code_id\nof_scan | -\nof_other_scan | q2")
    found = sessions.scan_sessions(sessions.session_facts(rows, copies), scanned, JoinedPeople.no_rows().lazy())
    assert_drawn(
        ScanSessions.checked(found).collect(),
        """
        scan_session_id | qr_code_id | is_known | has_qr_conflict | event_count
        of_fraud        | q1         | yes      | no              | 1
        of_copy         | q2         | yes      | no              | 1
        has_its_own     | q3         | yes      | no              | 1
        of_scan         | q1         | yes      | no              | 0
        of_several      | q1         | yes      | yes             | 1
        of_other_scan   | q2         | yes      | no              | 0
        """,
    )


def test_an_event_that_names_no_scan_session_makes_none() -> None:
    found = scan_sessions("""
        scan_session_id | source  | visitor_id
        s1              | browser | v1
        -               | browser | v2
        -               | server  | v3
    """)
    assert_drawn(found, "scan_session_id | event_count | person_id\ns1 | 1 | v1")


def test_a_web_session_is_what_browser_events_carry() -> None:
    found = web_sessions("""
        scan_session_id | web_session_id | source  | occurred_at | event_type
        s1              | w1             | browser | 10:00       | page_view
        s1              | w1             | browser | 12:00       | cta_click
        s2              | w1             | browser | 11:00       | page_view
        s1              | w2             | server  | 10:00       | -
        -               | w3             | browser | 10:00       | page_view
    """)
    assert_drawn(
        found,
        """
        web_session_id | scan_session_id | started_at | ended_at | event_count | page_view_count | web_session_id_is_derived
        w1             | s1              | 10:00      | 12:00    | 2           | 1               | no
        w1             | s2              | 11:00      | 11:00    | 1           | 1               | no
        """,
    )


def test_missing_web_sessions_are_cut_where_nothing_happened_for_more_than_30_minutes() -> None:
    found = web_sessions("""
        scan_session_id | web_session_id | occurred_at
        s1              | -              | 11:00:01
        s1              | -              | 10:30
        s1              | -              | 10:00
        s1              | -              | 10:00
        s1              | w1             | 10:45
        s2              | -              | 10:10
    """)
    assert_drawn(
        found,
        """
        scan_session_id | started_at | ended_at | event_count | web_session_id_is_derived
        s1              | 10:00      | 10:30    | 3           | yes
        s1              | 11:00:01   | 11:00:01 | 1           | yes
        s1              | 10:45      | 10:45    | 1           | no
        s2              | 10:10      | 10:10    | 1           | yes
        """,
    )
    begun = found.filter("web_session_id_is_derived").select("web_session_id", "scan_session_id", "started_at")
    assert all(name == f"{scan}/{at.timestamp() * 1_000_000:.0f}" for name, scan, at in begun.iter_rows())


def test_the_gap_is_a_setting() -> None:
    rows = "scan_session_id | occurred_at\ns1 | 10:00\ns1 | 10:10\ns1 | 10:21"
    assert web_sessions(rows, minutes=10)["event_count"].sort().to_list() == [1, 2]


def test_the_landing_page_is_the_first_page_view_without_tracking() -> None:
    found = scan_sessions(
        """
        scan_session_id | event_type | page_url                                                  | occurred_at
        s1              | page_view  | https://a.example/two                                     | 10:01
        s1              | pageview   | https://a.example/one?scnv=x&utm_source=qr&b=2#top        | 10:00
        s1              | cta_click  | https://a.example/zero                                    | 09:00
        s2              | page_view  | -                                                         | 10:00
        s2              | page_view  | https://a.example/b?UTM_Medium=qr                         | 10:05
        s3              | page_view  | https://a.example/z                                       | 10:00
        s3              | page_view  | https://a.example/y?c=1&gclid=4&fbclid=5&scnv=6&d=2&scnv= | 10:00
        s4              | cta_click  | https://a.example/x                                       | 10:00
        """
    )
    assert_drawn(
        found,
        """
        scan_session_id | landing_page
        s1              | https://a.example/one?b=2
        s2              | https://a.example/b
        s3              | https://a.example/y?c=1&d=2
        s4              | -
        """,
    )
