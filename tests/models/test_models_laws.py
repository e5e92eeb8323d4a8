"""What holds for every model, on random tables of paths."""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.models import Custom, Heuristic, attribute_paths

ALL: list[tuple[Any, dict[str, Any]]] = [
    ("first_touch", {}),
    ("last_touch", {}),
    ("linear", {}),
    ("time_decay", {"half_life": 3.0}),
    ("position_based", {}),
    ("position_based", {"weights": (0.5, 0.3, 0.2)}),
    (lambda position, length: position * length + 0.3, {}),
    ("markov", {}),
    ("markov", {"order": 2}),
    ("markov", {"order": 3}),
    ("shapley", {}),
    ("shapley", {"game": "conversion_rate"}),
]
OF_ONE_PATH = ALL[:7]
NAMES = "abcdef"
CENT = Decimal("0.01")


def named(cases: list[tuple[Any, dict[str, Any]]]) -> Callable[..., Any]:
    ids = [f"{model if isinstance(model, str) else 'function'}{options or ''}" for model, options in cases]
    return pytest.mark.parametrize(("model", "options"), cases, ids=ids)


@st.composite
def tables(draw: st.DrawFn, lowest: int = -2_000) -> pl.DataFrame:
    """Paths of up to 7 touches, some of them equal, with refunds, rows without journeys, and journeys without touches."""
    paths = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 30)), min_size=1, max_size=7)
    pool = draw(st.lists(paths, min_size=1, max_size=6))
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(pool), st.integers(0, 5), st.integers(0, 5), st.just(0) | st.integers(lowest, 20_000)
            ),
            min_size=1,
            max_size=12,
        )
    )
    frame = pl.DataFrame(
        {
            "path": [[name for name, _ in row[0]] for row in rows],
            "ages": [sorted((float(age) for _, age in row[0]), reverse=True) for row in rows],
            "conversions": [row[1] for row in rows],
            "non_conversions": [row[2] for row in rows],
            "revenue": [Decimal(row[3]) * CENT for row in rows],
        },
        schema_overrides={"revenue": pl.Decimal(18, 2)},
    )
    lost = {
        "path": [[]],
        "ages": [[]],
        "conversions": [0],
        "non_conversions": [draw(st.integers(0, 3))],
        "revenue": [Decimal(0)],
    }
    return frame.vstack(pl.DataFrame(lost, schema=frame.schema))


def assert_same(found: pl.DataFrame, expected: pl.DataFrame, units: int = 0) -> None:
    """Equal names, conversions to 1e-9 of their total, decimal revenue to so many cents."""
    assert found["touchpoint"].to_list() == expected["touchpoint"].to_list()
    off = 1e-9 * max(1, sum(abs(value) for value in expected["conversions"]))
    assert found["conversions"].to_list() == pytest.approx(expected["conversions"].to_list(), abs=off)
    for one, other in zip(found["revenue"], expected["revenue"], strict=True):
        assert abs(one - other) <= units * CENT


@named(ALL)
@settings(max_examples=40)
@given(table=tables())
def test_every_conversion_and_every_cent_is_given_once(
    table: pl.DataFrame, model: Any, options: dict[str, Any]
) -> None:
    found = attribute_paths(table, model, **options)
    assert found["conversions"].sum() == pytest.approx(table["conversions"].sum(), rel=1e-9, abs=1e-9)
    assert found["revenue"].sum() == table["revenue"].sum()
    assert found["touchpoint"].to_list() == sorted({name for path in table["path"] for name in path})


@named(ALL)
@settings(max_examples=40)
@given(table=tables(lowest=0))
def test_decimals_are_the_floats_settled_to_the_cent(table: pl.DataFrame, model: Any, options: dict[str, Any]) -> None:
    exact = attribute_paths(table, model, **options)["revenue"]
    floats = attribute_paths(table.with_columns(pl.col("revenue").cast(pl.Float64)), model, **options)["revenue"]
    assert floats.dtype == pl.Float64
    for cents, ideal in zip(exact, floats, strict=True):
        assert abs(float(cents) - ideal) < 0.01 + 1e-6


@named(ALL)
@settings(max_examples=40)
@given(table=tables(), seed=st.integers(0, 99))
def test_order_of_rows_changes_nothing(table: pl.DataFrame, seed: int, model: Any, options: dict[str, Any]) -> None:
    order = list(range(len(table)))
    random.Random(seed).shuffle(order)  # noqa: S311
    assert_same(attribute_paths(table[order], model, **options), attribute_paths(table, model, **options))


