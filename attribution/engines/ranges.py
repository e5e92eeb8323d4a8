"""Buckets that are ranges of a key: what is made from each is already in order, end to end."""

from collections.abc import Iterable
from typing import Final

import polars as pl

PLACES: Final = 16
"""In how many places each table is sampled, evenly spaced."""
ROWS: Final = 10_000
"""How many rows are sampled in each place."""


def sampled_bounds(tables: Iterable[pl.LazyFrame], key: str, buckets: int) -> list[str]:
    """Where all ranges but the first begin; each has about as many rows, as far as a sample can tell.

    Args:
        tables: At least one, with the key.
        key: A column of text.
        buckets: How many ranges are wanted; few different keys make fewer.
    """
    sampled = pl.concat([part.collect() for table in tables for part in _places(table.select(key))])
    keys = sampled.to_series().drop_nulls().sort()
    cuts = [len(keys) * number // buckets for number in range(1, buckets)]
    return keys.gather(cuts).unique(maintain_order=True).to_list() if len(keys) else []


def expr_range(key: str, bounds: list[str]) -> pl.Expr:
    """The range that a row is in, from 0; null keys, which are sorted first, are in the first."""
    return pl.sum_horizontal(pl.lit(0, pl.UInt32), *((pl.col(key) >= bound).cast(pl.UInt32) for bound in bounds))


def _places(rows: pl.LazyFrame) -> list[pl.LazyFrame]:
    height = rows.select(pl.len()).collect().item()
    return [rows.slice(height * number // PLACES, ROWS) for number in range(PLACES)]
