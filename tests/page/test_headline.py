"""The first sentences and numbers of the page, where nothing was earned and where refunds outweigh sales."""

import re
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from attribution.page import headline, tiles
from attribution.page.headline import WHY
from attribution.page.parts import called
from attribution.terms import UNLINKED

MODEL = "scan_session"
Reports = dict[str, pl.DataFrame]


def sentences(reports: Reports, **told: Any) -> str:
    rows = {"read": 100, "malformed": 0, "quarantined": told.pop("quarantined", 0), "analysed": 100}
    account = {"rows": rows, "revenue": {"USD": {}}, "other": told.pop("other", {})}
    return headline.answers(reports, account, MODEL, "USD", "en_US", **told)


def lost(reports: Reports, *rows: tuple[str, str | None, int]) -> Reports:
    """The reports with money that is not attributed, from (reason, amount, refunds)."""
    report = reports["unattributed_revenue"]
    drawn = [
        {"unattributed_reason": reason, "amount_reporting": amount and Decimal(amount), "refunds": refunds}
        for reason, amount, refunds in rows
    ]
    return reports | {"unattributed_revenue": pl.DataFrame(drawn, schema=report.schema, orient="row")}


def earned(reports: Reports, amount: int) -> Reports:
    """The reports where QR codes earned so much in all, on each day and for each campaign."""
    codes = reports["revenue_per_qr"].filter(pl.col("qr_code_id") != UNLINKED).head(1)
    return reports | {
        "revenue_per_qr": _set(codes, revenue=Decimal(amount)),
        "revenue_over_time": _set(reports["revenue_over_time"], revenue=Decimal(amount)),
        "daily_per_qr": _set(reports["daily_per_qr"], revenue=Decimal(amount)),
        "revenue_intervals": _set(reports["revenue_intervals"], revenue=Decimal(amount), roas=float(amount)),
    }


def _set(report: pl.DataFrame, **values: Any) -> pl.DataFrame:
    return report.with_columns(pl.lit(value).cast(report.schema[name]).alias(name) for name, value in values.items())


@pytest.mark.parametrize("amount", [0, -1])
def test_where_nothing_was_earned_no_campaign_and_no_day_is_the_best(reports: Reports, amount: int) -> None:
    told = sentences(earned(reports, amount))
    assert "No campaign with spend has earned any revenue." in told
    assert "most per unit of cost" not in told
    assert "best of these days" not in told
    assert ("worst day" in told) == (amount < 0)


@pytest.mark.parametrize(
    ("sessions", "conversions", "said"),
    [
        (
            [1, 1],
            [1.0, 1.0],
            "from 1 scan session and 1 conversion; an average day brings .* from 1 scan session and 1 conversion[.]",
        ),
        (
            [1200, 3000],
            [0.5, 2.5],
            "from 1,200 scan sessions and 0.5 conversions; .* from 2,100 scan sessions and 1.5 conversions[.]",
        ),
    ],
)
def test_one_is_not_written_as_many(reports: Reports, sessions: list[int], conversions: list[float], said: str) -> None:
    days = reports["revenue_over_time"].filter(pl.col("grain") == "day").head(2)
    drawn = days.with_columns(
        revenue=pl.Series([1, 2]).cast(days.schema["revenue"]),
        scan_sessions=pl.Series(sessions),
        conversions=pl.Series(conversions),
    )
    assert re.search(
        said, sentences(reports | {"revenue_over_time": drawn, "daily_per_qr": reports["daily_per_qr"].clear()})
    )


def test_of_several_days_alike_none_is_the_worst(reports: Reports) -> None:
    days = reports["revenue_over_time"].filter(pl.col("grain") == "day", pl.col("scan_sessions") > 0).head(4)
    drawn = days.with_columns(revenue=pl.Series([3, 0, 5, 0]).cast(days.schema["revenue"]))
    second = days["starts_on"][1]
    told = sentences(reports | {"revenue_over_time": drawn})
    assert (
        f"the worst days were <b>the 2 with $0.00</b>, the first of them {second}; an average day brings $2.00 from"
        in told
    )
    assert "fell furthest" not in told


def test_money_without_a_rate_is_told_first_with_the_codes_that_it_is_missing_from(reports: Reports) -> None:
    assert "exchange rate" not in sentences(reports | {"unconverted_revenue": reports["unconverted_revenue"].clear()})
    codes = _set(reports["revenue_per_qr"].head(1), qr_code_id="q", qr_name="<Door>")
    missing = pl.DataFrame({"qr_code_id": "q", "currency": "XAF", "amount": Decimal(200)})
    readable = {"data_quality": reports["data_quality"].clear()}
    told = sentences(reports | readable | {"revenue_per_qr": codes, "unconverted_revenue": missing})
    assert told.index("not in any revenue, return or verdict: <b>200 XAF (of &lt;Door&gt;)</b>.") < told.index("</li>")


