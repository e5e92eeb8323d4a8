"""Largest remainder: sums exactly, near the ideal, ties to the earliest row, refunds as mirror images."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.models import ModelError, PathsError, expr_largest_remainder, largest_remainder


@pytest.mark.parametrize(
    ("weights", "total", "expected"),
    [
        ([1, 1, 1], 10, [4, 3, 3]),
        ([1, 1, 1], 11, [4, 4, 3]),
        ([1, 1, 1], -10, [-4, -3, -3]),
        ([3, 1], 10, [8, 2]),
        ([1, 3], 10, [3, 7]),
        ([0.5, 0.2, 0.3], 1, [1, 0, 0]),
        ([0, 1], 5, [0, 5]),
        ([0, 0], 5, [3, 2]),
        ([0.7, 0.3], 15, [11, 4]),
        ([1], 0, [0]),
        ([1 / 3, 1 / 3, 1 / 3], 10**12, [333333333334, 333333333333, 333333333333]),
    ],
)
def test_drawn_cases(weights: list[float], total: int, expected: list[int]) -> None:
    assert largest_remainder([7] * len(weights), weights, [total] * len(weights)).tolist() == expected


groups = st.lists(
    st.tuples(
        st.integers(-(10**12), 10**12), st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=6)
    ),
    min_size=1,
    max_size=6,
)


@given(groups, st.randoms(use_true_random=False))
def test_laws(drawn: list[tuple[int, list[float]]], random: object) -> None:
    rows = [(str(number), weight, total) for number, (total, weights) in enumerate(drawn) for weight in weights]
    random.shuffle(rows)  # type: ignore[attr-defined]
    frame = pl.DataFrame(rows, schema=["group", "weight", "total"], orient="row")
    columns = (pl.col("group"), pl.col("weight"), pl.col("total"))
    found = frame.with_columns(units=expr_largest_remainder(*columns)).with_row_index()
    for part in found.partition_by("group"):
        total, units, weights = part["total"][0], part["units"].to_list(), part["weight"].to_list()
        assert sum(units) == total
        shares = [weight / sum(weights) for weight in weights] if sum(weights) else [1 / len(weights)] * len(weights)
        assert all(abs(unit - total * share) < 1 + 1e-3 for unit, share in zip(units, shares, strict=True))
        for earlier, later in zip(range(len(units)), range(1, len(units)), strict=False):
            if weights[earlier] == weights[later]:
                assert abs(units[earlier]) >= abs(units[later])
    mirrored = frame.with_columns(total=-pl.col("total")).select(expr_largest_remainder(*columns)).to_series()
    assert (mirrored + found["units"] == 0).all()


def test_groups_need_not_lie_together() -> None:
    assert largest_remainder(["x", "y", "x", None, "y"], [1, 1, 1, 1, 2], [3, 10, 3, 4, 10]).tolist() == [2, 3, 1, 4, 7]


def test_no_rows() -> None:
    assert largest_remainder([], [], []).tolist() == []
    empty = pl.DataFrame(schema={"g": pl.String, "w": pl.Float64, "t": pl.Int64})
    assert empty.select(expr_largest_remainder(pl.col("g"), pl.col("w"), pl.col("t"))).rows() == []


@pytest.mark.parametrize(("weight", "total"), [(-1.0, 1), (np.nan, 1), (np.inf, 1), (1.0, 2**50 + 1)])
def test_what_is_refused(weight: float, total: int) -> None:
    with pytest.raises(PathsError):
        largest_remainder([1], [weight], [total])
    assert not issubclass(PathsError, ModelError)


def test_a_total_beyond_whole_numbers_is_refused_beside_a_small_one() -> None:
    with pytest.raises(PathsError):
        largest_remainder([1, 2], [1.0, 1.0], [1, 2**50 + 1])
