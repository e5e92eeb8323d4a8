"""first_touch: the oldest touch earns everything."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from attribution.models.heuristic import Heuristic


@dataclass(frozen=True)
class FirstTouch(Heuristic):
    """w_1 = 1, all others 0."""

    name: ClassVar[str] = "first_touch"

    def weight(self) -> pl.Expr:
        """1 on the first touch of the path."""
        return (pl.col("position") == 1).cast(pl.Float64)
