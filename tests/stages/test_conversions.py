"""What a conversion is tied to, and why no QR code earns it."""

import polars as pl
import pytest

from attribution.schemas.conversions import Conversions
from attribution.settings import Conversions as Chosen
from attribution.settings import Settings
from tests.stages.drawn import assert_drawn, events, ran, scans

SCANNED = "scan_session_id | qr_code_id | scanned_at\ns1 | q1 | 09:00\ns2 | q2 | 09:00"


def conversions(drawing: str, scanned: str = SCANNED, settings: Settings | None = None) -> pl.DataFrame:
    found = ran("conversions", settings, events=events(drawing), scans=scans(scanned))["conversions"]
    return Conversions.checked(found.lazy()).collect()


def test_server_events_with_a_value_or_a_configured_name_are_conversions() -> None:
    found = conversions("""
        event_id | source  | event_name   | amount
        a        | server  | purchase     | -
        b        | server  | signup       | -
        c        | server  | lead         | 0
        d        | server  | subscription | 5
        e        | server  | shipped      | -
        f        | browser | purchase     | 5
        g        | server  | refund       | -
    """)
    assert_drawn(found, "event_id | is_refund\na | no\nb | no\nc | no\nd | no\ng | yes")
    only = Settings(conversions=Chosen(event_names=["shipped"], with_value=False))
    named = conversions(
        "event_id | source | event_name | amount\na | server | purchase | 5\nb | server | shipped | -", settings=only
    )
    assert named["event_id"].to_list() == ["b"]


def test_excluded_rows_and_duplicates_are_no_conversions() -> None:
    found = conversions("""
        event_id | source | received_at | exclusion | is_duplicate | amount
        a        | server | 10:00       | -         | no           | 1
        a        | server | 10:01       | -         | no           | 1
        b        | server | 10:00       | fraud     | no           | 1
        c        | server | 10:00       | test      | no           | 1
        d        | server | 10:00       | -         | yes          | 1
    """)
    assert found["event_id"].to_list() == ["a"]


def test_the_same_event_id_on_two_sites_is_two_conversions() -> None:
    found = conversions("source | event_id | site_id\nserver | a | one\nserver | a | two\nserver | a | -")
    assert found["conversion_id"].n_unique() == 3


def test_every_tie() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | web_session_id | occurred_at
        b1       | browser | s1              | w1             | 10:00
        both     | server  | s1              | w1             | 10:05
        last     | server  | s1              | -              | 10:05
        foreign  | server  | s1              | unseen         | 10:05
        scan     | server  | s2              | -              | 10:05
        web      | server  | unseen          | w1             | 10:05
        web_null | server  | -               | w1             | 10:05
        neither  | server  | unseen          | unseen         | 10:05
        nothing  | server  | -               | -              | 10:05
    """)
    assert_drawn(
        found,
        """
        event_id | tie          | scan_session_id | web_session_id | qr_code_id | unattributed_reason | named_scan_session_id
        both     | scan_and_web | s1              | w1             | q1         | -                   | s1
        last     | scan_and_web | s1              | w1             | q1         | -                   | s1
        foreign  | scan_and_web | s1              | w1             | q1         | -                   | s1
        scan     | scan_only    | s2              | -              | q2         | -                   | s2
        web      | web_only     | s1              | w1             | q1         | -                   | unseen
        web_null | web_only     | s1              | w1             | q1         | -                   | -
        neither  | orphan       | -               | -              | -          | orphan              | unseen
        nothing  | orphan       | -               | -              | -          | orphan              | -
        """,
    )


def test_a_session_known_by_a_browser_event_only_is_unlinked() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | occurred_at
        b1       | browser | s9              | 10:00
        a        | server  | s9              | 10:05
    """)
    assert_drawn(
        found, "event_id | tie | qr_code_id | unattributed_reason | person_id\na | scan_and_web | - | unlinked | s9"
    )


def test_a_stored_qr_code_on_the_conversion_itself_makes_its_session_known() -> None:
    found = conversions("event_id | source | scan_session_id | qr_code_id\na | server | s9 | q9")
    assert_drawn(found, "tie | qr_code_id | scanned_at | unattributed_reason\nscan_only | q9 | 10:00 | -")


def test_the_qr_code_is_its_own_else_the_scan_exports_else_another_rows() -> None:
    found = conversions(
        """
        event_id | source  | scan_session_id | qr_code_id
        own      | server  | s1              | q7
        scanned  | server  | s1              | -
        b1       | browser | s9              | q9
        other    | server  | s9              | -
        """
    )
    assert_drawn(found, "event_id | qr_code_id\nown | q7\nscanned | q1\nother | q9")


