"""What every model has in common, and the totals of a model that weighs touches by their place."""

from typing import Protocol, runtime_checkable

import polars as pl

from attribution.models.paths import Paths
from attribution.models.totals import Totals, weighted


@runtime_checkable
class Model(Protocol):
    """An attribution model.

    `weight()` reads the long frame of touches (`conversion_id`, `position` 1…n from the oldest, `n`,
    `age_seconds`) and gives each touch its share of its conversion, summing to 1 per conversion. A model that
    learns from all paths reads `touchpoint` and `value` too: `touchpoint_values` joined on the touchpoint.
    """

    @property
    def name(self) -> str:
        """What the model is called in tables and settings."""
        ...

    def weight(self) -> pl.Expr:
        """Share of its conversion that each touch gets; Float64."""
        ...

    def totals(self, paths: Paths) -> Totals:
        """What each touchpoint earned over all paths."""
        ...


@runtime_checkable
class LearnedModel(Model, Protocol):
    """A model whose weights depend on all paths, the converting and the others."""

    def touchpoint_values(self, paths: Paths) -> pl.DataFrame:
        """One row per touchpoint: `touchpoint`, `value` (0 or more, in any scale)."""
        ...


class Heuristic:
    """A model that needs to see one path only. Derive from it, give it a `name`, and write `weight()`."""

    def weight(self) -> pl.Expr:
        """Share of its conversion that each touch gets; Float64."""
        raise NotImplementedError

    def totals(self, paths: Paths) -> Totals:
        """Every row's conversions and money times its touches' weights."""
        return weighted(paths, self.weight())


def expr_within_path() -> pl.Expr:
    """A touchpoint's `value` over the sum for the path's distinct touchpoints, split evenly over its touches there.

    Where all values of a path are 0, its distinct touchpoints share evenly.
    """
    touchpoint, value = pl.col("touchpoint"), pl.col("value")
    repeats = pl.len().over("conversion_id", "touchpoint")
    total = value.filter(touchpoint.is_first_distinct()).sum().over("conversion_id")
    distinct = touchpoint.n_unique().over("conversion_id")
    # no window is nested in another: Polars would compute the inner one group by group
    return pl.when(total > 0).then(value / repeats / total).otherwise(1.0 / repeats / distinct)
