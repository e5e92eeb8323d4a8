"""Ranges of a key: in order, each key in one, about as many rows in each."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.engines import ranges
from attribution.engines.ranges import expr_range, sampled_bounds

KEYS = st.lists(st.one_of(st.none(), st.text("abc", max_size=3)), max_size=60)


def table(keys: list[str | None]) -> pl.LazyFrame:
    return pl.LazyFrame({"key": keys}, schema={"key": pl.String})


@given(keys=KEYS, others=KEYS, buckets=st.integers(1, 8))
def test_ranges_follow_the_order_and_nulls_come_first(
    keys: list[str | None], others: list[str | None], buckets: int
) -> None:
    bounds = sampled_bounds([table(keys), table(others)], "key", buckets)
    assert len(bounds) < buckets
    ordered = table(keys + others).sort("key")
    numbers = ordered.select(expr_range("key", bounds)).collect().to_series()
    assert numbers.is_sorted()
    assert numbers.is_between(0, len(bounds)).all()
    assert ordered.with_columns(number=expr_range("key", bounds)).group_by("key").n_unique().collect()[
        "number"
    ].to_list() == [1] * len({*keys, *others})


def test_ranges_hold_about_as_many_rows_wherever_they_stand_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "ROWS", 50)
    late = table([f"{number:05d}" for number in range(10_000)])
    bounds = sampled_bounds([late], "key", 4)
    counts = late.group_by(expr_range("key", bounds)).len().collect()["len"]
    assert counts.len() == 4
    assert counts.min() > 1_500
