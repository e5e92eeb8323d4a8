"""A long table some millions of rows at a time, and what is taken out of it."""

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

ROWS: Final = 2_000_000
"""Rows of a slice: with all their columns, some 1.5 GB of events."""
PLACE: Final = "place_in_table"
MOST: Final = 0.25
"""The share of a slice's rows that may be wanted with all their columns; where more are, slices are smaller."""


def in_slices(table: pl.LazyFrame, times: float = 1) -> Iterator[pl.LazyFrame]:
    """The table in slices of `times` × `ROWS`, in order; at least one. However long it is, little is in memory at once."""
    size = _size(times)
    for first in range(0, max(_height(table), 1), size):
        yield table.slice(first, size)


def _size(times: float) -> int:
    return max(1, int(times * ROWS))


def _height(table: pl.LazyFrame) -> int:
    return int(table.select(pl.len()).collect(engine="streaming").item())


def taken(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The few rows taken out of a long table, in memory.

    Choose them by a filter that the scan applies, `is_in` for many keys: it then decodes only what passes. A semi-join would
    meanwhile hold the texts of the whole table (`docs/decisions/0010`).
    """
    return compact(rows.collect(engine="streaming")).lazy()


def matching(table: pl.LazyFrame, keys: pl.LazyFrame, on: str) -> pl.LazyFrame:
    """The few rows of a long table whose column `on` is among the keys, in memory."""
    wanted = keys.select(on).unique().collect(engine="streaming").to_series()
    return taken(table.filter(pl.col(on).is_in(wanted.implode())))


def by_key(parts: Iterable[pl.LazyFrame], key: str, number: int) -> list[pl.DataFrame]:
    """What is taken out of each part of a long table, in memory, as frames: all rows with one key are in the same frame.

    Args:
        parts: At least one.
        key: A column of whole numbers, evenly spread; null is one key.
        number: How many frames.
    """
    frames: list[list[pl.DataFrame]] = [[] for _ in range(number)]
    place = (pl.col(key) % number).fill_null(0).cast(pl.UInt32).alias(PLACE)
    for part in parts:
        rows = part.with_columns(place).collect(engine="streaming")
        found = rows.partition_by(PLACE, include_key=False, as_dict=True)
        for at, frame in enumerate(frames):
            here = found.get((at,))
            frame.append(rows.drop(PLACE).clear() if here is None else here.rechunk())
    return [pl.concat(frame) for frame in frames]


def at_places(table: pl.LazyFrame, found: pl.DataFrame, key: str) -> Iterator[pl.DataFrame]:
    """The few rows of a long table at these places, some at a time, in order. Only they are read with all their columns.

    Args:
        table: With `key`, whose values are all different.
        found: `PLACE` (0-based, no two the same) and `key` of each row.
        key: Tells the rows apart.
    """
    times = min(1, MOST * _height(table) / max(1, found.height))
    size = _size(times)
    for number, part in enumerate(in_slices(table, times)):
        first = number * size
        here = found.filter(pl.col(PLACE).is_between(first, first + size, closed="left"))[key]
        yield compact(part.filter(pl.col(key).is_in(here.implode())).collect(engine="streaming"))


def gathered(parts: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.LazyFrame]:
    """The parts end to end, combined into frames of at least `rows` rows, except for the last."""
    waiting: list[pl.DataFrame] = []
    for part in parts:
        waiting.append(part)
        if sum(one.height for one in waiting) >= rows:
            yield pl.concat(waiting).lazy()
            waiting.clear()
    if waiting:
        yield pl.concat(waiting).lazy()


def compact(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows with texts of their own: otherwise a few rows out of many keep the texts of all of them in memory."""
    return pl.DataFrame(pl.from_arrow(rows.to_arrow(compat_level=pl.CompatLevel.oldest())), schema=rows.schema)
