"""Sums over resampled people: a sparse table of people by columns, times the weights of every replicate.

Blocks of people are multiplied one after another, each only by the columns that its people have anything in, so
memory holds a block and the result, whatever the number of people. People are taken in the order of their first column
to keep a block's columns few; what each one's weights are does not depend on it.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.uncertainty.weights import poisson_weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GROUPS: Final = 2**15
"""Where more people than this bring anything, all people are put into this many groups at random, and whole groups are drawn
(Wolter, "Introduction to Variance Estimation", 2007, chapter 2): sums spread as much, their variance is known to 1 in 250
(1 / √(2 x groups)), and time and memory grow no further with the people."""
BLOCK: Final = 1024
"""People multiplied at once: 16 MB of weights at 2,000 replicates."""


@dataclass(frozen=True)
class Entries:
    """What is not zero: `values[k, i]` of person `rank[i]` in column `column[i]`; each pair at most once."""

    rank: Ints
    column: Ints
    values: Floats


def resampled_sums(entries: Entries, *, columns: int, seed: int, replicates: int) -> Floats:
    """The columns' sums over resampled people, not yet scaled to a number of people.

    Args:
        entries: Those of people, known by their rank.
        columns: How many columns there are.
        seed: Of the weights; the same in all calls that are to draw the same people.
        replicates: How many resamples.

    Returns:
        By value, column and replicate.
    """
    sums = np.zeros((len(entries.values), columns, replicates))
    ranks, place = _places(entries)
    order = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[order], np.arange(0, len(ranks) + BLOCK, BLOCK))
    for number, (low, high) in enumerate(itertools.pairwise(ends)):
        first, rows = number * BLOCK, order[low:high]
        drawn = poisson_weights(seed, ranks[first : first + BLOCK], replicates)
        _add(sums, entries.column[rows], place[rows] - first, entries.values[:, rows], drawn)
    return sums


def resampled_groups(entries: Entries, sizes: Ints, *, columns: int, seed: int, replicates: int) -> Floats:
    """As `resampled_sums`, of groups of people who are alike: a group of n is drawn Poisson(n) times.

    Args:
        entries: Those of groups, known by their place in `sizes`; the values are one person's.
        sizes: People in each group.
        columns, seed, replicates: As there; the draws are independent of those of single people.
    """
    sums = np.zeros((len(entries.values), columns, replicates))
    generator = np.random.default_rng([seed, 1])
    order = np.argsort(entries.rank, kind="stable")
    ends = np.searchsorted(entries.rank[order], np.arange(0, len(sizes) + BLOCK, BLOCK))
    for number, (low, high) in enumerate(itertools.pairwise(ends)):
        first, rows = number * BLOCK, order[low:high]
        of_block = sizes[first : first + BLOCK]
        drawn = generator.poisson(of_block[:, None], (len(of_block), replicates)).astype(np.float64)
        _add(sums, entries.column[rows], entries.rank[rows] - first, entries.values[:, rows], drawn)
    return sums


def resampled_people(ranks: int, others: int, *, seed: int, replicates: int) -> Floats:
    """How many people each resample holds: those of the first `ranks` ranks, and `others` who have no entries."""
    drawn = np.random.default_rng([seed, 2]).poisson(others, replicates).astype(np.float64)
    for first in range(0, ranks, BLOCK):
        drawn += poisson_weights(seed, np.arange(first, min(first + BLOCK, ranks)), replicates).sum(axis=0)
    return drawn


def _places(entries: Entries) -> tuple[Ints, Ints]:
    """The ranks in the order of their first column, and each entry's place in that order."""
    ranks, unit = np.unique(entries.rank, return_inverse=True)
    first_column = np.full(len(ranks), np.iinfo(np.int64).max)
    np.minimum.at(first_column, unit, entries.column)
    order = np.argsort(first_column, kind="stable")
    place = np.empty(len(ranks), np.int64)
    place[order] = np.arange(len(ranks))
    return ranks[order], place[unit]


def _add(sums: Floats, column: Ints, unit: Ints, values: Floats, drawn: Floats) -> None:
    """Add one block: `values` as a dense table of the columns present, times the weights."""
    present, local = np.unique(column, return_inverse=True)
    dense = np.zeros((len(values), len(present), len(drawn)))
    dense[:, local, unit] = values
    added = dense.reshape(-1, len(drawn)) @ drawn
    sums[:, present] += added.reshape(len(values), len(present), -1)
