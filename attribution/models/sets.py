"""The distinct sets of touchpoints that journeys visited: what a game among touchpoints is played on."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from attribution.models.paths import Floats, Ints, Paths

Words = npt.NDArray[np.uint64]

WORD_BITS: Final = 64
KEY_SEED: Final = 20_150_312
"""Fixed, so that results are the same in every run."""


@dataclass(frozen=True)
class TouchpointSets:
    """One element per distinct set; `member` lists the touchpoints set by set, ascending in each.

    `revenue` is in whole minor units or floats, like that of the paths.
    """

    member: Ints
    sizes: Ints
    conversions: Ints
    non_conversions: Ints
    revenue: Ints | Floats

    @property
    def starts(self) -> Ints:
        """Where each set begins in `member`."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def owner(self) -> Ints:
        """The set that each element of `member` belongs to."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)


def distinct_sets(paths: Paths) -> TouchpointSets:
    """The sets that earned conversions or revenue, in a fixed order that does not depend on that of the rows.

    `non_conversions` counts all journeys on exactly the set.
    """
    if len(paths.touchpoints) <= WORD_BITS:
        return sets_of_bits(paths)
    touches = pl.DataFrame({"row": paths.row, "code": paths.code}).unique().sort("row", "code")
    rows = touches.group_by("row", maintain_order=True).agg(key="code")
    merged = merge_rows(paths, rows["row"].to_numpy(), rows["key"])
    return TouchpointSets(
        member=merged["key"].explode().to_numpy() if len(merged) else np.zeros(0, dtype=np.int64),
        sizes=merged["key"].list.len().to_numpy().astype(np.int64),
        conversions=merged["conversions"].to_numpy(),
        non_conversions=merged["non_conversions"].to_numpy(),
        revenue=merged["revenue"].to_numpy(),
    )


def sets_of_bits(paths: Paths) -> TouchpointSets:
    """The same for at most 64 touchpoints, a set being the bits of one word."""
    rows = np.flatnonzero(paths.lengths)
    bits = member_keys(len(paths.touchpoints))[0][paths.code]
    masks = np.bitwise_or.reduceat(bits, paths.starts[rows]) if len(rows) else bits
    merged = merge_rows(paths, rows, pl.Series(masks))
    mask = merged["key"].to_numpy()
    places = np.arange(len(paths.touchpoints), dtype=np.uint64)
    member = (mask[:, None] >> places) & np.uint64(1)
    return TouchpointSets(
        member=np.nonzero(member)[1],
        sizes=member.sum(axis=1).astype(np.int64),
        conversions=merged["conversions"].to_numpy(),
        non_conversions=merged["non_conversions"].to_numpy(),
        revenue=merged["revenue"].to_numpy(),
    )


def merge_rows(paths: Paths, rows: Ints, key: pl.Series) -> pl.DataFrame:
    """One row per distinct key that earned anything, with the sums of its rows, sorted by key."""
    frame = pl.DataFrame(
        {
            "key": key,
            "conversions": paths.conversions[rows],
            "non_conversions": paths.non_conversions[rows],
            "revenue": paths.revenue[rows],
        }
    )
    earned = (pl.col("conversions") != 0) | (pl.col("revenue") != 0)
    return frame.group_by("key").agg(pl.exclude("key").sum()).filter(earned).sort("key")


def member_keys(touchpoint_count: int) -> list[Words]:
    """Keys per touchpoint whose XOR over a set identifies the set: one bit each while they fit, else two random words."""
    if touchpoint_count <= WORD_BITS:
        return [np.left_shift(np.uint64(1), np.arange(touchpoint_count, dtype=np.uint64))]
    rng = np.random.default_rng(KEY_SEED)
    return [rng.integers(0, 2**WORD_BITS, touchpoint_count, dtype=np.uint64) for _ in range(2)]
