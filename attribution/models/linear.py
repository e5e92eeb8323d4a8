"""linear: every touch earns the same."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from attribution.models.heuristic import Heuristic


@dataclass(frozen=True)
class Linear(Heuristic):
    """w_i = 1 / n."""

    name: ClassVar[str] = "linear"

    def weight(self) -> pl.Expr:
        """One n-th on each touch."""
        return 1.0 / pl.col("n")
