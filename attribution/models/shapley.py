"""shapley: each touchpoint's average contribution over all orders in which the touchpoints could have joined.

Shapley, "A value for n-person games" (1953). The two games differ in what a coalition is worth; see `docs/models.md`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal, get_args

import numpy as np
import polars as pl

from attribution.models.errors import ModelError
from attribution.models.heuristic import expr_within_path
from attribution.models.paths import Ints, Paths, summed
from attribution.models.rate_game import rate_shares
from attribution.models.sets import distinct_sets
from attribution.models.totals import Totals, fine

Game = Literal["conversions", "conversion_rate"]


@dataclass(frozen=True)
class Shapley:
    """Shapley values of one of two games.

    Attributes:
        game: `conversions`: a coalition is worth the conversions of the journeys that visit no one else. Each journey
            is then shared evenly by its distinct touchpoints. `conversion_rate`: within the set that a journey
            visited, a coalition is worth the conversion rate of the journeys that visited exactly it.
    """

    name: ClassVar[str] = "shapley"
    game: Game = "conversions"

    def __post_init__(self) -> None:
        """Refuse unknown games."""
        if self.game not in get_args(Game):
            raise ModelError(f"game must be one of {', '.join(get_args(Game))}")

    def weight(self) -> pl.Expr:
        """The touchpoint's value over those on the same path: an even share each in the game of conversions."""
        return expr_within_path()

    def touchpoint_values(self, paths: Paths) -> pl.DataFrame:
        """1 per touchpoint in the game of conversions; else its average share of the conversions that it was part of.

        A touchpoint that lowers conversion rates on balance has a negative average: its value is 0.
        """
        values = np.ones(len(paths.touchpoints))
        if self.game == "conversion_rate":
            sets = distinct_sets(paths)
            conversions = sets.conversions[sets.owner]
            won = summed(sets.member, rate_shares(sets, len(values)) * conversions, len(values))
            part = summed(sets.member, conversions, len(values))
            values = np.maximum(won / np.maximum(part, 1.0), 0.0)
        return pl.DataFrame({"touchpoint": paths.touchpoints, "value": values})

    def totals(self, paths: Paths) -> Totals:
        """Conversions and revenue per touchpoint."""
        if self.game == "conversions":
            return even_totals(paths)
        sets, size = distinct_sets(paths), len(paths.touchpoints)
        share = rate_shares(sets, size)
        conversions = summed(sets.member, share * sets.conversions[sets.owner], size)
        revenue = summed(sets.member, share * sets.revenue[sets.owner], size)
        if paths.minor_digits is None:
            return Totals(conversions, revenue)
        return Totals(conversions, [fine(value) for value in revenue.tolist()])


def even_totals(paths: Paths) -> Totals:
    """Conversions and revenue of each row shared evenly by the distinct touchpoints of its path, exactly."""
    sets = distinct_sets(paths.credited())
    owner = sets.owner
    frame = pl.DataFrame(
        {
            "code": sets.member,
            "size": sets.sizes[owner],
            "conversions": sets.conversions[owner],
            "revenue": sets.revenue[owner],
        }
    )
    sums = frame.group_by("code", "size").agg(pl.col("conversions", "revenue").sum()).sort("code", "size")
    code, size = sums["code"].to_numpy(), sums["size"].to_numpy()
    count = len(paths.touchpoints)
    conversions = summed(code, sums["conversions"].to_numpy() / size, count)
    if paths.minor_digits is None:
        return Totals(conversions, summed(code, sums["revenue"].to_numpy() / size, count))
    return Totals(conversions, fine_totals(code, size, sums["revenue"], count))


def fine_totals(code: Ints, size: Ints, units: pl.Series, count: int) -> list[int]:
    """Units over size, added up per touchpoint as fractions."""
    exact = [Fraction(0)] * count
    for touchpoint, parts, amount in zip(code.tolist(), size.tolist(), units, strict=True):
        exact[touchpoint] += Fraction(amount, parts)
    return [fine(value) for value in exact]
