"""Is a difference more than chance, when many are looked at?"""

from statistics import NormalDist
from typing import Final

import numpy as np

from attribution.uncertainty.resample import Floats

TAIL: Final = 10
"""How many replicates a tail must hold for its share to be measured; further out it goes on as a normal distribution's."""


def share_above(differences: Floats) -> float:
    """The share of replicates above 0; those at 0 and those that cannot be computed count half."""
    return float(((differences > 0) + 0.5 * ((differences == 0) | np.isnan(differences))).mean())


def two_sided(distance: float, distances: Floats) -> float:
    """The p-value of a studentised difference under the distances of its replicates from it (a bootstrap-t test).

    Args:
        distance: The difference from 0 in standard errors.
        distances: Of each replicate, from the difference, in the replicate's standard errors.

    Returns:
        Twice the smaller tail, at most 1. Replicates cannot measure a tail of fewer than `TAIL` of them, which a
        correction for many comparisons asks for: past the last `TAIL` it falls as the tail of the
        normal distribution through them.
    """
    return min(1.0, 2 * min(_tail(distance, distances), _tail(-distance, -distances)))


def holm(p_values: Floats) -> Floats:
    """The p-values for looking at all of them (Holm 1979, Scand. J. Statist. 6, 65-70)."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    result = np.empty(len(p_values))
    result[order] = np.minimum(adjusted, 1)
    return result


def _tail(distance: float, distances: Floats) -> float:
    """How likely a replicate is to be as far out as this, upwards."""
    known = distances[~np.isnan(distances)]
    if len(known) <= TAIL:
        return 1.0
    beyond = int((known >= distance).sum())
    if beyond >= TAIL:
        return beyond / len(known)
    edge = float(np.partition(known, -TAIL)[-TAIL])
    normal = NormalDist()
    spread = edge / normal.inv_cdf(1 - TAIL / len(known)) if edge > 0 and len(known) > 2 * TAIL else np.inf
    return min(TAIL / len(known), normal.cdf(-distance / spread))
