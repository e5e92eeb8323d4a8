"""Whose money a refund takes back: that of its order, else of its own scan session."""

import pytest

from attribution.settings import Conversions, Settings
from tests.stages.drawn import assert_drawn
from tests.stages.test_conversions import conversions

TOLD = "scan_session_id | qr_code_id | tie       | unattributed_reason | scanned_at | person_id | journey_ended_at"


def test_a_refund_takes_everything_from_its_order() -> None:
    found = conversions(
        """
        event_id | source | event_name | scan_session_id | order_id | amount | occurred_at
        a        | server | purchase   | s1              | o1       | 10     | 10:00
        r        | server | refund     | s2              | o1       | -4     | 11:00
        n        | server | chargeback | unseen          | o1       | -1     | 11:00
        """,
        "scan_session_id | qr_code_id | scanned_at\ns1 | q1 | 09:00\ns2 | q2 | 09:30",
    )
    told = "s1              | q1         | scan_only | -                   | 09:00      | s1        | 10:00"
    assert_drawn(
        found,
        f"""
        event_id | is_refund | amount | {TOLD}
        a        | no        | 10     | {told}
        r        | yes       | -4     | {told}
        n        | yes       | -1     | {told}
        """,
    )


@pytest.mark.parametrize("name", ["refund", "Refund", "REFUND"])
def test_a_positive_refund_is_negated(name: str) -> None:
    found = conversions(f"source | event_name | scan_session_id | amount\nserver | {name} | s1 | 4")
    assert_drawn(found, "amount | amount_reporting | is_refund\n-4 | -4 | yes")


def test_a_refund_without_a_readable_order_belongs_to_its_own_session() -> None:
    found = conversions("""
        event_id | source | event_name | scan_session_id | order_id | amount | consent
        a        | server | purchase   | s1              | -        | 10     | denied
        gone     | server | refund     | s2              | -        | -4     | denied
        unknown  | server | refund     | s2              | o9       | -4     | granted
    """)
    assert_drawn(found, "event_id | scan_session_id | qr_code_id\na | s1 | q1\ngone | s2 | q2\nunknown | s2 | q2")


def test_a_refund_of_an_unattributed_order_has_its_reason_and_the_window_does_not_hold_for_refunds() -> None:
    found = conversions("""
        event_id | source | event_name | scan_session_id | order_id | amount | occurred_at
        orphan   | server | purchase   | unseen          | o1       | 10     | 10:00
        late     | server | purchase   | s1              | o2       | 10     | +70d
        good     | server | purchase   | s1              | o3       | 10     | +50d
        r_orphan | server | refund     | s1              | o1       | -4     | 11:00
        r_late   | server | refund     | s1              | o2       | -4     | +71d
        r_good   | server | refund     | s1              | o3       | -4     | +90d
        r_own    | server | refund     | s1              | -        | -4     | +90d
        r_early  | server | refund     | s1              | -        | -4     | 08:00
    """)
    assert_drawn(
        found.filter("is_refund"),
        """
        event_id | unattributed_reason | qr_code_id
        r_orphan | orphan              | -
        r_late   | outside_window      | q1
        r_good   | -                   | q1
        r_own    | -                   | q1
        r_early  | -                   | q1
        """,
    )


def test_a_refund_of_an_order_outside_a_shorter_window_is_outside_it() -> None:
    found = conversions(
        """
        event_id | source | event_name | scan_session_id | order_id | amount | occurred_at
        a        | server | purchase   | s1              | o1       | 10     | +2d
        r        | server | refund     | s1              | o1       | -4     | +3d
        """,
        settings=Settings(conversions=Conversions(window_days=1)),
    )
    assert_drawn(found, "event_id | unattributed_reason\na | outside_window\nr | outside_window")


def test_of_several_events_of_an_order_the_earliest_gives_the_refund_its_tie() -> None:
    found = conversions("""
        event_id | source | event_name | scan_session_id | order_id | amount | occurred_at
        a        | server | purchase   | s2              | o1       | 10     | 10:05
        b        | server | purchase   | s1              | o1       | 10     | 10:00
        r        | server | refund     | -               | o1       | -4     | 11:00
    """)
    assert_drawn(found, "event_id | scan_session_id\na | s2\nb | s1\nr | s1")


def test_of_several_events_of_an_order_at_one_time_the_first_in_text_order_gives_the_refund_its_tie() -> None:
    found = conversions("""
        event_id | source | event_name | scan_session_id | order_id | amount
        b        | server | purchase   | s2              | o1       | 10
        a        | server | purchase   | s1              | o1       | 10
        r        | server | refund     | -               | o1       | -4
    """)
    assert_drawn(found.filter("is_refund"), "event_id | scan_session_id\nr | s1")


def test_of_several_events_of_an_order_one_that_carries_money_gives_the_refund_its_tie() -> None:
    found = conversions("""
        event_id | source | event_name | scan_session_id | order_id | amount | occurred_at
        a        | server | lead       | s1              | o1       | -      | 10:00
        b        | server | purchase   | s2              | o1       | 0.01   | 10:05
        c        | server | lead       | s1              | o2       | -      | 10:00
        d        | server | lead       | s2              | o2       | 0      | 10:01
        r        | server | refund     | -               | o1       | -4     | 11:00
        q        | server | refund     | -               | o2       | -4     | 11:00
    """)
    assert_drawn(found.filter("is_refund"), "event_id | scan_session_id\nr | s2\nq | s1")


def test_a_refund_is_no_order_of_another_refund() -> None:
    found = conversions("""
        event_id | source | event_name | scan_session_id | order_id | amount | occurred_at
        a        | server | purchase   | s1              | o1       | 10     | 10:00
        r_before | server | refund     | s2              | o1       | -4     | 09:30
        r_one    | server | refund     | s1              | o2       | -4     | 10:00
        r_two    | server | refund     | s2              | o2       | -4     | 11:00
    """)
    assert_drawn(found.filter("is_refund"), "event_id | scan_session_id\nr_before | s1\nr_one | s1\nr_two | s2")


def test_an_order_is_of_one_site() -> None:
    found = conversions("""
        event_id | source | event_name | site_id | scan_session_id | order_id | amount
        a        | server | purchase   | one     | s1              | o1       | 10
        b        | server | purchase   | -       | s2              | o1       | 10
        r_two    | server | refund     | two     | -               | o1       | -4
        r_one    | server | refund     | one     | -               | o1       | -4
        r_null   | server | refund     | -       | -               | o1       | -4
    """)
    assert_drawn(found.filter("is_refund"), "event_id | scan_session_id\nr_two | -\nr_one | s1\nr_null | s2")


def test_a_refund_through_a_web_only_order_is_web_only() -> None:
    found = conversions("""
        event_id | source  | event_name | scan_session_id | web_session_id | order_id | amount | occurred_at
        b1       | browser | -          | s1              | w1             | -        | -      | 09:30
        a        | server  | purchase   | unseen          | w1             | o1       | 10     | 10:00
        r        | server  | refund     | -               | -              | o1       | -4     | 11:00
    """)
    assert_drawn(
        found.filter("is_refund"), "tie | scan_session_id | web_session_id | qr_code_id\nweb_only | s1 | w1 | q1"
    )
