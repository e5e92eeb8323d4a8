"""Ids as keys: as many different ones as there are different texts."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from attribution.keys import KEY, expr_distinct, expr_key

TEXTS = st.lists(st.none() | st.text(max_size=6), max_size=40)


@given(texts=TEXTS, group=st.integers(1, 3))
def test_keys_are_the_same_where_texts_are_and_null_where_they_are_null(texts: list[str | None], group: int) -> None:
    rows = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).with_row_index("row")
    keyed = rows.with_columns(key=expr_key(pl.col("text")), group=pl.col("row") % group)
    assert keyed.schema["key"] == KEY
    assert keyed["key"].null_count() == texts.count(None)
    pairs = keyed.select("text", "key").unique()
    assert pairs.height == pairs["text"].n_unique() == pairs["key"].n_unique()
    counted = keyed.lazy().group_by("group").agg(found=expr_distinct(pl.col("text"))).collect(engine="streaming")
    expected = {place: len({*texts[place::group]} - {None}) for place in range(min(group, len(texts)))}
    assert dict(counted.rows()) == expected


def test_both_halves_of_a_key_tell_texts_apart() -> None:
    keys = pl.select(key=expr_key(pl.int_range(100_000).cast(pl.String)))["key"]
    halves = keys.to_frame().select(high=pl.col("key") // 2**64, low=pl.col("key") % 2**64)
    assert [halves[name].n_unique() for name in halves.columns] == [100_000, 100_000]
    assert halves.filter(pl.col("high") == pl.col("low")).height == 0
