"""Tables sorted alike, merged into one, a range of the order at a time: however long they are, little is in memory."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

ROWS_OF_A_RANGE: Final = 1_000_000
"""About how many rows are sorted at once."""
SAMPLES: Final = 64
"""How many values are sampled for a range's worth of rows; more make the ranges more even."""


def merged(parts: Sequence[pl.LazyFrame], by: Sequence[str]) -> pl.LazyFrame:
    """Sorted tables as one; rows that the order does not tell apart stay in the order of the parts.

    Args:
        parts: At least one table, sorted by `by` (nulls first), best as files: each is read range by range.
        by: The columns of the order.
    """
    if len(parts) == 1:
        return parts[0]
    return register_io_source(partial(_ranges, parts, by), schema=parts[0].collect_schema())


def _ranges(
    parts: Sequence[pl.LazyFrame],
    by: Sequence[str],
    with_columns: list[str] | None,
    predicate: pl.Expr | None,
    n_rows: int | None,
    batch_size: int | None,  # noqa: ARG001
) -> Iterator[pl.DataFrame]:
    """The rows of all parts, in order."""
    asked = with_columns or parts[0].collect_schema().names()
    read = [part.select(*dict.fromkeys([*by, *asked])) for part in parts]
    cuts = _cuts(parts, by[0])
    left = n_rows
    for start, end in pairwise(cuts):
        pieces = [part.slice(first, last - first) for part, first, last in zip(read, start, end, strict=True)]
        rows = pl.concat(pl.collect_all(pieces)).sort(by, maintain_order=True)
        rows = (rows if predicate is None else rows.filter(predicate)).select(asked)
        yield rows if left is None else rows.head(left)
        left = left if left is None else left - min(left, rows.height)
        if left == 0:
            return


def _cuts(parts: Sequence[pl.LazyFrame], key: str) -> list[tuple[int, ...]]:
    """Where each range begins in each part, and last where each part ends. Rows with the same key are in one range."""
    heights = [int(part.select(pl.len()).collect().item()) for part in parts]
    step = max(1, ROWS_OF_A_RANGE // SAMPLES)
    sampled = pl.concat([_keys(part, key).gather_every(step) for part in parts]).drop_nulls().sort()
    bounds = sampled.gather_every(max(1, ROWS_OF_A_RANGE // step))[1:].unique(maintain_order=True)
    begins = [_places(_keys(part, key), bounds) for part in parts]
    return [(0,) * len(parts), *zip(*begins, strict=True), tuple(heights)]


def _keys(part: pl.LazyFrame, key: str) -> pl.Series:
    return part.select(key).collect().to_series()


def _places(keys: pl.Series, bounds: pl.Series) -> list[int]:
    """How many keys come before each bound."""
    nulls = keys.null_count()
    return [nulls + int(place) for place in keys.slice(nulls).search_sorted(bounds, side="left")]
