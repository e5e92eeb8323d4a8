"""How often each person is drawn in each replicate: Poisson(1), from the seed and the person's rank alone.

A weight is looked up by 16 bits of splitmix64 (Steele, Lea & Flood 2014) at a counter made of the person's rank and
the replicate. No state is carried from one draw to the next, so people can be taken in any order and any blocks, and
again, with the same result. Poisson(1) instead of multinomial weights: Chamandy et al. (2012), "Estimating
uncertainty for massive data streams".
"""

from math import exp, factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

LANES: Final = 4
"""Draws of 16 bits in one 64-bit word."""
LEVELS: Final = 2**16
GROUPING: Final = 3
"""Keeps the random state of the groups apart from that of the draws."""
_STEP, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def _poisson_table() -> NDArray[np.float64]:
    """Poisson(1) for each of the 2**16 values: probabilities, and so the mean, are right to 1e-5."""
    below = np.cumsum([exp(-1) / factorial(count) for count in range(12)])
    return np.searchsorted(below, (np.arange(LEVELS) + 0.5) / LEVELS, side="right").astype(np.float64)


_TABLE: Final = _poisson_table()


def poisson_weights(seed: int, ranks: NDArray[np.int64], replicates: int) -> NDArray[np.float64]:
    """How often the people of these ranks are drawn: one row per rank, one column per replicate.

    Args:
        seed: Any whole number; another seed gives independent draws.
        ranks: The people's places in a fixed order; the same rank has the same weights in every call.
        replicates: How many draws of each.
    """
    words = -(-replicates // LANES)
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
    counter: Words = np.arange(1, words + 1, dtype=np.uint64) + np.uint64(words) * ranks.astype(np.uint64)[:, None]
    bits = _mixed(counter, state).astype("<u8", copy=False).view("<u2")[:, :replicates]
    return _TABLE.take(bits, mode="clip")


def random_groups(seed: int, ranks: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """The group that chance puts each person in, from the seed and the person's rank alone.

    Args:
        seed: Any whole number; another seed gives other groups.
        ranks: The people's places in a fixed order.
        groups: How many groups there are; all are equally likely.
    """
    state = np.random.SeedSequence([seed, GROUPING]).generate_state(1, np.uint64)[0]
    return (_mixed(ranks.astype(np.uint64) + np.uint64(1), state) % np.uint64(groups)).astype(np.int64)


def _mixed(counter: Words, state: np.uint64) -> Words:
    """splitmix64's output at these places of its sequence (in place: the counter is overwritten)."""
    word = counter
    word *= _STEP
    word += state
    for shift, factor in ((30, _FIRST), (27, _SECOND)):
        word ^= word >> np.uint64(shift)
        word *= factor
    word ^= word >> np.uint64(31)
    return word
