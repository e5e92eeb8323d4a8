"""A long table some millions of rows at a time, where what is made of a row does not depend on another."""

from collections.abc import Iterator
from typing import Final

import polars as pl

ROWS: Final = 10_000_000


def in_slices(table: pl.LazyFrame, rows: int = ROWS) -> Iterator[pl.LazyFrame]:
    """The table in slices, in order; at least one. What is in work is then small, however long the table is."""
    height = table.select(pl.len()).collect(engine="streaming").item()
    for first in range(0, max(height, 1), rows):
        yield table.slice(first, rows)