@named(ALL)
@settings(max_examples=40)
@given(table=tables())
def test_merging_equal_paths_changes_nothing(table: pl.DataFrame, model: Any, options: dict[str, Any]) -> None:
    merged = table.group_by("path", "ages", maintain_order=True).agg(pl.exclude("path", "ages").sum())
    assert_same(attribute_paths(merged, model, **options), attribute_paths(table, model, **options))


@named(ALL)
@settings(max_examples=40)
@given(table=tables(lowest=0), names=st.permutations(NAMES))
def test_renaming_touchpoints_renames_credit(
    table: pl.DataFrame, names: list[str], model: Any, options: dict[str, Any]
) -> None:
    """To the cent where the names keep their order, else but for ties."""
    before = attribute_paths(table, model, **options)
    for new, units in (("uvwxyz", 0), (names, 1)):
        renaming = dict(zip(NAMES, new, strict=True))
        renamed = table.with_columns(
            path=pl.Series([[renaming[name] for name in path] for path in table["path"]], dtype=pl.List(pl.String))
        )
        expected = before.with_columns(pl.col("touchpoint").replace(renaming)).sort("touchpoint")
        assert_same(attribute_paths(renamed, model, **options), expected, units)


@named(OF_ONE_PATH)
@settings(max_examples=40)
@given(table=tables(), cut=st.integers(0, 12))
def test_splitting_by_person_changes_nothing(
    table: pl.DataFrame, cut: int, model: Any, options: dict[str, Any]
) -> None:
    table = table.with_columns(pl.col("revenue").cast(pl.Float64))
    parts = pl.concat([attribute_paths(part, model, **options) for part in (table[:cut], table[cut:])])
    summed = parts.group_by("touchpoint").agg(pl.col("conversions", "revenue").sum()).sort("touchpoint")
    whole = attribute_paths(table, model, **options)
    for column in ("conversions", "revenue"):
        assert summed[column].to_list() == pytest.approx(whole[column].to_list(), abs=1e-9 * 1e4)


@named(ALL)
@settings(max_examples=40)
@given(table=tables())
def test_a_refund_of_everything_is_the_mirror_image(table: pl.DataFrame, model: Any, options: dict[str, Any]) -> None:
    mirrored = attribute_paths(table.with_columns(-pl.col("revenue")), model, **options)["revenue"]
    found = attribute_paths(table, model, **options)["revenue"]
    if table["revenue"].sum() != 0:
        assert [-value for value in mirrored] == found.to_list()


@named(ALL)
@settings(max_examples=40)
@given(
    table=tables(),
    exclude=st.lists(st.sampled_from(NAMES), max_size=3),
    collapse_repeats=st.booleans(),
    first_occurrence=st.booleans(),
    max_steps=st.none() | st.integers(1, 4),
)
def test_options_of_the_path_lose_nothing(
    table: pl.DataFrame, model: Any, options: dict[str, Any], **path_options: Any
) -> None:
    found = attribute_paths(table, model, **options, **path_options)
    assert found["conversions"].sum() == pytest.approx(table["conversions"].sum(), rel=1e-9, abs=1e-9)
    assert found["revenue"].sum() == table["revenue"].sum()


@named(OF_ONE_PATH)
@settings(max_examples=40)
@given(table=tables())
def test_weights_of_a_conversion_sum_to_1(table: pl.DataFrame, model: Any, options: dict[str, Any]) -> None:
    from attribution.models import model_named, read_paths

    chosen = model_named(model, options)
    assert isinstance(chosen, Heuristic)
    touches = read_paths(table).touches().with_columns(weight=chosen.weight())
    sums = touches.group_by("conversion_id").agg(pl.col("weight").sum())["weight"]
    assert sums.to_list() == pytest.approx([1.0] * len(sums), abs=1e-12)
    assert (touches["weight"] >= 0).all()


def test_the_users_function_is_asked_once_per_place() -> None:
    asked: list[tuple[int, int]] = []

    def weight(position: int, length: int) -> float:
        asked.append((position, length))
        return 1.0

    table = pl.DataFrame({"path": [["a", "b"], ["a"]] * 500, "conversions": [1] * 1000, "revenue": [1.0] * 1000})
    attribute_paths(table, Custom(weight))
    assert sorted(asked) == [(1, 1), (1, 2), (2, 2)]
