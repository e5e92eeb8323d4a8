"""The table of paths as flat arrays, one element per touch; `path_table` reads it from any frame.

One row of the table stands for any number of journeys along the same path; equal rows may be merged or not.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from attribution.days import SECONDS_PER_DAY

Ints = npt.NDArray[np.signedinteger[Any]]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Paths:
    """Paths in columns: `code` and `ages` per touch, one row's touches after another's, the rest per row.

    `code` is a position in `touchpoints` (sorted, each once), `lengths` the touches of each row. `revenue` is in whole units of
    `10 ** -minor_digits`, or in floats where `minor_digits` is None. `ages` are days before the conversion.
    """

    touchpoints: pl.Series
    lengths: Ints
    code: Ints
    ages: Floats | None
    conversions: Ints
    non_conversions: Ints
    revenue: Ints | Floats
    minor_digits: int | None

    @cached_property
    def row(self) -> Ints:
        """The row of each touch."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @cached_property
    def starts(self) -> Ints:
        """Where each row's touches begin."""
        return np.cumsum(self.lengths) - self.lengths

    def kept(self, keep: Bools) -> "Paths":
        """The same rows with only the marked touches."""
        lengths = np.bincount(self.row[keep], minlength=len(self.lengths))
        ages = None if self.ages is None else self.ages[keep]
        return replace(self, lengths=lengths, code=self.code[keep], ages=ages)

    def credited(self) -> "Paths":
        """Only the rows that have something to give: a conversion or money."""
        rows = (self.conversions != 0) | (self.revenue != 0)
        if rows.all():
            return self
        touches = np.repeat(rows, self.lengths)
        return replace(
            self,
            lengths=self.lengths[rows],
            code=self.code[touches],
            ages=None if self.ages is None else self.ages[touches],
            conversions=self.conversions[rows],
            non_conversions=self.non_conversions[rows],
            revenue=self.revenue[rows],
        )

    def touches(self) -> pl.DataFrame:
        """The long frame that a model's weight reads: one row per touch, in path order.

        Columns: `conversion_id` (the row), `touchpoint` (its code), `position` 1…n from the oldest, `n`,
        `age_seconds` before the conversion. Without `ages`, a touch is one day older than the next.
        """
        n = np.repeat(self.lengths, self.lengths)
        position = np.arange(len(self.code)) - np.repeat(self.starts, self.lengths) + 1
        days = (n - position).astype(np.float64) if self.ages is None else self.ages
        return pl.DataFrame(
            {
                "conversion_id": self.row,
                "touchpoint": self.code,
                "position": position,
                "n": n,
                "age_seconds": days * SECONDS_PER_DAY,
            }
        )

    def lists(self) -> list[list[str]]:
        """The paths as lists of names, one per row."""
        names = self.touchpoints.to_list()
        parts = np.split(self.code, self.starts[1:])
        return [[names[code] for code in part] for part in parts]


def summed(index: Ints, weights: npt.NDArray[Any], size: int) -> Floats:
    """Sum of the weights per index 0 … size - 1, added up in row order."""
    return np.bincount(index, weights=weights, minlength=size).astype(np.float64, copy=False)
