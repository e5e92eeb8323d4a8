"""Markov and Shapley beside the plainest possible computation of their definitions."""

import itertools
import math
from collections import defaultdict
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.errors import AttributionError
from attribution.models import Markov, attribute_paths, chain, markov, read_paths

NAMES = "abcdefgh"
Row = tuple[list[str], int, int, float]
rows_of = st.lists(
    st.tuples(
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=8),
        st.integers(0, 4),
        st.integers(0, 4),
        st.integers(0, 10_000).map(lambda cents: cents / 100),
    ),
    min_size=1,
    max_size=14,
).filter(lambda rows: any(row[1] for row in rows))


def frame_of(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["path", "conversions", "non_conversions", "revenue"], orient="row")


def totals(rows: list[Row], model: str, **options: Any) -> tuple[dict[str, float], dict[str, float]]:
    found = attribute_paths(frame_of(rows), model, **options)
    names = found["touchpoint"].to_list()
    return dict(zip(names, found["conversions"], strict=True)), dict(zip(names, found["revenue"], strict=True))


def states_of(path: list[str], order: int) -> list[tuple[str, ...]]:
    return [tuple(path[begin : begin + order]) for begin in range(max(1, len(path) - order + 1))]


def reached(rows: list[Row], order: int, gone: str | None) -> tuple[float, float]:
    """Chance of a conversion and expected revenue from the start; steps into states that hold `gone` end in null."""
    steps: dict[Any, dict[Any, float]] = defaultdict(lambda: defaultdict(float))
    money: dict[Any, float] = defaultdict(float)
    for path, conversions, non_conversions, revenue in rows:
        journey = ["start", *states_of(path, order)]
        for before, after in itertools.pairwise(journey):
            steps[before][after] += conversions + non_conversions
        steps[journey[-1]]["conversion"] += conversions
        steps[journey[-1]]["null"] += non_conversions
        money[journey[-1]] += revenue
    places = {state: place for place, state in enumerate(steps)}
    a, b = np.eye(len(places)), np.zeros((len(places), 2))
    for state, place in places.items():
        out = sum(steps[state].values())
        if not out:
            continue
        b[place] = steps[state]["conversion"] / out, money[state] / out
        for after, weight in steps[state].items():
            if after not in ("conversion", "null") and not (gone and gone in after):
                a[place, places[after]] -= weight / out
    chance, value = np.linalg.solve(a, b)[places["start"]]
    return float(chance), float(value)


@given(rows_of, st.integers(1, 3), st.booleans())
def test_markov_is_what_deleting_each_touchpoint_says(rows: list[Row], order: int, followed: bool) -> None:
    names = sorted({name for path, *_ in rows for name in path})
    p, v = reached(rows, order, None)
    lost = {name: reached(rows, order, name) for name in names}
    effects = {name: (p - lost[name][0], v - lost[name][1]) for name in names}
    with pytest.MonkeyPatch.context() as patch:
        if followed:
            patch.setattr(chain, "MAX_DENSE_STATES", 0)
            patch.setattr(chain, "BLOCK_CELLS", 30)
        conversions, revenue = totals(rows, "markov", order=order)
    scale = sum(row[1] for row in rows) / sum(effect[0] for effect in effects.values())
    assert conversions == pytest.approx(
        {name: effects[name][0] * scale for name in names}, abs=1e-9 * sum(conversions.values())
    )
    whole = sum(effect[1] for effect in effects.values())
    if whole > 1e-6 * v:
        scale = sum(row[3] for row in rows) / whole
        expected = {name: effects[name][1] * scale for name in names}
        assert revenue == pytest.approx(expected, abs=1e-9 * sum(revenue.values()))


@given(rows_of, st.integers(1, 4))
def test_chain_converts_exactly_as_often_as_its_journeys(rows: list[Row], order: int) -> None:
    made = chain.build_chain(read_paths(frame_of(rows)), order)
    assert made is not None
    found, _ = made.solved()
    conversions = sum(row[1] for row in rows)
    assert found[0] == pytest.approx(conversions / (conversions + sum(row[2] for row in rows)), rel=1e-12)


