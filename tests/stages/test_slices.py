"""Slices of a long table are the table, and what is taken out of it keeps nothing else."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution import slices

ROWS = pl.DataFrame({"id": [f"session-number-{n % 7}" for n in range(50)], "row": range(50)})


@pytest.mark.parametrize("size", [1, 7, 50, 51])
def test_slices_are_the_table_in_order(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(slices, "ROWS", size)
    parts = [part.collect() for part in slices.in_slices(ROWS.lazy())]
    assert [part.height for part in parts] == [size] * (50 // size) + [50 % size] * bool(50 % size)
    assert_frame_equal(pl.concat(parts), ROWS)


def test_a_table_without_rows_is_one_slice_without_rows() -> None:
    assert [part.collect().height for part in slices.in_slices(ROWS.head(0).lazy())] == [0]


def test_the_matching_rows_are_those_of_the_keys_and_no_key_matches_none() -> None:
    keys = pl.LazyFrame({"id": ["session-number-3", "session-number-5", "nobody", None]})
    unnamed = ROWS.head(1).with_columns(id=pl.lit(None, pl.String))
    found = slices.matching(pl.concat([ROWS, unnamed]).lazy(), keys, "id").collect()
    assert_frame_equal(found, ROWS.filter(pl.col("row") % 7 % 2 == 1, pl.col("row") % 7 != 1), check_row_order=False)


def test_a_compact_copy_has_the_same_rows_and_types() -> None:
    kinds = pl.Enum(["a", "b"])
    few = ROWS.with_columns(kind=pl.Series(["a", None] * 25, dtype=kinds), half=pl.col("row").cast(pl.Decimal(9, 1)))
    assert_frame_equal(slices.compact(few), few)
    assert_frame_equal(slices.compact(few.head(0)), few.head(0))


@pytest.mark.parametrize("size", [1, 7, 50, 51])
@pytest.mark.parametrize("places", [[], [0], [6, 7, 8, 49], list(range(50))])
def test_the_rows_at_places_are_those_in_order(monkeypatch: pytest.MonkeyPatch, size: int, places: list[int]) -> None:
    monkeypatch.setattr(slices, "ROWS", size)
    placed = ROWS.with_row_index(slices.PLACE)[places].sample(fraction=1, shuffle=True, seed=1)
    found = pl.concat(slices.at_places(ROWS.lazy(), placed, "row"))
    assert_frame_equal(found, ROWS[places])


@pytest.mark.parametrize(("places", "most"), [(range(0, 50, 5), 4), (range(50), 5)])
def test_no_more_rows_come_at_once_where_many_are_wanted(
    monkeypatch: pytest.MonkeyPatch, places: range, most: int
) -> None:
    monkeypatch.setattr(slices, "ROWS", 20)
    found = slices.at_places(ROWS.lazy(), ROWS.with_row_index(slices.PLACE)[list(places)], "row")
    assert max(part.height for part in found) == most


@pytest.mark.parametrize("rows", [1, 7, 20, 50, 51])
def test_parts_are_gathered_end_to_end(rows: int) -> None:
    parts = [ROWS.slice(first, 5) for first in range(0, 50, 5)]
    found = [part.collect() for part in slices.gathered(parts, rows)]
    assert_frame_equal(pl.concat(found), ROWS)
    assert all(part.height >= rows for part in found[:-1])
    assert list(slices.gathered([], rows)) == []


@pytest.mark.parametrize("frames", [1, 3, 20])
def test_rows_of_one_key_come_into_one_frame(frames: int) -> None:
    keyed = ROWS.with_columns(key=pl.when(pl.col("row") % 9 != 4).then(pl.col("row") % 7).cast(pl.UInt128))
    parts = [keyed.slice(first, 20).lazy() for first in (0, 20, 40, 60)]
    found = slices.by_key(parts, "key", frames)
    assert len(found) == frames
    assert_frame_equal(pl.concat(found).sort("row"), keyed)
    assert sum(frame["key"].n_unique() for frame in found) == keyed["key"].n_unique()
    assert sum(not frame.is_empty() for frame in found) == min(frames, 7)
