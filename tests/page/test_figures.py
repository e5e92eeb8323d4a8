"""Figures of tables as they can be: names like dates, long names, many codes."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest
from playwright.sync_api import Browser

from attribution import figures
from attribution.figures.drawn import Reports
from attribution.figures.look import LONGEST, SHOWN
from attribution.page.parts import drawn
from attribution.terms import UNLINKED
from tests.page.opened import opened

LIKE_A_DATE = "2026-03"


def returns(campaigns: pl.DataFrame, reports: Reports) -> go.Figure:
    return figures.return_on_spend(campaigns, reports["revenue_intervals"].clear())


def codes(per_qr: pl.DataFrame, _: Reports) -> go.Figure:
    return figures.revenue_per_qr(per_qr.with_columns(qr_name="qr_code_id"))


def models(compared: pl.DataFrame, _: Reports) -> go.Figure:
    return figures.model_comparison(compared.with_columns(qr_name="qr_code_id"))


def paths_of(*paths: str) -> pl.DataFrame:
    return pl.DataFrame({"path": paths, "conversions": 1.0, "revenue": Decimal(1), "currency": "USD"})


def traits(by_dimension: pl.DataFrame, _: Reports) -> go.Figure:
    return figures.revenue_by_dimension(by_dimension, by_dimension["dimension"][0], "Revenue")


def steps(funnel: pl.DataFrame, _: Reports) -> go.Figure:
    return figures.funnel(funnel)


@pytest.mark.parametrize(
    ("report", "column", "figure"),
    [
        ("revenue_per_campaign", "campaign", returns),
        ("revenue_per_qr", "qr_code_id", codes),
        ("model_comparison", "qr_code_id", models),
        ("revenue_by_dimension", "value", traits),
        ("funnel", "step", steps),
    ],
)
def test_a_name_like_a_date_makes_no_axis_of_dates(
    browser: Browser,
    reports: Reports,
    tmp_path: Path,
    report: str,
    column: str,
    figure: Callable[[pl.DataFrame, Reports], go.Figure],
) -> None:
    rows = reports[report]
    shown = figure(rows.with_columns(pl.col(column).replace(rows[column][0], LIKE_A_DATE)), reports)
    path = tmp_path / "figure.html"
    path.write_text(drawn(report, shown, with_library=True), "utf-8")
    page, faults = opened(browser, path)
    labels = [text.partition("  ")[0] for text in page.locator(".ytick text").all_text_contents()]
    assert LIKE_A_DATE in labels
    assert len(labels) == len({name for trace in shown.data for name in trace.y if name is not None})
    assert faults == []


def many(name: str, count: int = 30) -> pl.DataFrame:
    """So many QR codes or campaigns, each earning 1 less than the one before, and returning more."""
    return pl.DataFrame(
        {
            name: [f"n{place:02}" for place in range(count)],
            "revenue": [Decimal(100 - place) for place in range(count)],
            "roas": [float(place) for place in range(count)],
        }
    ).with_columns(currency=pl.lit("USD"), cost=pl.lit(Decimal(1)), model=pl.lit("linear"))


def many_codes(count: int) -> pl.DataFrame:
    codes = many("qr_code_id", count)
    unlinked = codes.head(1).with_columns(
        qr_code_id=pl.lit(UNLINKED), revenue=pl.lit(Decimal(-5), codes.schema["revenue"])
    )
    named = pl.concat([codes, unlinked]).with_columns(qr_name="qr_code_id", campaign=pl.lit(None, pl.String))
    return named.with_columns(conversions=pl.lit(1.0), scan_sessions=1)


def test_of_many_codes_those_with_most_revenue_are_drawn_and_never_without_the_unlinked_bucket() -> None:
    few, more = (figures.revenue_per_qr(many_codes(count)) for count in (SHOWN, 5_000))
    expected = [UNLINKED, *(f"n{place:02}" for place in reversed(range(SHOWN)))]
    assert [*few.data[0].y] == [*more.data[0].y] == expected
    assert few.layout.height == more.layout.height < 1_000
    assert "20 with the most revenue, out of 5,000" in more.layout.title.text
    assert "most" not in few.layout.title.text


def test_of_many_campaigns_those_with_most_revenue_are_drawn_by_their_return() -> None:
    bounds = {"roas_low": pl.Float64, "roas_high": pl.Float64, "too_few": pl.Boolean}
    no_bounds = pl.DataFrame(schema={**dict.fromkeys(("campaign", "model", "scope"), pl.String), **bounds})
    figure = figures.return_on_spend(many("campaign").reverse(), no_bounds)
    assert [*figure.data[0].y] == [f"n{place:02}" for place in range(SHOWN)]
    assert figure.layout.height < 1_000
    assert "20 with the most revenue, out of 30" in figure.layout.title.text


def test_of_many_codes_the_models_say_which_are_compared() -> None:
    codes = many("qr_code_id").with_columns(qr_name="qr_code_id")
    figure = figures.model_comparison(codes)
    assert {*figure.data[1].y} == {f"n{place:02}" for place in range(SHOWN)}
    assert "20 with the most revenue, out of 30" in figure.layout.title.text


def test_long_names_are_shortened_beside_the_marks_yet_stay_apart() -> None:
    start, end = "https://shop.example/menu/of/the/day/", "/with/all/that/one/can/eat"
    pages = [f"{start}{number}{end}" for number in (1, 2)]
    report = many("value", 2).with_columns(value=pl.Series(pages), dimension=pl.lit("landing_page"), scan_sessions=1)
    figure = figures.revenue_by_dimension(report.with_columns(conversions=pl.lit(1.0)), "landing_page", "Revenue")
    assert {*figure.data[0].y} == {*pages}
    for label in figure.layout.yaxis.ticktext:
        assert len(label) <= LONGEST
        before, after = label.split("…")
        assert len(before) > 10 < len(after)
        assert (start.startswith(before), end.endswith(after)) == (True, True)


def test_long_names_are_shortened_in_journeys_and_whole_when_pointed_at() -> None:
    name = "A poster at the market, and one more"
    node = figures.journeys(paths_of(f"{name} > Flyer")).data[0].node
    assert f"1. {name}" in node.customdata
    assert max(map(len, node.label)) <= LONGEST
    assert "2. Flyer" in node.label


def test_a_code_with_too_few_buyers_is_marked() -> None:
    codes = many_codes(2)
    bounds = pl.DataFrame(
        {"qr_code_id": ["n00", "n01"], "revenue_low": [1.0, 1.0], "revenue_high": [2.0, 2.0], "too_few": [True, False]}
    ).with_columns(model=pl.lit("linear"), scope=pl.lit("qr_code"))
    labels = figures.revenue_per_qr(codes, intervals=bounds).layout.yaxis.ticktext
    assert [label.endswith("*") for label in labels] == [False, False, True]


def test_a_campaign_with_too_few_buyers_is_marked() -> None:
    bounds = pl.DataFrame(
        {"campaign": ["n00", "n01"], "roas_low": [0.0] * 2, "roas_high": [9.0] * 2, "too_few": [False, True]}
    ).with_columns(model=pl.lit("linear"), scope=pl.lit("campaign"))
    figure = figures.return_on_spend(many("campaign", 2), bounds)
    assert [*figure.layout.yaxis.ticktext] == ["n00", "n01 *"]


def test_a_name_is_no_markup(reports: Reports) -> None:
    name, shown = "<b>A</b> & co", "&lt;b&gt;A&lt;/b&gt; &amp; co"
    codes = reports["revenue_per_qr"].head(1).with_columns(qr_name=pl.lit(name), campaign=pl.lit(name))
    bars = figures.revenue_per_qr(codes)
    assert bars.layout.yaxis.ticktext[0].startswith(f"{shown}  <b>")
    assert f"<b>{shown}</b><br>Campaign: {shown}<br>" in bars.data[0].customdata[0]
    node = figures.journeys(paths_of(name)).data[0].node
    assert f"1. {shown}" in node.label
    assert f"1. {shown}" in node.customdata


def test_what_cannot_be_drawn_is_refused_with_what_can(reports: Reports) -> None:
    with pytest.raises(ValueError, match=r"quarter: no such grain.*Allowed: day, week, month"):
        figures.revenue_over_time(reports["revenue_over_time"], grain="quarter")
    with pytest.raises(ValueError, match="has no column grain: pass the report revenue_over_time"):
        figures.revenue_over_time(reports["daily_per_qr"])
    with pytest.raises(ValueError, match=r"contry: no such dimension. Allowed: placement, country"):
        figures.revenue_by_dimension(reports["revenue_by_dimension"], "contry", "Revenue")


def test_a_week_of_which_only_a_part_is_there_is_pale_and_weeks_are_named_on_their_mondays(reports: Reports) -> None:
    weeks = reports["revenue_over_time"].filter(pl.col("grain") == "week")
    shown = figures.revenue_over_time(weeks, grain="week")
    assert {True, False} == {*weeks["is_partial"]}
    assert [pale < 1 for pale in shown.data[0].marker.opacity] == weeks["is_partial"].to_list()
    assert date.fromisoformat(shown.layout.xaxis.tick0).isoweekday() == 1
    assert shown.layout.xaxis.dtick % (7 * 24 * 3600 * 1000) == 0


def test_the_shares_of_a_day_are_whole_with_those_too_few_to_show() -> None:
    shares = pl.DataFrame(
        {
            "value": ["2026-03-01", "2026-03-01", "2026-03-02", "2026-03-03"],
            "consent": ["granted", "denied", "granted", "granted"],
            "scan_sessions_pct": [75.0, None, 100.0, None],
            "is_suppressed": [False, True, False, True],
        }
    )
    hidden = figures.consent_by_day(shares).data[-1]
    assert dict(zip(hidden.x, hidden.y, strict=True)) == {"2026-03-01": 25.0, "2026-03-03": 100.0}
    assert "%{y" not in hidden.hovertemplate


def test_every_way_through_the_journeys_is_one_that_was_gone() -> None:
    """A > X > B and C > X > D share a second scan, and yet nobody went from A to D."""
    gone = {("A", "X", "B"), ("C", "X", "D"), ("A",)}
    sankey = figures.journeys(paths_of(*(" > ".join(way) for way in sorted(gone)))).data[0]
    names = [name.partition(". ")[2] for name in sankey.node.customdata]
    links = list(zip(sankey.link.source, sankey.link.target, strict=True))
    ways = {(names[one],): one for one, _ in links if one not in sankey.link.target}
    drawn_ways = set()
    while ways:
        longer = {}
        for way, end in ways.items():
            for one, other in links:
                if one == end and not names[other]:
                    drawn_ways.add(way)
                elif one == end:
                    longer[(*way, names[other])] = other
        ways = longer
    assert drawn_ways == gone


@pytest.mark.parametrize(
    ("trace", "is_drawn"),
    [
        (go.Bar(x=[], y=[]), False),
        (go.Bar(x=[0.0, None], y=["a", "b"]), False),
        (go.Bar(x=[0.0, -0.01], y=["a", "b"]), True),
        (go.Heatmap(x=["00"], y=["Monday"], z=[[0], [None]]), False),
        (go.Heatmap(x=["00"], y=["Monday"], z=[[0], [3]]), True),
        (go.Scatter(x=[date(2026, 3, 1)], y=[0]), False),
        (go.Scatter(x=[0, 1, 2], y=[0.0, 0.0, 0.0]), False),
        (go.Scatter(x=[0, 1, 2], y=[0.0, 0.5, 0.0]), True),
        (go.Sankey(), False),
        (go.Sankey(link={"source": [0], "target": [1], "value": [2.0]}), True),
    ],
)
def test_a_figure_in_which_nothing_could_be_seen_is_said_to_be_so(trace: Any, is_drawn: bool) -> None:
    figure = go.Figure(trace, layout={"title": {"text": "Revenue<br>per <b>code</b>"}})
    said = "<p>Revenue per code: nothing to draw.</p>"
    shown = drawn("x", figure)
    assert (shown.startswith('<div role="figure" aria-label="Revenue per code">'), shown == said) == (
        is_drawn,
        not is_drawn,
    )
    assert len(drawn("x", figure, with_library=True)) > 1_000_000


def test_a_name_written_from_the_right_leaves_the_amount_behind_it_where_it_is(reports: Reports) -> None:
    first, last = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
    turned = "\N{RIGHT-TO-LEFT OVERRIDE}evil" + last
    for name, shown in (("\u0645\u0637\u0639\u0645", "\u0645\u0637\u0639\u0645"), (turned, turned[:-1])):
        codes = reports["revenue_per_qr"].head(1).with_columns(qr_name=pl.lit(name))
        label = figures.revenue_per_qr(codes).layout.yaxis.ticktext[0]
        assert label.startswith(f"{first}{shown}{last}  <b>")
    plain_name = reports["revenue_per_qr"].head(1).with_columns(qr_name=pl.lit("Door"))
    assert figures.revenue_per_qr(plain_name).layout.yaxis.ticktext[0].startswith("Door  <b>")
