"""Tables that are sorted alike, as one."""

from collections.abc import Sequence

import polars as pl


def merged(parts: Sequence[pl.LazyFrame], by: Sequence[str]) -> pl.LazyFrame:
    """Sorted tables as one: two by two, so that no row goes through more merges than it must."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return merged(parts[:half], by).merge_sorted(merged(parts[half:], by), key=by)