def test_a_chain_that_does_not_is_our_own_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    right = chain.Chain.solved

    def wrong(self: chain.Chain) -> Any:
        found, lost = right(self)
        return found * (1 + 1e-8), lost

    monkeypatch.setattr(markov.Chain, "solved", wrong)
    with pytest.raises(AttributionError, match="another rate"):
        Markov().totals(read_paths(frame_of([(["a"], 1, 1, 1.0)])))


@given(rows_of)
def test_collapsing_repeats_changes_nothing_for_a_chain_of_order_1(rows: list[Row]) -> None:
    whole, collapsed = totals(rows, "markov"), totals(rows, "markov", collapse_repeats=True)
    for before, after in zip(whole, collapsed, strict=True):
        assert after == pytest.approx(before, abs=1e-9 * max(1, sum(before.values())))


def shapley_value(players: list[str], worth: Any) -> dict[str, float]:
    """Every coalition, every player."""
    n = len(players)
    value = dict.fromkeys(players, 0.0)
    for player in players:
        others = [other for other in players if other != player]
        for size in range(n):
            share = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for coalition in itertools.combinations(others, size):
                value[player] += share * (worth({*coalition, player}) - worth(set(coalition)))
    return value


@given(rows_of)
def test_shapley_of_conversions_is_the_value_over_all_coalitions(rows: list[Row]) -> None:
    rows = [(path[:5], *rest) for path, *rest in rows]  # type: ignore[misc]
    players = sorted({name for path, *_ in rows for name in path})
    found = totals(rows, "shapley")
    for column, side in ((1, found[0]), (3, found[1])):
        expected = shapley_value(players, lambda s, c=column: sum(row[c] for row in rows if {*row[0]} <= s))
        assert side == pytest.approx(expected, abs=1e-9 * max(1, sum(side.values())))


def rate_totals(rows: list[Row]) -> tuple[dict[str, float], dict[str, float]]:
    seen: dict[frozenset[str], list[float]] = defaultdict(lambda: [0, 0, 0])
    for path, conversions, non_conversions, revenue in rows:
        sums = seen[frozenset(path)]
        sums[0], sums[1], sums[2] = sums[0] + conversions, sums[1] + non_conversions, sums[2] + revenue
    names = sorted({name for path, *_ in rows for name in path})
    won, money = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)

    def rate(coalition: set[str]) -> float:
        conversions, non_conversions, _ = seen.get(frozenset(coalition), [0, 0, 0])
        return conversions / (conversions + non_conversions) if conversions else 0.0

    for visited, (conversions, _, revenue) in list(seen.items()):
        even = dict.fromkeys(visited, 1.0)
        value = shapley_value(sorted(visited), rate) if conversions else even
        for name in visited:
            won[name] += conversions * value[name] / sum(value.values())
            money[name] += revenue * value[name] / sum(value.values())
    return won, money


@given(rows_of)
def test_shapley_of_rates_is_the_value_of_each_visited_set(rows: list[Row]) -> None:
    found, expected = totals(rows, "shapley", game="conversion_rate"), rate_totals(rows)
    for side, right, column in zip(found, expected, (1, 3), strict=True):
        assert side == pytest.approx(right, abs=1e-9 * max(1.0, sum(row[column] for row in rows) * 10))


@given(rows_of, st.sampled_from(["conversions", "conversion_rate"]))
def test_touchpoints_beyond_one_word_change_nothing(rows: list[Row], game: str) -> None:
    crowd: list[Row] = [([f"z{number:02d}", f"z{number + 1:02d}"], 0, 1, 0.0) for number in range(70)]
    few, many = totals(rows, "shapley", game=game), totals(rows + crowd, "shapley", game=game)
    for before, after in zip(few, many, strict=True):
        assert {name: after[name] for name in before} == pytest.approx(before, abs=1e-9 * max(1, sum(before.values())))
        assert all(after[name] == 0 for name in after if name not in before)
