"""Scheduled reports: the numbers of a period, and their change."""

import json
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser
from polars.testing import assert_frame_equal

from attribution.analysed import analysed
from attribution.engines import scheduled
from attribution.engines.store import Store
from attribution.money import AMOUNT
from attribution.periods import parsed
from attribution.report import NAMES
from attribution.reports.compared import COMPARED
from attribution.reports.period_change import with_change
from attribution.schedule import movers
from attribution.settings import Report
from attribution.summary_lines import lines
from tests.conftest import QUICK
from tests.contracts import contract
from tests.page.opened import opened
from tests.schedule.making import TODAY, made, week_of


def test_the_numbers_of_a_period_are_those_of_its_conversions(out: Path) -> None:
    week = parsed(week_of(out), today=TODAY)
    folder, told = made(out, week.name)
    conversions = pl.read_parquet(out / "tables" / "conversions.parquet")
    inside = conversions.filter(pl.col("converted_at").dt.date().is_between(week.first, week.last))
    attributed = inside.filter(pl.col("unattributed_reason").is_null())
    revenue = attributed["amount_reporting"].sum()
    per_qr = pl.read_parquet(folder / "revenue_per_qr.parquet").filter(pl.col("qr_code_id") != "unlinked")
    assert Decimal(told["now"]["revenue"]) == revenue == per_qr["revenue"].sum()  # type: ignore[index]
    assert per_qr["conversions"].sum() == pytest.approx(attributed.filter(~pl.col("is_refund")).height)
    assert revenue > 0


def test_every_report_of_a_period_keeps_the_contract_of_that_of_all_days(out: Path) -> None:
    folder = made(out, week_of(out))[0]
    for name in (*NAMES, *scheduled.OF_ALL_DAYS):
        contract(name).checked(pl.scan_parquet(folder / f"{name}.parquet")).collect()


def test_the_days_of_a_week_add_up_to_the_week(out: Path) -> None:
    week = parsed(week_of(out), today=TODAY)
    whole = made(out, week.name)[0]
    days = [made(out, str(week.first + timedelta(days=number)))[0] for number in range(7)]
    earned, *per_day = (pl.read_parquet(folder / "revenue_per_qr.parquet") for folder in (whole, *days))
    for measure in ("revenue", "scan_sessions", "scans"):
        assert sum(day[measure].sum() for day in per_day) == earned[measure].sum(), measure
    assert sum(day["conversions"].sum() for day in per_day) == pytest.approx(earned["conversions"].sum())
    lag, *lags = (pl.read_parquet(folder / "conversion_lag.parquet") for folder in (whole, *days))
    for measure in ("sessions_at_risk", "converting_sessions", "censored_sessions"):
        assert [sum(of_day) for of_day in zip(*(day[measure] for day in lags), strict=True)] == lag[measure].to_list()


def test_the_cohort_of_a_week_is_followed_to_the_end_of_the_data_and_stands_alone(out: Path) -> None:
    week = parsed(week_of(out), today=TODAY)
    found = pl.read_parquet(made(out, week.name)[0] / "cohorts.parquet")
    of_all = pl.read_parquet(out / "reports" / "cohorts.parquet").filter(pl.col("cohort_week") == week.first)
    assert found["weeks_since_scan"].to_list() == [*range(found.height)]
    assert_frame_equal(found, of_all.head(found.height))
    assert found["converting_sessions"][-1] == of_all["converting_sessions"][-1] > 0


def test_in_the_funnel_of_a_period_every_step_ends_with_it(out: Path) -> None:
    """Purchases are events by their name and conversions as well: both come days after the scan."""
    week = parsed(week_of(out), today=TODAY)
    settings = QUICK.model_copy(update={"report": Report(notebooks=False, funnel_steps=["scan", "purchase"])})
    found = pl.read_parquet(scheduled.make(Store(out), settings, week)[0] / "funnel.parquet")
    tables = [pl.scan_parquet(out / "tables" / f"{name}.parquet") for name in ("events", "duplicates", "scan_sessions")]
    bought = analysed(*tables[:2]).filter(pl.col("event_name") == "purchase")
    scanned = tables[2].filter("is_known", pl.col("scanned_at").dt.date().is_between(week.first, week.last))
    followed = bought.join(scanned, on="scan_session_id").filter(pl.col("occurred_at") >= pl.col("scanned_at"))
    in_time = followed.filter(pl.col("occurred_at").dt.date() <= week.last)
    count = pl.col("scan_session_id").n_unique()
    assert found["sessions"][1] == in_time.select(count).collect().item() < followed.select(count).collect().item()


def test_change_is_against_the_week_before(out: Path) -> None:
    week = parsed(week_of(out), today=TODAY)
    before = week.previous()
    assert before is not None
    earlier = pl.read_parquet(made(out, before.name)[0] / "revenue_per_qr.parquet")
    folder, told = made(out, week.name)
    changed = pl.read_parquet(folder / "revenue_per_qr_change.parquet")
    was = dict(earlier.select("qr_code_id", "revenue").rows())
    assert was.keys() <= {*changed["qr_code_id"]}
    assert dict(changed.select("qr_code_id", "revenue_previous").rows()) == {
        code: was.get(code, Decimal(0)) for code in changed["qr_code_id"]
    }
    assert told["previous"]["name"] == before.name == told["last_report"]["name"]  # type: ignore[index]
    assert told["change_pct"] == told["last_report"]["change_pct"]  # type: ignore[index]
    assert any(line.startswith("  revenue") for line in lines(told))
    assert sum("since the last report" in line for line in lines(told)) == (told["last_report"] is not None)
    for name, of in COMPARED.items():
        rows = pl.read_parquet(folder / f"{name}_change.parquet")
        assert {f"{measure}_change_pct" for measure in of.measures} <= set(rows.columns), name
    page = (folder / "index.html").read_text("utf-8")
    assert f"{told['change_pct']['revenue']:+.1f}% on {before.name}" in page  # type: ignore[index]
    assert page.count(">change, %</th>") > 10


