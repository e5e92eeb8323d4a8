"""position_based: one share to the first touch, one to the last, the rest to those between."""

import math
from dataclasses import dataclass
from typing import ClassVar, Final

import polars as pl

from attribution.models.errors import ModelError
from attribution.models.heuristic import Heuristic

PLACES: Final = 3
"""First, between, last: what a path needs for its touches to differ."""


@dataclass(frozen=True)
class PositionBased(Heuristic):
    """n = 1: 1. n = 2: a half each. n >= 3: first, middle / (n - 2) each, last.

    Attributes:
        weights: Shares of the first touch, of all touches between together, and of the last; they sum to 1.
    """

    name: ClassVar[str] = "position_based"
    weights: tuple[float, float, float] = (0.4, 0.2, 0.4)

    def __post_init__(self) -> None:
        """Refuse weights that are not three shares of one whole."""
        try:
            shares = tuple(float(share) for share in self.weights)
        except (TypeError, ValueError) as error:
            raise ModelError("weights must be three numbers: first, between, last") from error
        if len(shares) != PLACES or not all(0 <= share <= 1 for share in shares) or not math.isclose(sum(shares), 1):
            raise ModelError("weights must be three numbers (first, between, last) of 0 or more that sum to 1")

    def weight(self) -> pl.Expr:
        """The share of the touch's place on its path."""
        first, between, last = (float(share) for share in self.weights)
        position, n = pl.col("position"), pl.col("n")
        return (
            pl.when(n < PLACES)
            .then(1.0 / n)
            .when(position == 1)
            .then(first)
            .when(position == n)
            .then(last)
            .otherwise(between / (n - 2).cast(pl.Float64))
        )
