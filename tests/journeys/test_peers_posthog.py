"""PostHog's 26 attribution scenarios, from sessions and conversions through our stages to every number they assert."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attribution.attribute import attribute, journey_paths
from attribution.journeys import journeys
from attribution.models import Model, PathOptions, model_named
from attribution.reports.assisted_conversions import assisted_conversions
from attribution.schemas.qr_codes import QrCodes
from tests.journeys.peers import conversions, instant, scan_sessions

FILE = Path(__file__).parents[1] / "models" / "peers" / "posthog" / "scenarios.json"
SCENARIOS = json.loads(FILE.read_text("utf-8"))["scenarios"]
Scenario = dict[str, Any]


def touchpoint(session: Scenario, config: Scenario) -> str:
    """The row that a session counts for, spellings of a campaign brought together as the scenario says."""
    value = str(session.get(config["breakdown"], ""))
    aliases = config.get("campaign_aliases", {}).get(session.get("utm_source", ""), {})
    return next((name for name, spellings in aliases.items() if value in spellings), value)


def is_staff(session: Scenario, config: Scenario) -> bool:
    return bool(config.get("filter_internal") and config["internal_email_contains"] in session.get("email", ""))


def counted(scenario: Scenario) -> list[tuple[str, Any, str]]:
    """The conversions in the reported days, only the first per person where the scenario says so, none of staff."""
    config = scenario["config"]
    begin, end = instant(config["date_from"]), instant(config["date_to"]) + timedelta(days=1)
    staff = {session["person"] for session in scenario["sessions"] if is_staff(session, config)}
    kept: list[tuple[str, Any, str]] = []
    for row in sorted(scenario["conversions"], key=lambda row: instant(row["at"])):
        again = row["person"] in {person for person, *_ in kept} and not config["multiple_conversions_per_person"]
        if begin <= instant(row["at"]) < end and not again and row["person"] not in staff:
            kept.append((row["person"], instant(row["at"]), str(row["revenue"])))
    return kept


class Found:
    """What our stages make of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        config = scenario["config"]
        days = config["lookback_days"]
        usable = [row for row in scenario["sessions"] if row["session_start"] and not is_staff(row, config)]
        scans = scan_sessions(
            [(row["person"], touchpoint(row, config), instant(row["session_start"])) for row in usable]
        )
        bought = conversions(scans, counted(scenario), lookback_days=days)
        self.touches = journeys(scans, bought, lookback_days=days)
        left_out = [["Direct"], [""]][config.get("exclude_unattributed", False)]
        is_left_out = config.get("exclude_direct") or config.get("exclude_unattributed")
        models: list[Model] = [
            model_named(name, {"half_life": config["half_life_days"]} if name == "time_decay" else {})
            for name in ("first_touch", "last_touch", "linear", "time_decay", "position_based")
        ]
        paths = journey_paths(self.touches, bought, scans, lookback_days=days)
        rows = attribute(
            self.touches,
            bought,
            paths,
            models=models,
            currency="USD",
            options=PathOptions(exclude=left_out if is_left_out else []),
        )
        self.credits = rows.filter(pl.col("model") != "scan_session").collect()
        self.conversions = bought.collect()
        assisted = assisted_conversions(self.touches, bought, QrCodes.no_rows().lazy()).collect()
        self.influenced = dict(assisted.select("qr_code_id", "influenced_conversions").iter_rows())

    def credit(self, name: str, model: str) -> float:
        return float(self.credits.filter(qr_code_id=name, model=model)["credit"].sum())

    def credited_value(self, name: str, model: str) -> float:
        return float(self.credits.filter(qr_code_id=name, model=model)["amount_reporting"].sum())

    def influenced_by(self, name: str, measure: str) -> float:
        met = self.touches.filter(qr_code_id=name).select("conversion_id").unique().collect()
        value = self.conversions.join(met, on="conversion_id", how="semi")["amount_reporting"].sum()
        return {"conversions": self.influenced.get(name, 0), "value": float(value)}[measure]

    def visitors(self, name: str) -> int:
        met = self.touches.filter(qr_code_id=name).select("conversion_id").collect()
        return self.conversions.join(met, on="conversion_id", how="semi")["person_id"].n_unique()


def each(check: Callable[[Found, str, str], float]) -> Callable[[Found, Any], Any]:
    """The found numbers in the shape of the expected ones, a dictionary of dictionaries."""
    return lambda found, stated: {
        name: {key: check(found, name, key) for key in inner} for name, inner in stated.items()
    }


def sums(found: Found, _: Any) -> float:
    """The one sum of credit that every model has."""
    per_model = found.credits.group_by("model").agg(pl.col("credit").sum().cast(pl.Float64))["credit"]
    assert len(per_model) == 5
    (one,) = set(per_model)
    return float(one)


MEASURES: dict[str, Callable[[Found, Any], Any]] = {
    "credit": each(Found.credit),
    "credited_value": each(Found.credited_value),
    "influenced": each(Found.influenced_by),
    "visitors": lambda found, stated: {name: found.visitors(name) for name in stated},
    "absent": lambda found, stated: [name for name in stated if name not in set(found.credits["qr_code_id"])],
    "rows": lambda found, _: sorted(set(found.credits["qr_code_id"])),
    "sum_of_credit_per_model": sums,
    "sum_of_influenced": lambda found, _: sum(found.influenced.values()),
    "total_conversions": lambda found, _: found.conversions.height,
    "unattributed_conversions": lambda found, _: found.conversions["unattributed_reason"].count(),
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["name"] for scenario in SCENARIOS])
def test_posthog_scenario(scenario: Scenario) -> None:
    found, expected = Found(scenario), scenario["expected"]
    assert expected
    for measure, stated in expected.items():
        ours = MEASURES[measure](found, stated)
        for name, inner in stated.items() if isinstance(stated, dict) else [("", None)]:
            if isinstance(inner, dict):
                assert ours[name] == pytest.approx(inner, abs=1e-9), (measure, name)
        if not (isinstance(stated, dict) and any(isinstance(inner, dict) for inner in stated.values())):
            assert ours == (sorted(stated) if isinstance(stated, list) else stated), measure
    total = found.conversions["unattributed_reason"].is_null().sum()
    assert found.credits.group_by("model").agg(pl.col("credit").sum())["credit"].to_list() == [total] * 5


def test_all_scenarios_are_here() -> None:
    assert len({scenario["name"] for scenario in SCENARIOS}) == 26
    assert {measure for scenario in SCENARIOS for measure in scenario["expected"]} == set(MEASURES)
