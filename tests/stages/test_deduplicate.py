"""Which rows are copies of others, and of which."""

import polars as pl
import pytest

from attribution.deduplicate import deduplicate
from attribution.schemas.duplicates import Duplicates
from tests.stages.drawn import assert_drawn, events


def duplicates(drawing: str) -> pl.DataFrame:
    return Duplicates.checked(deduplicate(events(drawing))).collect()


def test_the_earliest_received_counts_and_not_the_first_in_the_file() -> None:
    found = duplicates("""
        row_id | event_id | received_at | occurred_at
        1      | a        | 10:05       | 09:58
        2      | a        | 10:00       | 09:59
        3      | a        | -           | 09:59
        4      | b        | 10:00       | 09:59
    """)
    assert_drawn(
        found,
        """
        row_id | original_row_id | reason      | event_id | conflicting
        1      | 2               | repeated_id | a        | occurred_at
        3      | 2               | repeated_id | a        | -
        """,
    )


def test_copies_of_several_events_are_each_of_their_own() -> None:
    found = duplicates("""
        row_id | event_id | received_at
        1      | a        | 10:00
        2      | b        | 10:00
        3      | a        | 10:01
        4      | b        | 10:01
    """)
    assert_drawn(found, "row_id | original_row_id\n3 | 1\n4 | 2")


def test_received_at_the_same_time_the_earliest_occurred_counts() -> None:
    found = duplicates("""
        row_id | event_id | received_at | occurred_at
        1      | a        | 10:00       | 09:59
        2      | a        | 10:00       | 09:58
    """)
    assert_drawn(found, "row_id | original_row_id | conflicting\n1 | 2 | occurred_at")


def test_of_copies_of_the_same_times_one_with_its_amount_counts() -> None:
    rows = """
        row_id | event_id | source | amount | page_url
        {}     | a        | server | -      | https://shop/{}
        {}     | a        | server | 5      | https://shop/x
    """
    for page in range(8):
        assert duplicates(rows.format(1, page, 2))["original_row_id"].item() == 2
        assert duplicates(rows.format(2, page, 1))["original_row_id"].item() == 1


def test_the_earlier_of_two_copies_counts_though_only_the_later_has_its_amount() -> None:
    found = duplicates("""
        row_id | event_id | source | received_at | occurred_at | amount
        1      | a        | server | 10:00       | 09:59       | 5
        2      | a        | server | 10:00       | 09:58       | -
    """)
    assert_drawn(found, "row_id | original_row_id\n1 | 2")


@pytest.mark.parametrize(
    ("column", "values"),
    [("page_url", ("https://shop/x", "https://shop/y")), ("metadata", ('{"b":1}', '{"b":2}'))],
)
def test_a_tie_is_broken_by_content_and_not_by_row_order(column: str, values: tuple[str, str]) -> None:
    one, other = (
        duplicates(f"row_id | event_id | {column}\n{first} | a | {values[0]}\n{second} | a | {values[1]}")
        for first, second in ((1, 2), (2, 1))
    )
    assert one["original_row_id"].item() != other["original_row_id"].item()


def test_of_copies_that_are_equal_in_all_the_first_in_the_files_counts_in_whatever_order_they_are_read() -> None:
    for rows in ("1 | a\n2 | a\n3 | a", "3 | a\n2 | a\n1 | a", "2 | a\n3 | a\n1 | a"):
        assert_drawn(duplicates(f"row_id | event_id\n{rows}"), "row_id | original_row_id\n2 | 1\n3 | 1")


def test_which_copy_counts_does_not_hang_on_how_an_object_is_spelled() -> None:
    rows = """
        row_id | event_id | amount | metadata
        1      | a        | {}     | {}
        2      | a        | {}     | {}
    """
    for first in range(8):
        for one, other in (('{"b":1}', '{"b": 1}'), ('{"b": 1}', '{"b":1}')):
            found = duplicates(rows.format(first, one, first + 1, other))["original_row_id"].item()
            assert found == duplicates(rows.format(first, other, first + 1, one))["original_row_id"].item()