def test_what_the_numbers_lack_is_told_before_them(reports: Reports) -> None:
    other = {
        "spend": {"read": 12, "rejected": 7},
        "qr_codes": {"read": 3, "rejected": 1},
        "fx": {"read": 9, "rejected": 0},
    }
    rows = [("quarantined", "spend", "amount_not_a_number", 7), ("malformed", "qr_codes", "field_count", 1)]
    quality = pl.DataFrame(rows, ["stage", "kind", "rule", "rows"], orient="row").with_columns(column=pl.lit(""))
    told = sentences(reports | {"data_quality": quality}, other=other).split("<li>")
    which = "(see tables/rejects.parquet)"
    assert f"Spend rows were rejected {which}: <b>7 of 12, breaking amount_not_a_number (7 rows)</b>." in told[1]
    assert f"QR code rows were rejected {which}: <b>1 of 3, breaking field_count (1 row)</b>." in told[2]
    assert "rejected" not in told[3]


def test_events_that_were_refused_are_told_before_the_numbers(reports: Reports) -> None:
    assert "rejected" not in sentences(reports)
    refused = _set(
        reports["data_quality"].head(1),
        stage="quarantined", kind="events", rule="amount_not_a_number", column="amount", rows=24,
    )  # fmt: skip
    told = sentences(reports | {"data_quality": refused}, quarantined=24).split("<li>")[1]
    assert "rejects.parquet): <b>24 of 100, breaking amount_not_a_number (24 rows)</b>." in told


def test_of_a_period_it_is_said_that_rows_of_all_days_were_refused(reports: Reports) -> None:
    now = {"scan_sessions": 1, "conversions": 0, "refunds": 0}
    told = {"period": {"last": "2026-03-22"}, "data": {"last": "2026-03-22"}, "now": now, "previous": None}
    said = sentences(reports, quarantined=1, other={"spend": {"read": 12, "rejected": 7}}, told=told)
    assert said.count("rows were rejected (all days; see tables") == 1
    assert said.count("is not counted (all days; see tables") == 1


def test_where_a_period_has_nothing_it_is_said_what_was_refused(reports: Reports) -> None:
    now = {"scan_sessions": 0, "conversions": 0, "refunds": 0}
    told = {"period": {"last": "2026-03-22"}, "data": None, "now": now, "previous": None}
    said = sentences(reports, quarantined=1, told=told)
    assert said.count("<li>") == 2
    assert said.index("This period has no sessions") < said.index("is not counted (all days")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"rate_of_reporting_currency": 9}, "the rate of USD itself is not 1</b>"),
        ({"rate_far_from_ecb": 1}, "the rates of 1 currency are far from"),
        ({"rate_far_from_ecb": 2}, "the rates of 2 currencies are far from"),
        (
            {"rate_of_reporting_currency": 9, "rate_far_from_ecb": 2},
            "the rate of USD itself is not 1; the rates of 2 currencies are far from",
        ),
    ],
)
def test_rates_into_another_currency_are_told_first_and_once(
    reports: Reports, rules: dict[str, int], said: str
) -> None:
    assert "to be into USD" not in sentences(reports)
    quality = reports["data_quality"].head(1)
    found = pl.concat(_set(quality, rule=rule, rows=rows) for rule, rows in rules.items())
    told = sentences(reports | {"data_quality": found})
    assert told.startswith('<ul class="answers"><li>The exchange rates do not seem to be into USD, so every')
    assert f": <b>{said}" in told
    assert told.count("to be into USD") == 1


@pytest.mark.parametrize(("last", "is_early"), [("2026-03-21", True), ("2026-03-22", False), ("2026-04-02", False)])
def test_data_that_ends_before_the_period_is_told_first(reports: Reports, last: str, is_early: bool) -> None:
    now = {"scan_sessions": 1, "conversions": 0, "refunds": 0}
    told = {"period": {"last": "2026-03-22"}, "data": {"last": last}, "now": now, "previous": None}
    said = sentences(reports, told=told)
    assert said.startswith(f'<ul class="answers"><li><b>The data ends on {last}') == is_early
    assert ("The data ends" in said) == is_early


def test_where_a_campaign_earned_something_it_and_the_best_day_are_named(reports: Reports) -> None:
    told = sentences(earned(reports, 1))
    assert "most per unit of cost: 1.00" in told
    assert "The best of these days was" in told


@pytest.mark.parametrize(
    ("low", "high", "sure"),
    [(0.5, 2.25, " (95% interval: 0.50 to 2.25)"), (0.999, 1.001, ""), (None, None, "")],
)
def test_bounds_of_the_return_are_named_where_they_read_differently(
    reports: Reports, low: float | None, high: float | None, sure: str
) -> None:
    reports = earned(reports, 1)
    bounds = _set(reports["revenue_intervals"], roas_low=low, roas_high=high, too_few=False)
    assert f"most per unit of cost: 1.00{sure}." in sentences(reports | {"revenue_intervals": bounds})


