"""custom: a function of the user's own, `weight(position, length) -> number`."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from attribution.models.errors import ModelError
from attribution.models.heuristic import Heuristic

WeightOf = Callable[[int, int], float]
"""Takes a touch's position (1 is the oldest) and the number of touches on its path; returns 0 or more, in any scale."""


@dataclass(frozen=True)
class Custom(Heuristic):
    """w_i = f(i, n) / (f(1, n) + … + f(n, n)).

    The function is called per position and length of path (in a stream, once in each batch), never per row, so it may be
    slow; it must return the same number each time. For weights that depend on time, derive from `Heuristic` and write
    `weight()`.
    """

    function: WeightOf
    name: str = "custom"

    def weight(self) -> pl.Expr:
        """The function's numbers, divided by their sum on the path."""
        place = pl.struct(pl.col("position").cast(pl.Int64), pl.col("n").cast(pl.Int64))
        return place.map_batches(self.shares, return_dtype=pl.Float64, is_elementwise=True)

    def shares(self, places: pl.Series) -> pl.Series:
        """The share of each place, looked up in a table of all places on paths of these lengths."""
        frame = places.struct.unnest()
        table = {
            (position, n): share
            for n in frame["n"].unique().sort()
            for position, share in enumerate(self.shares_of(n), start=1)
        }
        known = pl.DataFrame(
            [(position, n, share) for (position, n), share in table.items()],
            schema={"position": pl.Int64, "n": pl.Int64, "share": pl.Float64},
            orient="row",
        )
        return frame.join(known, on=["position", "n"], how="left", maintain_order="left")["share"]

    def shares_of(self, n: int) -> list[float]:
        """The shares of the touches of a path of n."""
        numbers = [self.number(position, n) for position in range(1, n + 1)]
        total = math.fsum(numbers)
        if not 0 < total < math.inf:
            raise ModelError(f"the function gives no finite weight to a path of {n}")
        return [number / total for number in numbers]

    def number(self, position: int, n: int) -> float:
        """The function's number, checked."""
        value = self.function(position, n)
        try:
            number = float(value)
        except (TypeError, ValueError) as error:
            kind = type(value).__name__
            raise ModelError(f"the function returned a {kind} for position {position} of {n}, not a number") from error
        if not 0 <= number < math.inf:
            raise ModelError(
                f"the function returned {number} for position {position} of {n}; it must be 0 or more and finite"
            )
        return number