@pytest.mark.parametrize("period", ["week", "all"])
def test_costs_are_those_that_the_page_says_they_are(out: Path, period: str) -> None:
    """A fixed cost is of no period, so that neither it nor what has come back of all costs is told of one."""
    codes = pl.read_parquet(out / "tables" / "qr_codes.parquet")
    fixed = codes.with_columns(cost=pl.lit(1).cast(codes.schema["cost"]), currency=pl.lit("USD"))
    fixed.write_parquet(out / "tables" / "qr_codes.parquet")
    spent = pl.read_parquet(out / "tables" / "spend.parquet")
    on_first_day = {"date": parsed(week_of(out), today=TODAY).first, "amount": Decimal("0.01"), "currency": "USD"}
    each = codes.select("qr_code_id").with_columns(pl.lit(value).alias(name) for name, value in on_first_day.items())
    pl.concat([spent.clear(), each.cast({"amount": spent.schema["amount"]})], how="diagonal").write_parquet(
        out / "tables" / "spend.parquet"
    )
    of_period = period == "week"
    folder, _ = made(out, week_of(out) if of_period else period)
    page = (folder / "index.html").read_text("utf-8")
    assert page.count("ixed costs are") == (2 if of_period else 0)
    assert page.count("Fixed costs of QR codes are left out.") == (1 if of_period else 0)
    assert page.count("Paid back on") == (0 if of_period else 3)
    for name in ("revenue_per_qr", "revenue_per_campaign"):
        rows = pl.read_parquet(folder / f"{name}.parquet")
        assert (rows["payback_day"].null_count() == rows.height) is of_period
    with zipfile.ZipFile(folder / "reports.xlsx") as book:
        assert ("Fixed costs" in book.read("xl/sharedStrings.xml").decode()) is of_period


def test_all_days_are_called_so_and_have_neither_a_first_nor_a_last(out: Path) -> None:
    folder, told = made(out, "all")
    with zipfile.ZipFile(folder / "reports.xlsx") as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    page, said = (folder / "index.html").read_text("utf-8"), "\n".join(lines(told))
    assert "all days" in strings
    assert "<strong>all days</strong>" in page
    assert said.startswith("All days (UTC), no previous period:")
    for text in (strings, page, said, json.dumps(told)):
        assert str(date.min) not in text
    assert str(date.max) not in said + strings + json.dumps(told)
    week = week_of(out)
    assert made(out, week)[1]["last_report"] is None
    assert scheduled.make_anew(Store(out), QUICK) == ["all", week]


def test_a_period_without_anything_is_a_report_of_nothing(browser: Browser, out: Path) -> None:
    folder, told = made(out, "2001-01")
    assert (told["now"]["revenue"], told["now"]["tie_rate"]) == ("0.0000", None)  # type: ignore[index]
    assert pl.read_parquet(folder / "revenue_per_qr.parquet")["revenue"].sum() == 0
    data = told["data"]
    nothing = (
        "This period has no sessions, conversions or refunds. "
        f"The data runs from {data['first']} to {data['last']}."  # type: ignore[index]
    )
    assert lines(told)[1].strip() == nothing
    page, faults = opened(browser, folder / "index.html", drawn="#filtered")
    assert page.locator(".answers li").all_inner_texts() == [nothing, *told["lacking"]]  # type: ignore[misc]
    assert page.locator("#filter").is_hidden()
    assert page.get_by_text("nothing to draw").count() > 5
    assert page.locator("#plot-revenue_per_qr, #plot-conversion_lag").count() == 0
    assert faults == []


def test_a_code_that_earned_before_and_has_no_row_now_fell() -> None:
    """Without a list of codes only those have a row that something names."""
    before = pl.DataFrame(
        {"qr_code_id": ["q1", "q2", "unlinked"], "qr_name": ["Door", "Wall", None], "revenue": ["5", "9", "1"]}
    ).with_columns(pl.col("revenue").cast(AMOUNT))
    changed = with_change(
        before.filter(pl.col("qr_code_id") != "q2"), before, keys=["qr_code_id"], measures=["revenue"]
    )
    fell = {"qr_code_id": "q2", "qr_name": "Wall", "revenue": "0.0000", "before": "9.0000", "change": "-9.0000"}
    assert movers(changed) == {"rose": [], "fell": [fell]}


def test_the_guide_shows_what_is_printed(out: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "scheduling.md").read_text("utf-8")
    shown = guide.split("```text\n")[1].split("```")[0].splitlines()[1:-1]
    printed = lines(made(out, week_of(out))[1])[1:]
    named = [
        [line[:25] for line in told if not line.startswith(("  rose", "  fell", "  run"))] for told in (shown, printed)
    ]
    assert named[0] == named[1] != []
