"""Each rule on a small table: the examples of docs/models.md, options of the path, and what is refused."""

import json
import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from attribution.errors import InputError, UsageError
from attribution.models import (
    MODELS,
    Custom,
    Linear,
    Markov,
    PositionBased,
    TimeDecay,
    attribute_paths,
    model_named,
    read_paths,
)

DOC = Path(__file__).parents[2] / "docs" / "models.md"


def table_rows(text: str) -> list[list[str]]:
    """The body of the first Markdown table in a text."""
    body = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert body
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body.group().splitlines()[2:]]


def doc_paths() -> pl.DataFrame:
    rows = table_rows(DOC.read_text("utf-8").split("<!-- paths -->")[1])
    return pl.DataFrame(
        {
            "path": [row[0].split(" > ") for row in rows],
            "ages": [[float(age) for age in row[1].split(",")] for row in rows],
            "conversions": [int(row[2]) for row in rows],
            "non_conversions": [int(row[3]) for row in rows],
            "revenue": pl.Series([Decimal(row[4]) for row in rows], dtype=pl.Decimal(18, 2)),
        }
    )


def doc_examples() -> list[tuple[str, str]]:
    parts = re.split(r"<!-- example (\{.*\}) -->\n", DOC.read_text("utf-8"))
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize(("options", "text"), doc_examples(), ids=[options for options, _ in doc_examples()])
def test_example_of_the_documentation(options: str, text: str) -> None:
    chosen = json.loads(options)
    name = chosen.pop("model")
    model = (lambda position, _: position) if name == "position" else name
    found = attribute_paths(doc_paths(), model, **chosen)
    assert [[row[0], f"{row[1]:.6f}", str(row[2])] for row in found.iter_rows()] == table_rows(text)


def test_every_model_has_an_example() -> None:
    shown = {json.loads(options)["model"] for options, _ in doc_examples()}
    assert shown == {*MODELS, "position"}


def paths(*rows: tuple[str, int, float], non_conversions: int = 0) -> pl.DataFrame:
    """A table drawn as ("a b", conversions, revenue)."""
    return pl.DataFrame(
        {
            "path": [row[0].split() for row in rows],
            "conversions": [row[1] for row in rows],
            "revenue": [float(row[2]) for row in rows],
            "non_conversions": [non_conversions] * len(rows),
        },
        schema_overrides={"path": pl.List(pl.String)},
    )


def credit(table: Any, model: Any, **options: Any) -> dict[str, float]:
    found = attribute_paths(table, model, **options)
    return {name: round(value, 12) for name, value in found.select("touchpoint", "conversions").iter_rows()}


@pytest.mark.parametrize(
    ("path", "weights", "expected"),
    [
        ("a", (0.4, 0.2, 0.4), {"a": 1}),
        ("a b", (0.4, 0.2, 0.4), {"a": 0.5, "b": 0.5}),
        ("a b", (0.6, 0.3, 0.1), {"a": 0.5, "b": 0.5}),
        ("a b c", (0.4, 0.2, 0.4), {"a": 0.4, "b": 0.2, "c": 0.4}),
        ("a b c d", (0.6, 0.3, 0.1), {"a": 0.6, "b": 0.15, "c": 0.15, "d": 0.1}),
        ("a b a", (0.4, 0.2, 0.4), {"a": 0.8, "b": 0.2}),
    ],
)
def test_position_based(path: str, weights: tuple[float, ...], expected: dict[str, float]) -> None:
    assert credit(paths((path, 1, 1)), "position_based", weights=weights) == expected


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([14.0, 7.0, 0.0], {"a": 1 / 7, "b": 2 / 7, "c": 4 / 7}),
        ([7.0, 7.0, 7.0], {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}),
        ([90_000.0, 80_000.0, 80_000.0], {"a": 0.0, "b": 0.5, "c": 0.5}),
    ],
)
def test_time_decay_halves_with_each_half_life(ages: list[float], expected: dict[str, float]) -> None:
    table = paths(("a b c", 1, 1)).with_columns(ages=pl.Series([ages]))
    assert credit(table, "time_decay", half_life=7) == pytest.approx(expected, abs=1e-12)


def test_time_decay_without_ages_counts_a_day_a_step() -> None:
    assert credit(paths(("a b c", 1, 1)), "time_decay", half_life=1) == pytest.approx(
        {"a": 1 / 7, "b": 2 / 7, "c": 4 / 7}
    )