def test_a_visitor_alone_ties_nothing() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | visitor_id
        b1       | browser | s1              | v1
        a        | server  | -               | v1
    """)
    assert_drawn(found, "event_id | tie | person_id\na | orphan | -")


def test_its_own_web_session_counts_before_a_later_one_and_the_last_begun_before_else() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | web_session_id | occurred_at
        b1       | browser | s1              | w1             | 10:00
        b2       | browser | s1              | w2             | 11:00
        b3       | browser | s1              | w3             | 12:00
        own      | server  | s1              | w1             | 11:30
        ahead    | server  | s1              | w3             | 11:30
        last     | server  | s1              | -              | 11:30
        at_start | server  | s1              | -              | 11:00
        too_soon | server  | s1              | -              | 09:59
    """)
    assert_drawn(
        found,
        """
        event_id | web_session_id | tie
        own      | w1             | scan_and_web
        ahead    | w3             | scan_and_web
        last     | w2             | scan_and_web
        at_start | w2             | scan_and_web
        too_soon | -              | scan_only
        """,
    )


def test_of_two_web_sessions_begun_at_once_the_first_in_text_order_counts() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | web_session_id | occurred_at
        b1       | browser | s1              | w2             | 10:00
        b2       | browser | s1              | w1             | 10:00
        a        | server  | s1              | -              | 10:05
    """)
    assert found["web_session_id"].to_list() == ["w1"]


def test_its_own_web_session_is_known_under_any_scan_session() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | web_session_id | occurred_at
        b1       | browser | s1              | w1             | 10:00
        b2       | browser | s2              | w2             | 10:00
        a        | server  | s1              | w2             | 10:05
        other    | server  | s1              | w1             | 10:05
    """)
    assert_drawn(
        found,
        """
        event_id | scan_session_id | web_session_id | qr_code_id | tie
        a        | s1              | w2             | q1         | scan_and_web
        other    | s1              | w1             | q1         | scan_and_web
        """,
    )


def test_a_web_session_of_several_scans_ties_to_the_last_begun_before_else_to_the_first_after() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | web_session_id | occurred_at
        b1       | browser | s1              | w1             | 10:00
        b2       | browser | s2              | w1             | 11:00
        between  | server  | -               | w1             | 10:59
        after    | server  | -               | w1             | 11:00
        before   | server  | -               | w1             | 09:58
    """)
    assert_drawn(found, "event_id | scan_session_id\nbetween | s1\nafter | s2\nbefore | s1")


def test_of_two_scans_under_which_a_web_session_began_at_once_the_first_in_text_order_counts() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | web_session_id | occurred_at
        b1       | browser | s2              | w1             | 10:00
        b2       | browser | s1              | w1             | 10:00
        after    | server  | -               | w1             | 10:05
        before   | server  | -               | w1             | 09:58
    """)
    assert_drawn(found, "event_id | scan_session_id\nafter | s1\nbefore | s1")


def test_a_conversion_tied_by_its_web_session_alone_has_that_scans_time_person_and_window() -> None:
    found = conversions("""
        event_id | source  | scan_session_id | web_session_id | visitor_id | occurred_at
        b1       | browser | s1              | w1             | v1         | 10:00
        good     | server  | -               | w1             | -          | +60d 09:00
        late     | server  | unseen          | w1             | -          | +60d 09:00:01
        early    | server  | -               | w1             | -          | 08:54
    """)
    assert_drawn(
        found,
        """
        event_id | tie      | scanned_at | person_id | unattributed_reason
        good     | web_only | 09:00      | v1        | -
        late     | web_only | 09:00      | v1        | outside_window
        early    | web_only | 09:00      | v1        | before_scan
        """,
    )


def test_a_conversion_without_a_known_scan_session_has_no_qr_code_though_it_carries_one() -> None:
    found = conversions("event_id | source | scan_session_id | qr_code_id\na | server | - | q7")
    assert_drawn(found, "tie | qr_code_id | unattributed_reason\norphan | - | orphan")


@pytest.mark.parametrize(
    ("scanned_at", "converted_at", "reason"),
    [
        ("10:00", "+60d 10:00", "-"),
        ("10:00", "+60d 10:00:01", "outside_window"),
        ("10:00", "09:55", "-"),
        ("10:00", "09:54:59", "before_scan"),
    ],
)
def test_the_window_is_60_days_inclusive_and_5_minutes_of_skew_inclusive(
    scanned_at: str, converted_at: str, reason: str
) -> None:
    found = conversions(
        f"source | scan_session_id | occurred_at\nserver | s1 | {converted_at}",
        f"scan_session_id | scanned_at\ns1 | {scanned_at}",
    )
    assert_drawn(found, f"unattributed_reason | scan_session_id | qr_code_id | tie\n{reason} | s1 | q1 | scan_only")


def test_the_window_is_a_setting() -> None:
    short = Settings(conversions=Chosen(window_days=1, clock_skew_minutes=0))
    rows = "event_id | source | scan_session_id | occurred_at\na | server | s1 | +1d 09:00:01\nb | server | s1 | 08:59"
    assert_drawn(
        conversions(rows, settings=short), "event_id | unattributed_reason\na | outside_window\nb | before_scan"
    )


def test_revenue_and_scan_session_of_withheld_consent_still_count() -> None:
    found = conversions("source | scan_session_id | consent | amount | visitor_id\nserver | s1 | denied | 5 | v1")
    assert_drawn(found, "scan_session_id | qr_code_id | amount_reporting | person_id\ns1 | q1 | 5 | s1")
