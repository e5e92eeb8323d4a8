"""The absorbing Markov chain of a table of paths, and how much of its rewards is lost without each touchpoint.

Q holds the probabilities between states, the rewards what a step out of a state earns on average: a conversion,
and money. N = (I - Q)^-1 holds expected visits (Kemeny & Snell, "Finite Markov Chains", 1960, chapter 3).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from attribution.models.paths import Bools, Floats, Ints, Paths, summed

MAX_DENSE_STATES: Final = 3_000
"""Up to this many states, N is computed outright (72 MB); above it, journeys are followed step by step."""
MASS_LEFT: Final = 1e-15
"""Following stops when the journeys still on their way are less than this share of the converting ones."""
BLOCK_CELLS: Final = 20_000_000
"""Numbers held at once in one work array (160 MB)."""


@dataclass(frozen=True)
class Chain:
    """States are numbered; `steps` are the distinct pairs (from, to) between them.

    `start` is the chance to begin in a state; `rewards` (states × 2) the expected conversions and revenue on
    leaving the journey from a state; `expected` what a journey yields on average, counted on the table, and
    `magnitude` the same with all signs positive; `members` (pairs of state, touchpoint) says which states go
    when a touchpoint goes.
    """

    touchpoint_count: int
    start: Floats
    step_from: Ints
    step_to: Ints
    step_chance: Floats
    rewards: Floats
    expected: Floats
    magnitude: Floats
    member_state: Ints
    member_touchpoint: Ints

    def solved(self) -> tuple[Floats, Floats]:
        """Rewards reached from the start (2), and lost without each touchpoint (touchpoints × 2)."""
        return self.inverted() if len(self.start) <= MAX_DENSE_STATES else self.followed()

    def inverted(self) -> tuple[Floats, Floats]:
        """With N: lost = h · reached from A, where A are the touchpoint's states and h the chances to enter A there.

        h solves N[start, A] = h · N[A, A]: visits to A are entries times visits after the entry. For one state
        it is the hitting probability N[start, a] / N[a, a].
        """
        states = len(self.start)
        q = np.zeros((states, states))
        q[self.step_from, self.step_to] = self.step_chance
        visits = np.linalg.inv(np.eye(states) - q)
        reached = visits @ self.rewards
        from_start = self.start @ visits
        lost = np.zeros((self.touchpoint_count, 2))
        for touchpoint, gone in self.states_of():
            inner = visits[np.ix_(gone, gone)]
            entries = np.linalg.solve(inner.T, from_start[gone])
            lost[touchpoint] = entries @ reached[gone]
        return self.start @ reached, lost

    def followed(self) -> tuple[Floats, Floats]:
        """Journeys followed step by step, all side by side, once whole and once with each touchpoint taken away."""
        reached = self.follow(np.zeros((len(self.start), 0), dtype=np.bool_))[0]
        lost = np.zeros((self.touchpoint_count, 2))
        known = self.states_of()
        width = max(1, BLOCK_CELLS // max(len(self.step_from), len(self.start)))
        for begin in range(0, len(known), width):
            block = known[begin : begin + width]
            gone = np.zeros((len(self.start), len(block)), dtype=np.bool_)
            for column, (_, states) in enumerate(block):
                gone[states, column] = True
            lost[[touchpoint for touchpoint, _ in block]] = reached - self.follow(gone)[1:]
        return reached, lost

    def follow(self, gone: Bools) -> Floats:
        """Rewards of the whole chain and of each chain without its `gone` states ((1 + columns) × 2)."""
        stays = np.column_stack([np.ones(len(self.start)), ~gone])
        mass = self.start[:, None] * stays
        earned = np.zeros((mass.shape[1], 2))
        order = np.argsort(self.step_to, kind="stable")
        into, chance = self.step_from[order], self.step_chance[order, None]
        targets, begins = np.unique(self.step_to[order], return_index=True)
        enough = MASS_LEFT * min(1.0, float(self.magnitude[0]))
        while mass[:, 0].sum() > enough:
            earned += mass.T @ self.rewards
            moved = np.zeros_like(mass)
            if len(targets):
                moved[targets] = np.add.reduceat(mass[into] * chance, begins, axis=0)
            mass = moved * stays
        return earned

    def states_of(self) -> list[tuple[int, Ints]]:
        """Each touchpoint with the states that hold it."""
        order = np.argsort(self.member_touchpoint, kind="stable")
        touchpoints, begins = np.unique(self.member_touchpoint[order], return_index=True)
        parts = np.split(self.member_state[order], begins[1:])
        return list(zip(touchpoints.tolist(), parts, strict=True)) if len(touchpoints) else []


def build_chain(paths: Paths, order: int) -> Chain | None:
    """The chain of the journeys in a table of paths; None where none converts.

    A journey goes from the start to its first `order` touches together, and on by one touch at a time; a path
    shorter than that is one state. Revenue of rows without any journey counts where other journeys pass their last state.
    """
    if not paths.conversions.any():
        return None
    weight = (paths.conversions + paths.non_conversions).astype(np.float64)
    journeys = weight.sum()
    state, sizes, windows = numbered_states(paths, order)
    count = len(windows)
    ends = np.cumsum(sizes)
    before = np.empty_like(state)
    before[1:] = state[:-1]
    before[(ends - sizes)[sizes > 0]] = count
    step_from, step_to, moves = counted(before, state, np.repeat(weight, sizes), count)
    entered = summed(step_to, moves, count)
    begun = step_from == count
    earning = np.flatnonzero((sizes > 0) & ((paths.conversions != 0) | (paths.revenue != 0)))
    last = state[ends[earning] - 1]
    earned = np.column_stack([summed(last, side[earning], count) for side in (paths.conversions, paths.revenue)])
    earned = np.where(entered[:, None] > 0, earned, 0.0)
    entered = np.maximum(entered, 1.0)
    held = np.argwhere(windows >= 0)
    members = np.unique(np.column_stack([held[:, 0], windows[held[:, 0], held[:, 1]]]), axis=0)
    return Chain(
        touchpoint_count=len(paths.touchpoints),
        start=summed(step_to[begun], moves[begun], count) / journeys,
        step_from=step_from[~begun],
        step_to=step_to[~begun],
        step_chance=moves[~begun] / entered[step_from[~begun]],
        rewards=earned / entered[:, None],
        expected=earned.sum(axis=0) / journeys,
        magnitude=np.abs(earned).sum(axis=0) / journeys,
        member_state=members[:, 0],
        member_touchpoint=members[:, 1],
    )


def numbered_states(paths: Paths, order: int) -> tuple[Ints, Ints, Ints]:
    """Number of the state after each window of touches, windows per row, and each state's touchpoints (-1: none)."""
    lengths = paths.lengths
    if order == 1:
        return paths.code, lengths, np.arange(len(paths.touchpoints))[:, None]
    place = np.arange(len(paths.code)) - np.repeat(paths.starts, lengths)
    key = np.zeros(len(paths.code), dtype=np.int64)
    touch = np.full((len(paths.code), order), -1, dtype=np.int64)
    for back in range(order):
        inside = place >= back
        touch[inside, back] = paths.code[np.flatnonzero(inside) - back]
        key = np.unique(key * (len(paths.touchpoints) + 1) + touch[:, back] + 1, return_inverse=True)[1]
    ends = (place >= order - 1) | (place == np.repeat(lengths, lengths) - 1)
    _, chosen, state = np.unique(key[ends], return_index=True, return_inverse=True)
    return state, np.minimum(lengths, np.maximum(lengths - order + 1, 1)), touch[ends][chosen]


def counted(before: Ints, after: Ints, weight: Floats, count: int) -> tuple[Ints, Ints, Floats]:
    """The distinct pairs that occur and the sum of weights of each; `before` may be `count`, the start."""
    pair = before * count + after
    if count * count <= BLOCK_CELLS:
        sums = summed(pair, weight, 1)
        pairs = np.flatnonzero(sums)
        return pairs // count, pairs % count, sums[pairs]
    pairs, index = np.unique(pair, return_inverse=True)
    sums = summed(index, weight, 1)
    return pairs[sums > 0] // count, pairs[sums > 0] % count, sums[sums > 0]
