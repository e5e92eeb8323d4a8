"""Snowplow fractribution's integration test, from its touches and conversions through our stages to its ROAS."""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from attribution.attribute import attribute, journey_paths
from attribution.journeys import journeys
from attribution.models import MODELS, PathOptions, attribute_paths, model_named, read_paths
from attribution.reports.revenue_per_qr import revenue_per_qr
from attribution.schemas.qr_codes import QrCodes
from attribution.schemas.scans import Scans
from tests.journeys.peers import conversions, instant, scan_sessions

FOLDER = Path(__file__).parents[1] / "models" / "peers" / "fractribution"
DAYS = 30
COLLAPSED = PathOptions(collapse_repeats=True)


def rows_of(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SCANS = scan_sessions(
    [(row["customer_id"], row["channel"], instant(row["visit_start_tstamp"])) for row in rows_of("input_touches.csv")]
)
SALES = rows_of("input_conversions.csv")
BOUGHT = conversions(
    SCANS,
    [(row["customer_id"], instant(row["conversion_tstamp"]), row["revenue"]) for row in SALES],
    lookback_days=DAYS,
)
TOUCHES = journeys(SCANS, BOUGHT, lookback_days=DAYS)
PATHS = journey_paths(TOUCHES, BOUGHT, SCANS, lookback_days=DAYS).collect()


def transformed(path: list[str]) -> list[str]:
    table = pl.DataFrame({"path": [path], "conversions": [1], "revenue": [0.0]})
    return COLLAPSED.apply(read_paths(table)).lists()[0]


def test_channels_have_as_many_sessions() -> None:
    found = Counter(SCANS.select("qr_code_id").collect()["qr_code_id"])
    stated: Counter[str] = Counter()
    for row in rows_of("expected_channel_counts.csv"):
        stated[row["channel"]] += int(row["number_of_sessions"])
    assert found == stated


def test_paths_to_conversion() -> None:
    people = BOUGHT.select("conversion_id", "person_id")
    found = dict(
        TOUCHES.join(people, on="conversion_id")
        .sort("position")
        .group_by("person_id")
        .agg("qr_code_id")
        .collect()
        .iter_rows()
    )
    stated = {row["customer_id"]: row for row in rows_of("expected_paths_to_conversion.csv")}
    assert len(stated) == 6
    assert {person: " > ".join(path) for person, path in found.items()} == {
        person: row["path"] for person, row in stated.items()
    }
    assert {person: " > ".join(transformed(path)) for person, path in found.items()} == {
        person: row["transformed_path"] for person, row in stated.items()
    }


def test_paths_without_conversion() -> None:
    lost = PATHS.filter(pl.col("non_conversions") > 0).select("path", "non_conversions").rows()
    rows = rows_of("expected_paths_to_non_conversion.csv")
    assert len(rows) == 61
    assert {" > ".join(path): count for path, count in lost} == Counter(row["path"] for row in rows)


def test_summary_of_transformed_paths() -> None:
    after = COLLAPSED.apply(read_paths(PATHS))
    found: Counter[tuple[str, str]] = Counter()
    for path, *counts in zip(after.lists(), after.conversions, after.non_conversions, after.revenue, strict=True):
        for name, count in zip(("conversions", "non_conversions", "revenue"), counts, strict=True):
            found[" > ".join(path), name] += int(count)
    assert after.minor_digits is not None
    rows = rows_of("expected_path_summary.csv")
    assert {path for path, _ in found} == {row["transformed_path"] for row in rows}
    for row in rows:
        path = row["transformed_path"]
        assert found[path, "conversions"] == int(row["conversions"])
        assert found[path, "non_conversions"] == int(row["non_conversions"])
        assert Decimal(found[path, "revenue"]).scaleb(-after.minor_digits) == Decimal(row["revenue"] or 0)


def test_return_on_spend() -> None:
    spend = {row["channel"]: Decimal(row["spend"]) for row in rows_of("input_channel_spend.csv")}
    costs = pl.LazyFrame(
        {"qr_code_id": list(spend), "cost": list(spend.values()), "payback_day": [None] * len(spend)},
        schema={"qr_code_id": pl.String, "cost": pl.Decimal(38, 4), "payback_day": pl.Date},
    )
    credited = attribute(
        TOUCHES, BOUGHT, PATHS.lazy(), models=[model_named("last_touch", {})], currency="USD", options=COLLAPSED
    )
    found = revenue_per_qr(
        SCANS, Scans.no_rows().lazy(), QrCodes.no_rows().lazy(), BOUGHT, credited, costs,
        model="last_touch", currency="USD", has_scans=False,
    ).collect()  # fmt: skip
    by_channel = {row["qr_code_id"]: row for row in found.to_dicts()}
    stated = [row for row in rows_of("expected_report_roas.csv") if row["ATTRIBUTION_TYPE"] == "last_touch"]
    assert set(by_channel) == {row["CHANNEL"] for row in stated} | {"unlinked"}
    for row in stated:
        ours = by_channel[row["CHANNEL"]]
        assert ours["conversions"] == float(row["CONVERSIONS"])
        assert ours["revenue"] == Decimal(row["REVENUE"]).quantize(Decimal("0.01"))
        assert ours["cost"] == Decimal(row["SPEND"])
        assert ours["roas"] == pytest.approx(float(row["ROAS"]), abs=1e-9)


def test_no_model_loses_any_of_it() -> None:
    for model in MODELS:
        found = attribute_paths(PATHS, model, collapse_repeats=True)
        assert found["conversions"].sum() == pytest.approx(6)
        assert found["revenue"].sum() == Decimal("500.92")
