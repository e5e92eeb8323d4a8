"""Figures of tables as they can be: names like dates, long names, many codes."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

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
    return figures.model_comparison(compared.with_columns(qr_name="qr_code_id"), "USD")


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
    ).with_columns(currency=pl.lit("USD"), cost=pl.lit(Decimal(1)))


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
    assert "20 with most revenue of 5,000" in more.layout.title.text
    assert "most" not in few.layout.title.text


def test_of_many_campaigns_those_with_most_revenue_are_drawn_by_their_return() -> None:
    no_bounds = pl.DataFrame(schema={"campaign": pl.String, "roas_low": pl.Float64, "roas_high": pl.Float64})
    figure = figures.return_on_spend(many("campaign").reverse(), no_bounds)
    assert [*figure.data[0].y] == [f"n{place:02}" for place in range(SHOWN)]
    assert figure.layout.height < 1_000
    assert "20 with most revenue of 30" in figure.layout.title.text


def test_of_many_codes_the_models_say_which_are_compared() -> None:
    codes = many("qr_code_id").with_columns(model=pl.lit("linear"), qr_name="qr_code_id")
    figure = figures.model_comparison(codes, "USD")
    assert {*figure.data[1].y} == {f"n{place:02}" for place in range(SHOWN)}
    assert "20 with most revenue of 30" in figure.layout.title.text


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
    paths = pl.DataFrame({"path": [f"{name} > Flyer"], "conversions": [1.0], "revenue": [Decimal(1)]})
    node = figures.journeys(paths, "USD").data[0].node
    assert f"1. {name}" in node.customdata
    assert max(map(len, node.label)) <= LONGEST
    assert "2. Flyer" in node.label
