"""Tables of paths of other projects (see `peers/README.md`): fractribution's transforms and models."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from attribution.models import Markov, PathOptions, attribute_paths, read_paths

PEERS = Path(__file__).parent / "peers"


def rows_of(name: str) -> list[dict[str, str]]:
    with (PEERS / "fractribution" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fractribution_paths() -> pl.DataFrame:
    rows = rows_of("expected_path_summary.csv")
    return pl.DataFrame(
        {
            "path": [row["transformed_path"].split(" > ") for row in rows],
            "conversions": [int(row["conversions"]) for row in rows],
            "non_conversions": [int(row["non_conversions"]) for row in rows],
            "revenue": [float(row["revenue"]) if row["revenue"] else None for row in rows],
        }
    )


def test_fractribution_last_touch() -> None:
    found = {row["touchpoint"]: row for row in attribute_paths(fractribution_paths(), "last_touch").to_dicts()}
    rows = [row for row in rows_of("expected_channel_attribution.csv") if row["ATTRIBUTION_TYPE"] == "last_touch"]
    assert set(found) == {row["CHANNEL"] for row in rows}
    for row in rows:
        assert found[row["CHANNEL"]]["conversions"] == pytest.approx(float(row["CONVERSIONS"]), abs=1e-9)
        assert found[row["CHANNEL"]]["revenue"] == pytest.approx(float(row["REVENUE"]), abs=1e-9)


@pytest.mark.parametrize("model", ["first_touch", "linear", "position_based"])
def test_fractribution_other_models(model: str) -> None:
    found = {row["touchpoint"]: row for row in attribute_paths(fractribution_paths(), model).to_dicts()}
    rows = rows_of("expected_other_models_ran_here.csv")
    assert set(found) == {row["channel"] for row in rows}
    for row in rows:
        for column in ("conversions", "revenue"):
            assert found[row["channel"]][column] == pytest.approx(float(row[f"{model}_{column}"]), abs=1e-9)


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("unique_path", {}),
        ("trim_long_path", {"max_steps": 1}),
        ("trim_long_path2", {"max_steps": 2}),
        ("exposure_path", {"collapse_repeats": True}),
        ("first_path", {"first_occurrence": True}),
        ("remove_if_not_all", {"exclude": ["Direct"]}),
        ("remove_if_last_and_not_all", {"exclude_trailing": ["Direct"]}),
    ],
)
def test_fractribution_path_transforms(column: str, options: dict[str, Any]) -> None:
    rows = rows_of("expected_path_transforms.csv")
    raw = [row["raw_array"].split(" > ") for row in rows]
    table = pl.DataFrame({"path": raw, "conversions": [1] * len(raw), "revenue": [1.0] * len(raw)})
    assert PathOptions(**options).apply(read_paths(table)).lists() == [row[column].split(" > ") for row in rows]


RAN_HERE = json.loads((PEERS / "ran_here" / "results.json").read_text("utf-8"))
CHANNEL_ATTRIBUTION, MAM = RAN_HERE["ChannelAttribution 2.2.5"], RAN_HERE["marketing-attribution-models 2.1.1"]
JOURNEYS = pl.DataFrame(RAN_HERE["rows"]).with_columns(ages=pl.col("hours").list.eval(pl.element() / 24))
CONVERSIONS, REVENUE = JOURNEYS["conversions"].sum(), JOURNEYS["revenue"].sum()


def shared_out(model: str, **options: Any) -> tuple[dict[str, float], dict[str, float]]:
    found = attribute_paths(JOURNEYS, model, **options)
    names = found["touchpoint"].to_list()
    return dict(zip(names, found["conversions"], strict=True)), dict(zip(names, found["revenue"], strict=True))


@pytest.mark.parametrize("model", CHANNEL_ATTRIBUTION["heuristic"])
def test_heuristics_of_channel_attribution(model: str) -> None:
    stated = CHANNEL_ATTRIBUTION["heuristic"][model]
    conversions, revenue = shared_out(model)
    assert conversions == pytest.approx({name: row[0] for name, row in stated.items()}, abs=1e-9 * CONVERSIONS)
    assert revenue == pytest.approx({name: row[1] for name, row in stated.items()}, abs=1e-9 * REVENUE)


@pytest.mark.parametrize("model", MAM["heuristic"])
def test_heuristics_of_marketing_attribution_models(model: str) -> None:
    assert shared_out(model)[0] == pytest.approx(MAM["heuristic"][model], abs=1e-9 * CONVERSIONS)


def test_removal_effects_of_marketing_attribution_models() -> None:
    found = dict(Markov().touchpoint_values(read_paths(JOURNEYS)).iter_rows())
    assert found == pytest.approx(MAM["removal_effect"], abs=1e-9)


def test_shapley_of_marketing_attribution_models() -> None:
    found = shared_out("shapley", game="conversion_rate")[0]
    assert found == pytest.approx(MAM["shapley_conv_rate"], abs=1e-9 * CONVERSIONS)


def converting(transitions: list[Any], gone: str) -> float:
    """The chance to convert on ChannelAttribution's own chain, where every step to a state with `gone` is lost."""
    places = {state: place for place, state in enumerate(dict.fromkeys(str(row[0]) for row in transitions))}
    a, b = np.eye(len(places)), np.zeros(len(places))
    for before, after, chance in transitions:
        if after == "(conversion)":
            b[places[str(before)]] += chance
        elif after != "(null)" and gone not in after:
            a[places[str(before)], places[str(after)]] -= chance
    return float(np.linalg.solve(a, b)[places["(start)"]])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_removal_effects_on_the_chain_of_channel_attribution(order: int) -> None:
    transitions = CHANNEL_ATTRIBUTION["transitions"][str(order)]
    whole = converting(transitions, "")
    assert whole == pytest.approx(CONVERSIONS / (CONVERSIONS + JOURNEYS["non_conversions"].sum()), abs=1e-9)
    found = dict(Markov(order=order).touchpoint_values(read_paths(JOURNEYS)).iter_rows())
    assert found == pytest.approx({name: 1 - converting(transitions, name) / whole for name in found}, abs=1e-9)