def test_markov_on_a_chain_that_can_be_done_by_hand() -> None:
    table = pl.DataFrame(
        {
            "path": [["a", "b"], ["a"], ["b"]],
            "conversions": [1, 0, 1],
            "non_conversions": [0, 1, 0],
            "revenue": [30.0, 0.0, 10.0],
        }
    )
    # start -> a 2/3, b 1/3; a -> b 1/2, null 1/2; b -> conversion. p = 2/3; without a 1/3, without b 0.
    assert Markov().touchpoint_values(read_paths(table)).rows() == [("a", pytest.approx(0.5)), ("b", pytest.approx(1))]
    assert credit(table, "markov") == {"a": round(2 / 3, 12), "b": round(4 / 3, 12)}
    # every conversion leaves from b at a mean of 20, so the effects on revenue are the same
    assert attribute_paths(table, "markov")["revenue"].to_list() == pytest.approx([40 / 3, 80 / 3])


def test_markov_revenue_follows_the_value_of_the_conversions() -> None:
    table = paths(("a", 1, 30), ("b", 1, 10))
    assert attribute_paths(table, "markov").rows() == [("a", 1.0, pytest.approx(30)), ("b", 1.0, pytest.approx(10))]


def test_markov_without_non_conversions_has_p_1() -> None:
    table = paths(("a b", 1, 1), ("b", 2, 1))
    assert attribute_paths(table.drop("non_conversions"), "markov").equals(attribute_paths(table, "markov"))


def test_shapley_gives_each_journey_to_its_distinct_touchpoints() -> None:
    table = paths(("a a b", 1, 0), ("b", 2, 0), ("a c b c", 3, 0))
    assert credit(table, "shapley") == {"a": 1.5, "b": 3.5, "c": 1}


def test_shapley_of_rates_can_be_negative() -> None:
    table = pl.DataFrame(
        {"path": [["a"], ["a", "b"]], "conversions": [1, 1], "non_conversions": [1, 3], "revenue": [0.0, 0.0]}
    )
    # v(a) = 1/2, v(b) = 0, v(ab) = 1/4: phi(a) = (1/2 + 1/4) / 2 = 3/8, phi(b) = (0 - 1/4) / 2 = -1/8
    assert credit(table, "shapley", game="conversion_rate") == {"a": 1 + 3 / 2, "b": -1 / 2}


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({}, ["a a x b b x x", "x x", "x a"]),
        ({"collapse_repeats": True}, ["a x b x", "x", "x a"]),
        ({"exclude": ["x"]}, ["a a b b", "x x", "a"]),
        ({"exclude": ["x", "b"]}, ["a a", "x x", "a"]),
        ({"exclude_trailing": ["x"]}, ["a a x b b", "x x", "x a"]),
        ({"first_occurrence": True}, ["a x b", "x", "x a"]),
        ({"max_steps": 2}, ["x x", "x x", "x a"]),
        ({"max_steps": 1}, ["x", "x", "a"]),
        ({"exclude": ["x"], "collapse_repeats": True, "max_steps": 1}, ["b", "x", "a"]),
        ({"exclude": ["nowhere"]}, ["a a x b b x x", "x x", "x a"]),
    ],
)
def test_options_of_the_path(options: dict[str, Any], left: list[str]) -> None:
    from attribution.models import PathOptions

    table = paths(("a a x b b x x", 1, 1), ("x x", 1, 1), ("x a", 0, 0))
    assert [" ".join(path) for path in PathOptions(**options).apply(read_paths(table)).lists()] == left
    assert sum(credit(table, "linear", **options).values()) == pytest.approx(2)


def test_options_keep_each_touch_with_its_age() -> None:
    table = paths(("a x a b", 1, 1)).with_columns(ages=pl.Series([[30.0, 20.0, 10.0, 0.0]]))
    found = credit(table, "time_decay", half_life=10, exclude=["x"], max_steps=2)
    assert found == pytest.approx({"a": 1 / 3, "b": 2 / 3})


def test_a_touchpoint_without_credit_has_a_row_and_an_excluded_one_has_none() -> None:
    table = paths(("a b", 1, 1), ("c x", 0, 0))
    assert credit(table, "first_touch", exclude=["x"]) == {"a": 1, "b": 0, "c": 0}


def test_refund_without_conversion_is_spread_too() -> None:
    table = paths(("a b", 1, 10), ("a c", 0, -4)).with_columns(pl.col("revenue").cast(pl.Decimal(18, 2)))
    for model in MODELS:
        found = attribute_paths(table, model)
        assert found["revenue"].sum() == Decimal("6.00"), model
    assert attribute_paths(table, "linear")["revenue"].to_list() == [Decimal("3.00"), Decimal("5.00"), Decimal("-2.00")]


