"""Figures of tables as they can be: names that look like dates, drawn in a real browser."""

from collections.abc import Callable
from pathlib import Path

import plotly.graph_objects as go
import polars as pl
import pytest
from playwright.sync_api import Browser

from attribution import figures
from attribution.figures.drawn import Reports
from attribution.page.parts import drawn
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
    path.write_text(drawn(shown, with_library=True), "utf-8")
    page, faults = opened(browser, path)
    labels = [text.partition("  ")[0] for text in page.locator(".ytick text").all_text_contents()]
    assert LIKE_A_DATE in labels
    assert len(labels) == len({name for trace in shown.data for name in trace.y if name is not None})
    assert faults == []
