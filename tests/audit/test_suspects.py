"""Suspects: what an event id cannot catch, beside a reading row by row."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution import slices
from attribution.suspects import double_page_view

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
