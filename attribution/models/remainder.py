"""Largest remainder: spread whole units over rows by weight so that every group sums to its total exactly.

Each row gets the floor of its ideal share, and the units left over go one each to the rows with the
largest fractions (Hamilton's method, as in Balinski & Young, "Fair Representation", 1982). Equal
fractions are served in row order. A negative total is spread as its mirror image.
"""

from typing import Any, Final

import numpy as np
import polars as pl

from attribution.models.errors import PathsError
from attribution.models.paths import Floats, Ints
from attribution.money import MOST_UNITS

TIE_BITS: Final = 20
"""Fractions that agree to 2**-20 of a unit are equal: closer than that is the noise of binary floats."""


def largest_remainder(group: Any, weight: Any, total: Any) -> Ints:  # noqa: ANN401
    """Whole units per row, summing to the group's total, each within one unit of `total * weight / sum(weight)`.

    Args:
        group: Group of each row, of any type; rows of a group need not be adjacent.
        weight: Weight of each row, 0 or more, in any scale. A group whose weights are all 0 is spread evenly.
        total: The group's total in whole units, repeated on each of its rows; negative for refunds.

    Returns:
        Units of each row, in row order. The earliest of the rows with equal fractions is served first.

    Raises:
        PathsError: A weight is negative or not a number, or a total is beyond 2**50 units.
    """
    index = group_index(pl.Series(group))
    weights = np.asarray(weight, dtype=np.float64)
    totals = np.asarray(total, dtype=np.int64)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise PathsError("weights must be finite numbers of 0 or more")
    if len(totals) and np.abs(totals).max() > MOST_UNITS:
        raise PathsError(f"a total must be at most {MOST_UNITS} units")
    if not len(index):
        return totals
    sums = np.bincount(index, weights=weights)
    weights = np.where(sums[index] > 0, weights, 1.0)
    sums = np.where(sums > 0, sums, np.bincount(index))
    ideal = np.abs(totals) * (weights / sums[index])
    whole = np.floor(ideal)
    units = settle(index, whole.astype(np.int64), ideal - whole, np.abs(totals))
    return np.sign(totals) * units


def expr_largest_remainder(group: pl.Expr, weight: pl.Expr, total: pl.Expr) -> pl.Expr:
    """`largest_remainder` as an expression over three columns of the same frame; Int64."""
    return pl.map_batches(
        [group, weight, total],
        lambda columns: pl.Series(largest_remainder(columns[0], columns[1], columns[2]), dtype=pl.Int64),
        return_dtype=pl.Int64,
    )


def settle(index: Ints, whole: Ints, fraction: Floats, total: Ints) -> Ints:
    """Add the units that the whole parts leave over, one each, to the largest fractions of each group.

    Args:
        index: Group of each row, 0, 1, 2, … without gaps.
        whole: Floor of each row's ideal.
        fraction: What the floor cut off, 0 to 1.
        total: The group's total, repeated on each row. Where it is not within one unit a row above the sum of
            `whole` (amounts of both signs that all but cancel out), the rows share the difference evenly first.
    """
    sizes = np.bincount(index)
    spent = np.zeros(len(sizes), dtype=np.int64)
    np.add.at(spent, index, whole)
    left = total - spent[index]
    whole = whole + left // sizes[index]
    left = left % sizes[index]
    steps = np.int64(1) << TIE_BITS
    key = (index.astype(np.int64) << (TIE_BITS + 1)) | (steps - np.rint(fraction * steps).astype(np.int64))
    order = np.argsort(key, kind="stable")
    rank = np.empty(len(index), dtype=np.int64)
    rank[order] = np.arange(len(index)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return whole + (rank < left)


def group_index(group: pl.Series) -> Ints:
    """Number the groups 0, 1, 2, … in order of first appearance."""
    runs = group.rle_id().to_numpy().astype(np.int64)
    if not len(runs) or runs[-1] + 1 == group.n_unique():
        return runs
    names = group.unique(maintain_order=True)
    numbers = pl.DataFrame({"group": names, "index": np.arange(len(names))})
    joined = (
        group.alias("group").to_frame().join(numbers, on="group", how="left", nulls_equal=True, maintain_order="left")
    )
    return joined["index"].to_numpy()
