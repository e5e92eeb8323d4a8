"""markov: what would be lost if a touchpoint were taken off the graph of all journeys (its removal effect).

Anderl, Becker, von Wangenheim, Schumann, "Mapping the customer journey", International Journal of Research in
Marketing 33 (2016); states, order and the value-weighted effect as in the package ChannelAttribution.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import polars as pl

from attribution.errors import AttributionError
from attribution.models.chain import Chain, build_chain
from attribution.models.errors import ModelError
from attribution.models.heuristic import expr_within_path
from attribution.models.paths import Floats, Paths
from attribution.models.shapley import even_totals
from attribution.models.totals import Totals, shared

IDENTITY_TOLERANCE: Final = 1e-9
"""How far the chain may be from its journeys, as a share of their total."""


@dataclass(frozen=True)
class Markov:
    """Removal effects of an absorbing chain, in closed form.

    p is the probability of reaching the conversion from the start, p(-k) the same when every step into a state that
    holds touchpoint k leads to no conversion. The effect of k is (p - p(-k)) / p, its share the effect over the
    sum of effects. Revenue is shared out by the same effect on the expected revenue of a journey.

    Attributes:
        order: Touches that make a state: a state is the last `order` touches, or all of a shorter path.
    """

    name: ClassVar[str] = "markov"
    order: int = 1

    def __post_init__(self) -> None:
        """Refuse an order that is no whole number of 1 or more."""
        if isinstance(self.order, bool) or not isinstance(self.order, int) or self.order < 1:
            raise ModelError("order must be a whole number of 1 or more")

    def weight(self) -> pl.Expr:
        """The touchpoint's removal effect over those on the same path."""
        return expr_within_path()

    def touchpoint_values(self, paths: Paths) -> pl.DataFrame:
        """Removal effect on conversions per touchpoint, 0 to 1."""
        effects, _ = self.removal_effects(paths)
        return pl.DataFrame({"touchpoint": paths.touchpoints, "value": effects})

    def totals(self, paths: Paths) -> Totals:
        """Conversions and revenue shared out by removal effects.

        Where the effects on revenue cancel out to nothing (refunds, or money without conversions), revenue is
        spread evenly over the distinct touchpoints of its own path.
        """
        by_conversions, by_revenue = self.removal_effects(paths)
        if vanishes(by_revenue):
            return Totals(shared(paths, normalised(by_conversions), by_revenue).conversions, even_totals(paths).revenue)
        return shared(paths, normalised(by_conversions), normalised(by_revenue))

    def removal_effects(self, paths: Paths) -> tuple[Floats, Floats]:
        """What is lost without each touchpoint: of conversions, and of revenue, both as a share of the whole.

        Raises:
            AttributionError: The chain does not convert as often as the journeys do: our own failure.
        """
        chain = build_chain(paths, self.order)
        if chain is None:
            nothing = np.zeros(len(paths.touchpoints))
            return nothing, nothing
        reached, lost = chain.solved()
        check_identity(chain, reached)
        scale = np.where(reached == 0, 1.0, reached)
        effects = lost / scale
        return np.clip(effects[:, 0], 0.0, 1.0), effects[:, 1]


def check_identity(chain: Chain, reached: Floats) -> None:
    """The chain, made of counts, must convert at exactly the rate of the journeys, and earn what they earned."""
    off = np.abs(reached - chain.expected)
    if not (off <= IDENTITY_TOLERANCE * np.maximum(chain.magnitude, np.finfo(float).tiny)).all():
        raise AttributionError(f"the Markov chain converts at another rate than its journeys, off by {off.max():.3g}")


def normalised(effects: Floats) -> Floats:
    """Effects as shares that sum to 1; all 0 where there are none."""
    total = effects.sum()
    return effects / total if total != 0 else effects


def vanishes(effects: Floats) -> bool:
    """Whether the effects sum to nothing but rounding noise."""
    return bool(abs(effects.sum()) <= IDENTITY_TOLERANCE * np.abs(effects).sum())