def test_empty_table_and_journeys_without_touches() -> None:
    empty = paths(("a", 1, 1)).clear()
    nothing = paths(("", 0, 0), ("a", 0, 0), non_conversions=3)
    for model in MODELS:
        assert attribute_paths(empty, model).rows() == []
        assert attribute_paths(nothing, model).rows() == [("a", 0.0, 0.0)]


def test_frames_of_other_libraries() -> None:
    table = doc_paths()
    expected = attribute_paths(table, "markov")
    assert attribute_paths(table.lazy(), "markov").equals(expected)
    assert attribute_paths(table.to_arrow(), "markov").equals(expected)
    assert attribute_paths(table.with_columns(pl.col("path").cast(pl.List(pl.Categorical))), "markov").equals(expected)
    assert expected.schema == {"touchpoint": pl.String, "conversions": pl.Float64, "revenue": pl.Decimal(38, 2)}


def test_pandas_frame() -> None:
    import pandas as pd

    table = doc_paths()
    frame = pd.DataFrame(table.to_dict(as_series=False))
    assert attribute_paths(frame, "time_decay").equals(attribute_paths(table, "time_decay"))


def test_frames_that_other_libraries_give_as_they_are() -> None:
    import pandas as pd

    table = doc_paths()
    expected = attribute_paths(table, "markov")
    batch = table.to_arrow().combine_chunks().to_batches()[0]
    assert attribute_paths(batch, "markov").equals(expected)
    assert attribute_paths(table.to_pandas(), "markov").equals(expected)
    nothing = pd.DataFrame({"path": ["a"], "conversions": [1], "revenue": [1.0]}).head(0)
    assert attribute_paths(nothing, "markov").rows() == []
    views = pa.table({**GOOD, "path": pa.array([["a", "b"]], pa.list_view(pa.string()))})
    with pytest.raises(InputError, match="of a type that cannot be read"):
        attribute_paths(views, "linear")


def test_equal_rows_and_sums_up_to_the_limit_are_exact() -> None:
    most = Decimal(2**61).scaleb(-2)
    table = pl.DataFrame(
        {"path": [["a", "b"]] * 2, "conversions": [1, 1], "revenue": [most, -most + 1]},
        schema_overrides={"revenue": pl.Decimal(38, 2)},
    )
    for model in MODELS:
        assert attribute_paths(table, model)["revenue"].sum() == 1, model
    with pytest.raises(InputError, match="column revenue sums to more than"):
        attribute_paths(table.with_columns(pl.col("revenue") * 2), "linear")
    with pytest.raises(InputError, match="column conversions sums to more than"):
        attribute_paths(table.with_columns(conversions=pl.lit(2**62)), "linear")


def test_minor_digits_choose_the_unit_that_money_is_settled_in() -> None:
    table = paths(("a b c", 1, 10)).with_columns(pl.col("revenue").cast(pl.Decimal(18, 4)))
    shares = attribute_paths(table, "linear", minor_digits=2)["revenue"].to_list()
    assert shares == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    assert attribute_paths(table, "linear")["revenue"].to_list()[0] == Decimal("3.3334")
    with pytest.raises(InputError, match="finer than 0 decimal places in 1 rows"):
        attribute_paths(table.with_columns(pl.col("revenue") / 4), "linear", minor_digits=0)


