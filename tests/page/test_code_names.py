"""What QR codes are called on the page: those of one name are told apart by their ids."""

from typing import Any

import polars as pl
import pytest

from attribution import page
from attribution.code_names import expr_called, told_apart
from attribution.figures.drawn import every_figure
from tests.conftest import QUICK

Reports = dict[str, pl.DataFrame]


def named(*rows: tuple[str, str | None]) -> Reports:
    codes = pl.DataFrame(rows, schema={"qr_code_id": pl.String, "qr_name": pl.String}, orient="row")
    return {"revenue_per_qr": codes, "model_comparison": codes.reverse(), "funnel": pl.DataFrame({"step": ["scan"]})}


@pytest.mark.parametrize(
    ("rows", "called"),
    [
        ([("a", "Flyer"), ("b", "Flyer"), ("c", "Door")], ["Flyer (a)", "Flyer (b)", "Door"]),
        ([("a", "Flyer"), ("b", "flyer"), ("c", None), ("d", None)], ["Flyer", "flyer", None, None]),
        ([("a", "b"), ("b", None)], ["b (a)", None]),
    ],
)
def test_a_name_that_several_codes_have_is_followed_by_the_id(
    rows: list[tuple[str, str | None]], called: list[str | None]
) -> None:
    found = told_apart(named(*rows))
    assert found["revenue_per_qr"]["qr_name"].to_list() == called
    assert found["model_comparison"]["qr_name"].to_list() == called[::-1]
    assert found["funnel"].columns == ["step"]


def test_a_code_without_a_name_is_called_by_its_id_once() -> None:
    codes = named(("a", "b"), ("b", None))["revenue_per_qr"]
    called = codes.select(expr_called(pl.coalesce("qr_name", "qr_code_id"), "qr_name")).to_series()
    assert called.to_list() == ["b (a)", "b"]


def test_the_page_tells_them_apart_in_tables_figures_and_the_filter(reports: Reports, ledger: dict[str, Any]) -> None:
    first, second = reports["revenue_per_qr"]["qr_code_id"].head(2)
    known = pl.col("qr_code_id").is_in([first, second])
    alike = {
        name: rows.with_columns(qr_name=pl.when(known).then(pl.lit("Flyer")).otherwise("qr_name"))
        if {"qr_code_id", "qr_name"} <= {*rows.columns}
        else rows
        for name, rows in reports.items()
    }
    drawn = every_figure(told_apart(alike), QUICK)
    for figure in ("revenue_per_qr", "model_comparison"):
        assert f"Flyer ({first})" in drawn[figure].to_json()
    content = page.page(alike, ledger, QUICK)
    for code in (first, second):
        assert content.count(f"Flyer ({code})") > 5
    assert "<div>Flyer</div>" not in content
