"""What the page's HTML says, where no browser is needed to see it."""

import json
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from attribution.page import explore, how_sure
from attribution.page.how_sure import per_campaign, per_model
from attribution.page.report_page import page
from attribution.settings import Report, Settings
from attribution.terms import NO_CODE, UNLINKED

Reports = dict[str, pl.DataFrame]


@pytest.mark.parametrize("locale", ["de_DE", "fil_PH"])
def test_english_text_is_marked_as_english_whatever_the_locale(
    reports: Reports, ledger: dict[str, Any], locale: str
) -> None:
    shown = page(reports, ledger, Settings(report=Report(locale=locale)))
    assert '<html lang="en">' in shown


def test_the_bucket_has_no_bounds_though_a_campaign_is_called_as_it_is(reports: Reports) -> None:
    campaigns = reports["revenue_per_campaign"]
    named = campaigns.filter(~pl.col("is_unlinked"), pl.col("campaign").is_not_null())["campaign"][0]
    renamed = pl.col("campaign").replace({named: UNLINKED})
    given = {name: reports[name].with_columns(renamed) for name in ("revenue_per_campaign", "revenue_intervals")}
    shown = per_campaign(reports | given, Settings().report.model)
    has_bounds = dict(shown.select("campaign", pl.col("revenue_low").is_not_null()).rows())
    assert (has_bounds[UNLINKED], has_bounds[NO_CODE]) == (True, False)


@pytest.mark.parametrize("has_scans", [True, False])
def test_more_days_and_codes_than_the_page_carries_are_rows_of_campaigns_that_say_so(
    reports: Reports, monkeypatch: pytest.MonkeyPatch, has_scans: bool
) -> None:
    daily = reports["daily_per_qr"]
    first, other = daily.filter(pl.col("campaign").is_not_null())["campaign"].unique().sort()[:2]
    daily = daily.with_columns(
        campaign=pl.when(pl.col("campaign") != other).then("campaign"),
        scans=pl.when(has_scans).then("scans"),
    )
    known = daily.filter(pl.col("qr_code_id") != UNLINKED)
    assert known.height < daily.height
    monkeypatch.setattr(explore, "MOST_ROWS", known.height - 1)
    told = json.loads(explore.explored(daily, reports["revenue_per_qr"], "USD", "en_US"))
    assert [explore.OF_CAMPAIGN, first] in told["codes"]
    assert [explore.WITHOUT_CAMPAIGN, None] in told["codes"]
    assert len(told["rows"]) < known.height
    days, codes, sessions, scans, conversions, money = zip(*told["rows"], strict=True)
    assert sum(sessions) == known["scan_sessions"].sum()
    assert sum(conversions) == pytest.approx(known["conversions"].sum())
    assert sum(money) == known["revenue"].sum() * 10_000
    assert [sum(count or 0 for count in scans), None in scans] == [known["scans"].sum(), not has_scans]
    assert (days, codes) == tuple(zip(*sorted(zip(days, codes, strict=True)), strict=True))


def test_a_day_of_very_large_amounts_is_told_to_the_last_unit(reports: Reports) -> None:
    daily = reports["daily_per_qr"]
    most = daily.with_columns(revenue=pl.lit(Decimal(10**16)).cast(daily.schema["revenue"]))
    told = json.loads(explore.explored(most, reports["revenue_per_qr"], "JPY", "en_US"))
    assert {row[-1] for row in told["rows"]} == {10**20}


def test_what_a_code_earned_under_every_model_has_the_chosen_model_first_and_the_most_on_top() -> None:
    rows = [("linear", "a", "5"), ("markov", "a", "1"), ("linear", "b", "2"), ("markov", "c", "7")]
    compared = pl.DataFrame(
        [{"model": model, "qr_code_id": code, "qr_name": None, "campaign": "spring", "revenue": Decimal(revenue)}
         for model, code, revenue in rows],
        schema_overrides={"qr_name": pl.String},
    )  # fmt: skip
    made = per_model({"model_comparison": compared}, "markov")
    assert made.drop("qr_name", "campaign").rows() == [("c", 7, 0), ("a", 1, 5), ("b", 0, 2)]
    assert made.columns[3:] == ["markov", "linear"]


@pytest.mark.parametrize(("has_scans", "visit"), [(True, "scan"), (False, "session")])
def test_revenue_is_per_scan_where_scans_are_known(
    reports: Reports, ledger: dict[str, Any], has_scans: bool, visit: str
) -> None:
    counts = pl.col("^scans|.*_per_scan$")
    known = {
        name: report if has_scans else report.with_columns(pl.when(False).then(counts).name.keep())
        for name, report in reports.items()
    }
    shown = page(known, ledger, Settings())
    for words in (
        "Revenue per {} is",
        "QR codes by revenue per {} depends",
        "The verdict\ncompares revenue per {} with",
    ):
        assert words.format(visit) in shown
    assert {f">{heading}</th>" in shown for heading in ("Revenue per scan", "Cost per scan")} == {has_scans}


def test_a_code_that_cannot_be_compared_says_why(reports: Reports) -> None:
    codes = reports["revenue_per_qr"].filter(pl.col("qr_code_id") != UNLINKED, pl.col("scans") > 0).head(2)
    unseen = codes.with_columns(
        scans=pl.when(pl.col("qr_code_id") == codes["qr_code_id"][0]).then("scans").otherwise(0)
    )
    compared = reports["code_comparison"].clear()
    told = how_sure.per_code(reports | {"revenue_per_qr": unseen, "code_comparison": compared}, Settings().report.model)
    verdicts = dict(told.select("qr_code_id", "verdict").rows())
    assert [verdicts[code] for code in codes["qr_code_id"]] == [how_sure.ALONE, how_sure.UNSEEN]