def test_the_only_campaign_with_spend_is_not_called_the_best(reports: Reports) -> None:
    of_campaigns = reports["revenue_intervals"].filter(pl.col("scope") == "campaign", pl.col("model") == MODEL)
    alone = _set(of_campaigns.head(1), campaign="\u202eA", roas=0.73, roas_low=0.5, roas_high=1.0, too_few=False)
    told = sentences(reports | {"revenue_intervals": alone})
    assert "<b><bdi>\u202eA</bdi></b>, the only campaign with spend, earned 0.73 per unit of cost (95% interval" in told
    assert "most per unit of cost" not in told


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([("B", 1.0, 1.9)], ""),
        ([("B", 1.0, 2.0)], f" Its interval overlaps that of {called('B')}, so it may not be the best."),
        ([("B", 1.0, 2.5), ("C", 2.0, 3.0), ("D", 0.0, 1.0)], f" Its interval overlaps those of {called('C')} and 1"),
    ],
    ids=["apart", "touching", "several"],
)  # fmt: skip
def test_a_campaign_is_called_best_with_those_that_may_be_as_good(
    reports: Reports, others: list[tuple[str, float, float]], said: str
) -> None:
    one = reports["revenue_intervals"].filter(pl.col("scope") == "campaign", pl.col("model") == MODEL).head(1)
    rows = [
        _set(one, campaign=name, roas=roas, roas_low=2.0 if name == "A" else 0.0, roas_high=high, too_few=False)
        for name, roas, high in [("A", 3.0, 4.0), *others]
    ]
    told = sentences(reports | {"revenue_intervals": pl.concat(rows)})
    assert f"{called('A')} earned the most per unit of cost: 3.00 (95% interval: 2.00 to 4.00).{said}" in told
    assert ("overlaps" in told) == bool(said)


ORPHAN, ALL, NET = (
    "names no known scan (orphan)",
    "All converted revenue is attributed to a QR code.",
    "sales less refunds",
)


@pytest.mark.parametrize(
    ("earnings", "rows", "sentence", "hint"),
    [
        (30, [("orphan", "10", 0)], f"<b>25.0%</b> of revenue is unattributed: $10.00 {ORPHAN}.", "25.0% of all revenue"),
        (30, [("orphan", "-10", 1)], f"<b>-$10.00</b>, {NET}, is unattributed: -$10.00 {ORPHAN}.", NET),
        (-30, [("orphan", "10", 0)], f"<b>$10.00</b>, {NET}, is unattributed: $10.00 {ORPHAN}.", NET),
        (-5, [("orphan", "10", 0)], f"<b>$10.00</b>, {NET}, is unattributed: $10.00 {ORPHAN}.", NET),
        (30, [("orphan", "0", 1)], f"<b>$0.00</b>, {NET}, is unattributed: $0.00 {ORPHAN}.", "0.0% of all revenue"),
        (30, [("orphan", "10", 0), ("unlinked", "-10", 1)],
         f"<b>$0.00</b>, {NET}, is unattributed: $10.00 {ORPHAN}, -$10.00 {WHY['unlinked']} (unlinked).",
         "0.0% of all revenue"),
        (30, [("orphan", "0", 0)], ALL, "0.0% of all revenue"),
        (30, [("orphan", None, 1)], ALL, "0.0% of all revenue"),
    ],
    ids=["a share", "more refunds than sales", "a whole below zero", "more than the whole", "a sale and its refund",
         "reasons that cancel", "no money", "no rate"],
)  # fmt: skip
def test_a_share_is_told_only_of_a_whole_and_nothing_is_called_attributed_that_is_not(
    reports: Reports,
    ledger: dict[str, Any],
    earnings: int,
    rows: list[tuple[str, str | None, int]],
    sentence: str,
    hint: str,
) -> None:
    changed = lost(earned(reports, earnings), *rows)
    assert f"<li>{sentence}</li>" in sentences(changed)
    assert f'<dd class="hint">{hint}</dd>' in tiles.tiles(changed, ledger, "USD", "en_US")


def test_where_nothing_was_earned_or_lost_nothing_is_said_of_it(reports: Reports, ledger: dict[str, Any]) -> None:
    nothing = lost(earned(reports, 0))
    assert "is attributed" not in sentences(nothing)
    assert f'<dd class="hint">{NET}</dd>' in tiles.tiles(nothing, ledger, "USD", "en_US")


def test_the_tile_of_conversions_says_that_it_counts_attributed_ones(reports: Reports, ledger: dict[str, Any]) -> None:
    codes = reports["revenue_per_qr"].filter(pl.col("qr_code_id") != UNLINKED)
    tile = f"<dt>Conversions attributed</dt><dd>{codes['conversions'].sum():,.6g}</dd>"
    assert tile in tiles.tiles(reports, ledger, "USD", "en_US")


def test_parts_of_conversions_add_up_to_what_their_places_hold(reports: Reports, ledger: dict[str, Any]) -> None:
    codes = reports["revenue_per_qr"].filter(pl.col("qr_code_id") != UNLINKED).head(2)
    parts = codes.with_columns(conversions=pl.Series([0.1, 0.2]))
    assert tiles.metrics(parts, reports["unattributed_revenue"], ledger)["conversions"] == 0.3
