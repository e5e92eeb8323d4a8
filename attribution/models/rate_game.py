"""The game of conversion rates: within a visited set J, coalition T is worth the rate of journeys that visited exactly T.

With v(T) = conversions(T) / journeys(T) for sets that were seen, and 0 for the others and for no touchpoint at
all, the Shapley value of i in J (n = |J|, t = |T|) is a sum over the sets T seen inside J:

    phi_i(J) = sum over T with i      of v(T) / (t * C(n, t))
             - sum over T without i   of v(T) / ((n - t) * C(n, t))

and sums to v(J) over J. A journey on J gives i the share phi_i(J) / v(J), which may be negative.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from attribution.models.paths import Floats, Ints
from attribution.models.sets import TouchpointSets, Words, member_keys

BLOCK_CELLS: Final = 1 << 22
"""Subsets looked up at once."""


def rate_shares(sets: TouchpointSets, touchpoint_count: int) -> Floats:
    """Share of each member of each set, summing to 1 per set.

    Exact on sets. Each converting set of n touchpoints costs 2**n look-ups, or a pass over all converting sets
    where that is cheaper. Sets that never converted have no rate to share: even shares.
    """
    shares = 1.0 / sets.sizes[sets.owner]
    converting = np.flatnonzero(sets.conversions > 0)
    if not len(converting):
        return shares
    rate = (sets.conversions / np.maximum(sets.conversions + sets.non_conversions, 1))[converting]
    book = RateBook(sets, converting, rate, member_keys(touchpoint_count))
    sizes = sets.sizes[converting]
    for n in np.unique(sizes).tolist():
        chosen = converting[sizes == n]
        slots = sets.starts[chosen][:, None] + np.arange(n)
        values = book.by_subsets(slots) if (1 << n) <= max(len(converting), 64) else book.by_scan(slots)
        shares[slots] = values / values.sum(axis=1, keepdims=True)
    return shares


class RateBook:
    """The rates of the converting sets, to be looked up by set."""

    def __init__(self, sets: TouchpointSets, converting: Ints, rate: Floats, keys: list[Words]) -> None:
        """Index the converting sets by key, and by touchpoint."""
        self.member = sets.member
        self.keys = keys
        starts = sets.starts[converting]
        self.sizes = sets.sizes[converting]
        within = np.arange(self.sizes.sum()) - np.repeat(np.cumsum(self.sizes) - self.sizes, self.sizes)
        listed = sets.member[np.repeat(starts, self.sizes) + within]
        begins = np.cumsum(self.sizes) - self.sizes
        set_keys = [np.bitwise_xor.reduceat(key[listed], begins) for key in keys]
        self.order = np.argsort(set_keys[0], kind="stable")
        self.sorted_keys = [key[self.order] for key in set_keys]
        self.rate = rate
        self.sorted_rate = rate[self.order]
        by_touchpoint = np.argsort(listed, kind="stable")
        self.sets_of = np.repeat(np.arange(len(converting)), self.sizes)[by_touchpoint]
        self.bounds = np.searchsorted(listed[by_touchpoint], np.arange(len(keys[0]) + 1))

    def by_subsets(self, slots: Ints) -> Floats:
        """Shapley values (sets × n) of sets of n members, from the rates of all their 2**n subsets."""
        n = slots.shape[1]
        coefficients = subset_coefficients(n)
        values = np.empty(slots.shape)
        width = max(1, BLOCK_CELLS >> n)
        for begin in range(0, len(slots), width):
            members = self.member[slots[begin : begin + width]]
            values[begin : begin + width] = self.rates(self.subset_keys(members)) @ coefficients
        return values

    def subset_keys(self, members: Ints) -> list[Words]:
        """Keys (sets × 2**n) of all subsets; bit i of a subset's number says whether member i is in it."""
        count, n = members.shape
        found = []
        for key in self.keys:
            subsets = np.zeros((count, 1 << n), dtype=np.uint64)
            for i in range(n):
                subsets[:, 1 << i : 2 << i] = subsets[:, : 1 << i] ^ key[members[:, i]][:, None]
            found.append(subsets)
        return found

    def rates(self, wanted: list[Words]) -> Floats:
        """The rate of each wanted set; 0 where it never converted."""
        place = np.minimum(np.searchsorted(self.sorted_keys[0], wanted[0]), len(self.order) - 1)
        same: npt.NDArray[np.bool_] = np.ones(wanted[0].shape, dtype=np.bool_)
        for keys, key in zip(self.sorted_keys, wanted, strict=True):
            same &= keys[place] == key
        return np.where(same, self.sorted_rate[place], 0.0)

    def by_scan(self, slots: Ints) -> Floats:
        """The same for sets so large that checking every converting set for being inside is cheaper."""
        return np.array([self.scanned(self.member[row]) for row in slots])

    def scanned(self, members: Ints) -> Floats:
        """Shapley values of one set."""
        n = len(members)
        holders = [self.sets_of[self.bounds[code] : self.bounds[code + 1]] for code in members]
        inside = np.bincount(np.concatenate(holders), minlength=len(self.sizes)) == self.sizes
        size = np.arange(1, n + 1)
        ways = np.array([math.comb(n, t) for t in size], dtype=np.float64)
        joined = 1.0 / (size * ways)
        apart = np.append(1.0 / ((n - size[:-1]) * ways[:-1]), 0.0)
        seen = np.where(inside, self.rate, 0.0)
        t = self.sizes - 1
        fits = np.flatnonzero(inside)
        base = -(seen[fits] * apart[t[fits]]).sum()
        gain = np.zeros(len(self.sizes))
        gain[fits] = seen[fits] * (joined[t[fits]] + apart[t[fits]])
        return np.array([base + gain[holder].sum() for holder in holders])


def subset_coefficients(n: int) -> Floats:
    """What a subset's worth adds to each member's Shapley value (2**n × n)."""
    number = np.arange(1 << n)
    has = (number[:, None] >> np.arange(n)) & 1 == 1
    t = has.sum(axis=1)
    ways = np.array([math.comb(n, size) for size in range(n + 1)], dtype=np.float64)[t]
    joined = 1.0 / (np.maximum(t, 1) * ways)
    apart = -1.0 / (np.maximum(n - t, 1) * ways)
    coefficients: Floats = np.where(has, joined[:, None], apart[:, None])
    return coefficients
