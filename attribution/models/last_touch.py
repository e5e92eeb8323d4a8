"""last_touch: the newest touch earns everything."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from attribution.models.heuristic import Heuristic


@dataclass(frozen=True)
class LastTouch(Heuristic):
    """w_n = 1, all others 0."""

    name: ClassVar[str] = "last_touch"

    def weight(self) -> pl.Expr:
        """1 on the last touch of the path."""
        return (pl.col("position") == pl.col("n")).cast(pl.Float64)
