"""Every number of the page that someone can ask for in SQL is the one that SQL gives, on the written tables of a run."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attribution.money import format_amount
from tests.reports.by_hand import CREDITED, QUERIES

EXACT = pl.Decimal(38, 4)


@pytest.fixture(scope="module")
def asked(results: Path) -> dict[str, Any]:
    """The answer to each query: a number, or a number per key."""
    tables = {path.stem: pl.scan_parquet(path) for path in (results / "tables").glob("*.parquet")}
    sql = pl.SQLContext(tables)
    sql.register("credited", sql.execute(CREDITED))
    answers = {name: sql.execute(query, eager=True) for name, query in QUERIES.items()}
    return {
        name: dict(found.select("key", "value").rows()) if "key" in found.columns else found["value"][0]
        for name, found in answers.items()
    }


def report(results: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(results / "reports" / f"{name}.parquet")


def listed(rows: pl.DataFrame, key: str, value: str) -> dict[Any, Any]:
    """The report's numbers by key, without the rows of nothing that SQL does not list."""
    return {name: number for name, number in rows.select(key, value).rows() if number}


def something(found: dict[Any, Any]) -> dict[Any, Any]:
    return {name: number for name, number in found.items() if number}


def test_the_headline_is_what_sql_says(results: Path, asked: dict[str, Any]) -> None:
    page = (results / "reports" / "index.html").read_text("utf-8")
    tiles = {
        label: (value, note)
        for label, value, note in re.findall(
            r'<div class="tile"><dt>(.*?)</dt><dd>(.*?)</dd><dd class="hint">(.*?)</dd>', page
        )
    }
    lost, whole = asked["not_attributed"], asked["not_attributed"] + asked["attributed"]
    assert tiles["Revenue attributed"][0] == format_amount(asked["attributed"], "USD", "en_US")
    assert tiles["Conversions attributed"] == (
        f"{float(asked['conversions']):,.6g}",
        f"from {asked['sessions']:,} sessions",
    )
    assert tiles["Unattributed"] == (
        format_amount(lost, "USD", "en_US"),
        f"{lost / whole * 100:.1f}% of all revenue",
    )
    assert tiles["Rows analysed"][0] == f"{asked['analysed']:,}"
    assert asked["attributed"] > lost > 0


@pytest.mark.parametrize(
    ("query", "name", "key", "column"),
    [
        ("per_qr_revenue", "revenue_per_qr", "qr_code_id", "revenue"),
        ("per_qr_scans", "revenue_per_qr", "qr_code_id", "scans"),
        ("per_qr_sessions", "revenue_per_qr", "qr_code_id", "scan_sessions"),
        ("per_qr_people", "revenue_per_qr", "qr_code_id", "people"),
        ("per_qr_converting_sessions", "revenue_per_qr", "qr_code_id", "converting_sessions"),
        ("closed", "assisted_conversions", "qr_code_id", "closed_conversions"),
    ],
)
def test_each_code_is_what_sql_says(
    results: Path, asked: dict[str, Any], query: str, name: str, key: str, column: str
) -> None:
    known = report(results, name).filter(pl.col("qr_code_id") != "unlinked")
    assert listed(known, key, column) == something(asked[query])


def test_conversions_of_each_code_are_what_sql_says(results: Path, asked: dict[str, Any]) -> None:
    known = report(results, "revenue_per_qr").filter(pl.col("qr_code_id") != "unlinked")
    said = {code: float(count) for code, count in something(asked["per_qr_conversions"]).items()}
    assert listed(known, "qr_code_id", "conversions") == pytest.approx(said)


def test_campaigns_days_and_hours_are_what_sql_says(results: Path, asked: dict[str, Any]) -> None:
    campaigns = report(results, "revenue_per_campaign").filter(
        pl.col("campaign").is_in([*asked["per_campaign_revenue"]])
    )
    assert listed(campaigns, "campaign", "revenue") == something(asked["per_campaign_revenue"])
    days = report(results, "revenue_over_time").filter(pl.col("grain") == "day")
    assert listed(days, "starts_on", "revenue") == something(asked["per_day_revenue"])
    assert listed(days, "starts_on", "scan_sessions") == something(asked["per_day_sessions"])
    hours = report(results, "scans_by_hour").group_by("hour").agg(pl.col("scan_sessions").sum())
    assert listed(hours, "hour", "scan_sessions") == something(asked["per_hour_sessions"])


@pytest.mark.parametrize(("query", "dimension"), [("per_country_revenue", "country"), ("per_device_revenue", "device")])
def test_traits_are_what_sql_says(results: Path, asked: dict[str, Any], query: str, dimension: str) -> None:
    rows = report(results, "revenue_by_dimension").filter(pl.col("dimension") == dimension)
    apart = listed(rows.filter(pl.col("value") != "Other"), "value", "revenue")
    assert {value: asked[query].get(value) for value in apart} == apart
    assert sum(listed(rows, "value", "revenue").values()) == asked["attributed"]


def test_models_and_reasons_are_what_sql_says(results: Path, asked: dict[str, Any]) -> None:
    models = report(results, "model_comparison").group_by("model").agg(pl.col("revenue").cast(EXACT).sum())
    assert listed(models, "model", "revenue") == asked["per_model_revenue"]
    reasons = report(results, "unattributed_revenue").group_by("unattributed_reason")
    said = reasons.agg(pl.col("amount_reporting").cast(EXACT).sum())
    assert listed(said, "unattributed_reason", "amount_reporting") == something(asked["per_reason"])


def test_the_worst_days_are_what_sql_says(results: Path, asked: dict[str, Any]) -> None:
    scanned, earned = sorted(asked["per_day_sessions"]), asked["per_day_revenue"]
    days = report(results, "revenue_over_time").filter(pl.col("grain") == "day")["starts_on"]
    revenue = {day: earned.get(day) or Decimal(0) for day in days if scanned[0] <= day <= scanned[-1]}
    worst = sorted(day for day in revenue if revenue[day] == min(revenue.values()))
    assert len(worst) > 1
    said = f"the {len(worst)} with {format_amount(revenue[worst[0]], 'USD', 'en_US')}</b>, the first of them {worst[0]}"
    assert f"the worst days were <b>{said}" in (results / "reports/index.html").read_text()
