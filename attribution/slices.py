"""A long table some millions of rows at a time, and what is taken out of it."""

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

ROWS: Final = 2_000_000
"""With all their columns, some 1.5 GB of events."""
PLACE: Final = "place_in_table"
MOST: Final = 0.25
"""Of a slice's rows, how many may be wanted with all their columns; where more are, slices are smaller."""


def in_slices(table: pl.LazyFrame, times: float = 1) -> Iterator[pl.LazyFrame]:
    """The table in slices of so many `ROWS`, in order; at least one. What is in work is then small, however long it is."""
    size = _size(times)
    for first in range(0, max(_height(table), 1), size):
        yield table.slice(first, size)


def _size(times: float) -> int:
    return max(1, int(times * ROWS))


def _height(table: pl.LazyFrame) -> int:
    return int(table.select(pl.len()).collect(engine="streaming").item())


def taken(rows: pl.LazyFrame) -> pl.LazyFrame:
    """What little is taken out of a long table, in memory.

    Rows are to be told by a filter that the scan takes, `is_in` for many keys: it decodes only what passes. A semi-join would
    hold the texts of the whole table meanwhile (`docs/decisions/0010`).
    """
    return compact(rows.collect(engine="streaming")).lazy()


def matching(table: pl.LazyFrame, keys: pl.LazyFrame, on: str) -> pl.LazyFrame:
    """Of a long table the few rows whose column is among the keys, in memory."""
    wanted = keys.select(on).unique().collect(engine="streaming").to_series()
    return taken(table.filter(pl.col(on).is_in(wanted.implode())))


def by_key(parts: Iterable[pl.LazyFrame], key: str, number: int) -> list[pl.DataFrame]:
    """What is taken out of each part of a long table, in memory: all rows of one key are in the same of so many frames.

    Args:
        parts: At least one.
        key: A column of whole numbers, evenly spread; null is one key.
        number: Of frames.
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
    """The parts end to end, in as few as may be of at least so many rows, but for the last."""
    waiting: list[pl.DataFrame] = []
    for part in parts:
        waiting.append(part)
        if sum(one.height for one in waiting) >= rows:
            yield pl.concat(waiting).lazy()
            waiting.clear()
    if waiting:
        yield pl.concat(waiting).lazy()


def compact(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows with texts of their own: few rows out of many else keep the texts of all of them in memory."""
    return pl.DataFrame(pl.from_arrow(rows.to_arrow(compat_level=pl.CompatLevel.oldest())), schema=rows.schema)
