"""The score interval of a rate (Wilson 1927, JASA 22, 209-212): right for small counts and for rates near 0 or 1."""

from statistics import NormalDist
from typing import Final

import polars as pl

LEVEL: Final = 0.95
"""The share of intervals that should hold the truth, of rates and of revenue."""


def normal_quantile(level: float) -> float:
    """How many standard deviations either side hold this share of a normal distribution: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def expr_wilson(successes: pl.Expr, trials: pl.Expr, level: float) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound of the rate `successes / trials`, shares from 0 to 1; null without trials.

    With p the rate, n the trials and z the normal quantile: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    """
    z = normal_quantile(level)
    n = pl.when(trials > 0).then(trials.cast(pl.Float64))
    p = successes.cast(pl.Float64) / n
    centre, scale = p + z**2 / (2 * n), 1 + z**2 / n
    half = z * (p * (1 - p) / n + z**2 / (4 * n**2)).sqrt()
    low, high = (centre - half) / scale, (centre + half) / scale
    return pl.min_horizontal(p, low.clip(0, 1)), pl.max_horizontal(p, high.clip(0, 1))
