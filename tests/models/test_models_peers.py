"""Cases of other projects (see `peers/README.md`): PostHog's scenarios, fractribution's paths, transforms and models."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attribution.models import PathOptions, attribute_paths, model_named, read_paths

PEERS = Path(__file__).parent / "peers"
SCENARIOS = json.loads((PEERS / "posthog" / "scenarios.json").read_text("utf-8"))["scenarios"]
MODELS = ("first_touch", "last_touch", "linear", "time_decay", "position_based")


def touchpoint(session: dict[str, Any], config: dict[str, Any]) -> str:
    """The row that a session counts for, spellings of a campaign brought together as the scenario says."""
    value = str(session.get(config["breakdown"], ""))
    aliases = config.get("campaign_aliases", {}).get(session.get("utm_source", ""), {})
    return next((name for name, spellings in aliases.items() if value in spellings), value)


def is_left_out(session: dict[str, Any], config: dict[str, Any]) -> bool:
    internal = config.get("filter_internal") and config["internal_email_contains"] in session.get("email", "")
    direct = config.get("exclude_direct") and session.get("channel") == "Direct"
    untagged = config.get("exclude_unattributed") and not session.get(config["breakdown"])
    return bool(session["session_start"] is None or internal or direct or untagged)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def counted(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    """The conversions in the reported days, only the first per person where the scenario says so."""
    config = scenario["config"]
    begin = instant(config["date_from"]).replace(tzinfo=UTC)
    end = instant(config["date_to"]).replace(tzinfo=UTC) + timedelta(days=1)
    staff = {
        session["person"]
        for session in scenario["sessions"]
        if session.get("email", "").endswith("@internal.example.com")
    }
    kept: list[dict[str, Any]] = []
    for conversion in sorted(scenario["conversions"], key=lambda row: instant(row["at"])):
        again = any(conversion["person"] == other["person"] for other in kept)
        if again and not config["multiple_conversions_per_person"]:
            continue
        if config.get("filter_internal") and conversion["person"] in staff:
            continue
        if begin <= instant(conversion["at"]) < end:
            kept.append(conversion)
    return kept


def touches_of(scenario: dict[str, Any]) -> pl.DataFrame:
    """One row per conversion and session of its person at most `lookback_days` before it, oldest first."""
    config = scenario["config"]
    sessions = [session for session in scenario["sessions"] if not is_left_out(session, config)]
    rows: list[dict[str, Any]] = []
    for number, conversion in enumerate(counted(scenario)):
        ages = [
            (
                (instant(conversion["at"]) - instant(session["session_start"])).total_seconds(),
                touchpoint(session, config),
            )
            for session in sessions
            if session["person"] == conversion["person"]
        ]
        inside = sorted(
            ((age, name) for age, name in ages if 0 <= age <= config["lookback_days"] * 86_400), reverse=True
        )
        rows += [
            {
                "conversion_id": number,
                "touchpoint": name,
                "position": position,
                "n": len(inside),
                "age_seconds": age,
                "value": conversion["revenue"],
            }
            for position, (age, name) in enumerate(inside, start=1)
        ]
    return pl.DataFrame(rows)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["name"] for scenario in SCENARIOS])
def test_posthog_scenario(scenario: dict[str, Any]) -> None:
    touches, expected = touches_of(scenario), scenario["expected"]
    half_life = {"half_life": scenario["config"]["half_life_days"]}
    names = touches["touchpoint"].unique().to_list()
    credit: dict[tuple[str, str], float] = {}
    money: dict[tuple[str, str], float] = {}
    for model in MODELS:
        weight = model_named(model, half_life if model == "time_decay" else {}).weight()
        weighed = touches.with_columns(weight=weight)
        attributed = touches["conversion_id"].n_unique()
        assert weighed["weight"].sum() == pytest.approx(attributed)
        for name, share, value in (
            weighed.group_by("touchpoint")
            .agg(pl.col("weight").sum(), money=(pl.col("weight") * pl.col("value")).sum())
            .iter_rows()
        ):
            credit[name, model], money[name, model] = share, value
    for name, by_model in expected.get("credit", {}).items():
        for model, share in by_model.items():
            assert credit.get((name, model), 0) == pytest.approx(share, abs=1e-9)
    for name, by_model in expected.get("credited_value", {}).items():
        for model, value in by_model.items():
            assert money[name, model] == pytest.approx(value, abs=1e-9)
    influenced = (
        touches.unique(["conversion_id", "touchpoint"]).group_by("touchpoint").agg(pl.len(), pl.col("value").sum())
    )
    for name, count, value in influenced.iter_rows():
        stated = expected.get("influenced", {}).get(name, {})
        assert (count, value) == (stated.get("conversions", count), stated.get("value", value))
    assert not set(expected.get("absent", [])) & set(names)
    assert set(expected.get("rows", names)) == set(names)
    total = len(counted(scenario))
    assert total == expected.get("total_conversions", total)
    unattributed = total - touches["conversion_id"].n_unique()
    assert unattributed == expected.get("unattributed_conversions", unattributed)
    assert influenced["len"].sum() == expected.get("sum_of_influenced", influenced["len"].sum())


def test_all_scenarios_are_here() -> None:
    assert len(SCENARIOS) == 26


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
