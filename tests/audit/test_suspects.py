"""Suspects: what an event id cannot catch, beside a reading row by row."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution import slices
from attribution.suspects import (
    double_page_view,
    order_under_several_events,
    purchase_sent_twice,
    refund_of_excluded_order,
)
from tests.stages.drawn import events

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
views = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["browser"] * 5 + ["server"]),
        "event_type": st.sampled_from(["pageview", "pageview", "page_view", "click"]),
        "scan_session_id": st.sampled_from([None, "a", "b"]),
        "page_url": st.sampled_from([None, "x", "y"]),
        "second": st.integers(0, 6),
        "exclusion": st.sampled_from([None] * 5 + ["test"]),
        "is_copy": st.sampled_from([False] * 4 + [True]),
    }
)


def doubled(rows: list[dict[str, object]]) -> list[int]:
    """The places of the rows that report a page view which another row near it reports under the other name."""
    counted = [
        (place, row)
        for place, row in enumerate(rows)
        if row["source"] == "browser" and row["exclusion"] is None and not row["is_copy"]
    ]
    return [
        place
        for place, row in counted
        if row["event_type"] == "pageview"
        and any(
            other["event_type"] == "page_view"
            and (other["scan_session_id"], other["page_url"]) == (row["scan_session_id"], row["page_url"])
            and abs(other["second"] - row["second"]) <= 2
            for _, other in counted
        )
    ]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(views, max_size=14), st.sampled_from([1, 4, 100]))
def test_a_page_view_under_both_names_within_two_seconds_is_told(
    monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, object]], rows_of_a_slice: int
) -> None:
    monkeypatch.setattr(slices, "ROWS", rows_of_a_slice)
    schema = dict.fromkeys(("source", "event_type", "scan_session_id", "page_url", "exclusion"), pl.String)
    events = pl.DataFrame(rows, schema={**schema, "second": pl.Int64, "is_copy": pl.Boolean}).with_columns(
        pl.int_range(pl.len()).cast(pl.UInt64).alias("row_id"),
        event_id=pl.lit("e"),
        occurred_at=pl.lit(BEGAN) + pl.duration(seconds="second"),
    )
    duplicates = events.filter("is_copy").select("row_id")
    found = double_page_view(events.lazy(), duplicates.lazy()).collect()
    assert sorted(found["row_id"]) == doubled(rows)


def rows_of(found: pl.LazyFrame) -> list[int]:
    return found.collect()["row_id"].sort().to_list()


def test_an_order_is_suspect_twice_under_one_name_or_with_money_twice() -> None:
    found = order_under_several_events(
        events("""
            row_id | source  | site_id | event_name    | order_id | amount
            1      | server  | a       | purchase      | same     | 5
            2      | server  | a       | purchase      | same     | 5
            3      | server  | a       | order_shipped | same     | -
            4      | server  | b       | purchase      | same     | 5
            5      | server  | a       | purchase      | money    | 5
            6      | server  | a       | paid          | money    | 5
            7      | server  | a       | order_shipped | money    | 0
            8      | server  | a       | purchase      | steps    | 5
            9      | server  | a       | order_shipped | steps    | -
            10     | server  | a       | order_packed  | free     | -
            11     | server  | a       | order_packed  | free     | -
            12     | server  | a       | purchase      | back     | 5
            13     | server  | a       | refund        | back     | 5
            14     | server  | a       | purchase      | -        | 5
            15     | server  | a       | purchase      | -        | 5
        """)
    )
    assert rows_of(found) == [1, 2, 5, 6, 10, 11]


def test_a_refund_is_suspect_where_its_order_is_left_out_and_no_other_event_of_it_counts() -> None:
    found = refund_of_excluded_order(
        events("""
            row_id | source  | site_id | event_name | order_id | exclusion | amount
            1      | server  | a       | purchase   | fraud    | fraud     | 5
            2      | server  | a       | refund     | fraud    | -         | -5
            3      | server  | b       | refund     | fraud    | -         | -5
            4      | server  | -       | purchase   | copy     | -         | 5
            5      | server  | -       | refund     | copy     | -         | -5
            6      | server  | a       | purchase   | both     | test      | 5
            7      | server  | a       | purchase   | both     | -         | 5
            8      | server  | a       | refund     | both     | -         | -5
            9      | server  | a       | purchase   | all      | fraud     | 5
            10     | server  | a       | refund     | all      | fraud     | -5
            11     | server  | a       | refund     | nowhere  | -         | -5
            12     | server  | a       | purchase   | -        | fraud     | 5
            13     | server  | a       | refund     | -        | -         | -5
            14     | server  | a       | purchase   | steps    | fraud     | 5
            15     | server  | a       | shipped    | steps    | -         | -
            16     | server  | a       | refund     | steps    | -         | -5
            17     | server  | a       | refund     | fraud    | -         | -
            18     | server  | a       | purchase   | free     | fraud     | 0
            19     | server  | a       | refund     | free     | -         | -5
        """),
        pl.LazyFrame({"row_id": [4]}, {"row_id": pl.UInt64}),
    )
    assert rows_of(found) == [2, 5, 16]


def test_a_purchase_from_browser_and_server_is_told_by_its_order_or_by_time_and_session() -> None:
    found = purchase_sent_twice(
        events("""
            row_id | source  | site_id | event_type | event_name | scan_session_id | occurred_at | order_id
            1      | server  | a       | -          | purchase   | s               | 10:00       | -
            2      | browser | a       | purchase   | -          | s               | 10:10       | -
            3      | browser | a       | purchase   | -          | s               | 10:11       | -
            4      | browser | a       | page_view  | -          | s               | 10:01       | -
            5      | browser | a       | purchase   | -          | other           | 10:00       | -
            6      | server  | a       | -          | purchase   | t               | 10:00       | o
            7      | browser | a       | purchase   | -          | u               | +1d         | o
            8      | browser | b       | purchase   | -          | u               | +1d         | o
            9      | browser | a       | signup     | -          | u               | +1d         | o
        """),
        ["purchase", "signup"],
    )
    assert rows_of(found) == [2, 7]
