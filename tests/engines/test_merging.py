"""Sorted tables merged range by range: the same rows in the same order as sorted together."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution.engines import merging
from attribution.engines.merging import merged

BY = ["a", "b"]
rows = st.lists(st.tuples(st.none() | st.sampled_from("abcdefgh"), st.integers(0, 3)), max_size=25)


def tables(drawn: list[list[tuple[str | None, int]]]) -> list[pl.DataFrame]:
    """Sorted tables of these rows; `n` tells each row of all apart, in the order of the tables."""
    made, first = [], 0
    for part in drawn:
        table = pl.DataFrame(part, schema={"a": pl.String, "b": pl.Int64}, orient="row").sort(BY, maintain_order=True)
        made.append(table.with_columns(n=pl.int_range(first, first + len(part))))
        first += len(part)
    return made


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=4), st.sampled_from([1, 3, 10, 1000]))
def test_merged_tables_are_what_sorting_them_together_gives(
    monkeypatch: pytest.MonkeyPatch, drawn: list[list[tuple[str | None, int]]], rows_of_a_range: int
) -> None:
    monkeypatch.setattr(merging, "ROWS_OF_A_RANGE", rows_of_a_range)
    parts = tables(drawn)
    together = pl.concat(parts).sort(BY, maintain_order=True)
    whole = merged([part.lazy() for part in parts], BY)
    assert whole.collect().equals(together)
    assert whole.collect(engine="streaming").equals(together)
    assert whole.select("n").collect().equals(together.select("n"))
    assert whole.head(3).collect().equals(together.head(3))
    assert whole.filter(pl.col("b") == 1).collect().equals(together.filter(pl.col("b") == 1))


def test_ranges_are_about_as_long_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "ROWS_OF_A_RANGE", 1000)
    parts = [pl.LazyFrame({"a": range(first, 30_000, 3), "b": 0}) for first in range(3)]
    cuts = merging._cuts(parts, "a")
    lengths = [sum(end) - sum(start) for start, end in pairwise(cuts)]
    assert sum(lengths) == 30_000
    assert max(lengths) < 1200