GOOD: dict[str, Any] = {"path": [["a", "b"]], "conversions": [1], "revenue": [1.0]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"revenue": None}, "no column revenue"),
        ({"path": [[None, "b"]]}, "1 null touches"),
        ({"path": [None]}, "path is null in 1 rows"),
        ({"path": ["a > b"]}, "lists of text"),
        ({"path": [[]]}, "1 rows have an empty path"),
        ({"conversions": [-1]}, "conversions is negative in 1 rows"),
        ({"conversions": [0.5]}, "no whole number in 1 rows"),
        ({"conversions": ["1"]}, "must hold whole numbers"),
        ({"non_conversions": [-2]}, "non_conversions is negative"),
        ({"revenue": [float("nan")]}, "not a finite number in 1 rows"),
        ({"revenue": ["1"]}, "decimals or floats"),
        ({"ages": [[1.0]]}, "another length than path in 1 rows"),
        ({"ages": [[1.0, -1.0]]}, "negative or infinite for 1 touches"),
        ({"ages": [[None, 1.0]]}, "null, negative"),
        ({"ages": [3.0]}, "lists of days"),
    ],
)
def test_tables_that_are_refused(change: dict[str, Any], message: str) -> None:
    columns = {name: values for name, values in {**GOOD, **change}.items() if values is not None}
    with pytest.raises(InputError, match=message) as caught:
        attribute_paths(pl.DataFrame(columns, strict=False), "time_decay")
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("lienar", {}, "allowed are first_touch, last_touch, linear, time_decay, position_based, markov, shapley"),
        ("scan_session", {}, "needs the scan that each conversion names"),
        (3, {}, "not int"),
        ("linear", {"half_life": 3}, "has no option half_life"),
        ("time_decay", {"half_life": 0}, "days above 0"),
        ("position_based", {"weights": (0.5, 0.5)}, "three numbers"),
        ("position_based", {"weights": (0.5, 0.5, 0.5)}, "sum to 1"),
        ("markov", {"order": 0}, "1 or more"),
        ("shapley", {"game": "chess"}, "conversions, conversion_rate"),
        ("linear", {"max_steps": 0}, "1 or more"),
        ("linear", {"exclude": "a"}, "list of touchpoints"),
        ("linear", {"collapse_repeats": 1}, "true or false"),
        ("linear", {"minor_digits": -1}, "whole number from 0 to 18"),
        ("linear", {"minor_digits": "2"}, "whole number from 0 to 18"),
        (Linear(), {"order": 2}, "go with a model's name only"),
        (lambda position, n: -1, {}, "0 or more"),  # noqa: ARG005
        (lambda position, n: "much", {}, "returned a str"),  # noqa: ARG005
        (lambda position, n: 0, {}, "no finite weight to a path of 2"),  # noqa: ARG005
    ],
)
def test_models_and_options_that_are_refused(model: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        attribute_paths(pl.DataFrame(GOOD), model, **options)
    assert isinstance(caught.value, ValueError)


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(InputError, match="must be a data frame"):
        attribute_paths([["a", "b"]], "linear")
    with pytest.raises(InputError, match="no column"):
        attribute_paths(pa.table({"a": [1]}), "linear")


def test_rows_without_credit_need_no_ages() -> None:
    table = pl.DataFrame(
        {**GOOD, "path": [["a", "b"], ["c"]], "conversions": [1, 0], "revenue": [1.0, 0.0]}, strict=False
    )
    found = credit(table.with_columns(ages=pl.Series([[1.0, 0.0], None])), "time_decay", half_life=1)
    assert found == pytest.approx({"a": 1 / 3, "b": 2 / 3, "c": 0})


TOUCHES = pl.DataFrame(
    {
        "conversion_id": ["x", "x", "x", "y"],
        "touchpoint": ["a", "b", "a", "c"],
        "position": [1, 2, 3, 1],
        "n": [3, 3, 3, 1],
        "age_seconds": [172_800.0, 86_400.0, 0.0, 5.0],
    }
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("first_touch", [1, 0, 0, 1]),
        ("last_touch", [0, 0, 1, 1]),
        ("linear", [1 / 3, 1 / 3, 1 / 3, 1]),
        ("time_decay", [1 / 7, 2 / 7, 4 / 7, 1]),
        ("position_based", [0.4, 0.2, 0.4, 1]),
    ],
)
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_weights_per_touch(name: str, expected: list[float], engine: Any) -> None:
    model = model_named(name, {"half_life": 1} if name == "time_decay" else {})
    found = TOUCHES.lazy().with_columns(weight=model.weight()).collect(engine=engine).sort("conversion_id", "position")
    assert found["weight"].to_list() == pytest.approx(expected)


@pytest.mark.parametrize("model", [TimeDecay(), PositionBased(), Custom(lambda position, _: position), Markov()])
def test_weights_take_no_time_on_many_conversions(model: Any) -> None:
    """A window inside a window takes a hundred times as long as this allows."""
    touches = pl.concat([TOUCHES.with_columns(value=1.0)] * 100_000).with_columns(
        conversion_id=pl.int_range(pl.len()) // 4
    )
    begun = time.process_time()
    assert touches.select(model.weight()).height == 400_000
    assert time.process_time() - begun < 10


def test_weights_of_learned_models_are_values_over_those_of_the_own_path() -> None:
    values = pl.DataFrame({"touchpoint": ["a", "b", "c"], "value": [0.6, 0.2, 0.0]})
    found = (
        TOUCHES.join(values, on="touchpoint", how="left", maintain_order="left").select(Markov().weight()).to_series()
    )
    assert found.to_list() == pytest.approx([0.375, 0.25, 0.375, 1])