def test_a_row_that_the_platform_flagged_is_a_duplicate_even_if_received_first() -> None:
    found = duplicates("""
        row_id | event_id | received_at | is_duplicate
        1      | a        | 10:00       | yes
        2      | a        | 10:05       | no
    """)
    assert_drawn(found, "row_id | original_row_id | reason\n1 | 2 | flagged")


def test_all_copies_flagged_means_that_the_original_lies_outside_the_export() -> None:
    found = duplicates("""
        row_id | event_id | is_duplicate
        1      | a        | yes
        2      | a        | yes
        3      | b        | yes
    """)
    assert_drawn(
        found,
        """
        row_id | original_row_id | reason
        1      | -               | original_outside_export
        2      | -               | original_outside_export
        3      | -               | original_outside_export
        """,
    )


def test_the_same_event_id_on_two_sites_is_two_events() -> None:
    assert duplicates("event_id | site_id\na | one\na | two\na | -").is_empty()


def test_the_same_event_id_from_browser_and_server_is_two_events() -> None:
    assert duplicates("event_id | source\na | browser\na | server").is_empty()


def test_rows_without_a_site_are_copies_of_each_other() -> None:
    found = duplicates("row_id | event_id | site_id | received_at\n1 | a | - | 10:00\n2 | a | - | 10:01")
    assert_drawn(found, "row_id | original_row_id\n2 | 1")


def test_a_conflict_names_the_columns_that_differ() -> None:
    found = duplicates("""
        source | event_id | received_at | event_name | scan_session_id | web_session_id | occurred_at | amount | currency
        server | a        | 10:00       | purchase   | s1              | w1             | 10:00       | 5      | USD
        server | a        | 10:01       | signup     | s2              | w2             | 10:01       | 6      | EUR
        server | a        | 10:02       | purchase   | s1              | w1             | 10:00       | 5.0000 | USD
    """)
    assert_drawn(
        found,
        """
        row_id | conflicting
        2      | event_name,scan_session_id,web_session_id,occurred_at,amount,currency
        3      | -
        """,
    )


def test_a_value_that_only_one_row_has_is_no_conflict() -> None:
    found = duplicates("""
        source | event_id | received_at | scan_session_id | amount | currency
        server | a        | 10:00       | s1              | -      | -
        server | a        | 10:01       | -               | 5      | USD
    """)
    assert found["conflicting"].to_list() == [None]


def test_a_page_that_differs_is_no_conflict() -> None:
    found = duplicates("event_id | received_at | page_url\na | 10:00 | https://x\na | 10:01 | https://y")
    assert found["conflicting"].to_list() == [None]


def test_the_time_of_receipt_is_no_conflict_where_no_event_time_was_sent() -> None:
    found = duplicates("""
        row_id | event_id | received_at | occurred_at | time_source
        1      | a        | 10:00       | 10:00       | received_time
        2      | a        | 10:01       | 10:01       | received_time
        3      | a        | 10:02       | 10:02       | event_time
    """)
    assert found["conflicting"].to_list() == [None, None]


def test_where_no_event_time_was_sent_what_else_differs_is_a_conflict() -> None:
    found = duplicates("""
        row_id | event_id | source | received_at | occurred_at | time_source   | scan_session_id | amount
        1      | a        | server | 10:00       | 10:00       | received_time | s1              | 5
        2      | a        | server | 10:01       | 10:01       | received_time | s2              | 6
    """)
    assert found["conflicting"].to_list() == ["scan_session_id,amount"]


def test_a_copy_is_a_duplicate_before_it_is_test_or_fraud() -> None:
    found = duplicates("row_id | event_id | received_at | exclusion\n1 | a | 10:00 | fraud\n2 | a | 10:01 | fraud")
    assert_drawn(found, "row_id | original_row_id\n2 | 1")
