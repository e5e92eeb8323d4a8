"""The downloads: the Excel workbook and the figures as images."""

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from attribution.engines import workbook as engine
from attribution.engines.workbook import workbook

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(path: Path, sheet: int) -> list[list[str]]:
    """A sheet's cells as text, read from the file itself."""
    with zipfile.ZipFile(path) as book:
        texts = ["".join(item.itertext()) for item in ET.fromstring(book.read("xl/sharedStrings.xml"))]  # noqa: S314
        rows = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml")).iter(f"{SHEET}row")  # noqa: S314
        return [[_text(cell, texts) for cell in row] for row in rows]


def _text(cell: ET.Element, texts: list[str]) -> str:
    assert cell.find(f"{SHEET}f") is None, "a formula"
    value = cell.findtext(f"{SHEET}v") or ""
    return texts[int(value)] if cell.get("t") == "s" else value


def test_every_report_is_a_sheet_with_the_same_numbers(results: Path) -> None:
    path = results / "reports" / "reports.xlsx"
    with zipfile.ZipFile(path) as book:
        names = [node.get("name") for node in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")]  # noqa: S314
    reports = {file.stem: file for file in (results / "reports").glob("*.parquet")}
    assert set(names) == {"about", *(name[:31] for name in reports)}
    place = names.index("revenue_per_qr") + 1
    report = pl.read_parquet(reports["revenue_per_qr"])
    head, *rows = cells(path, place)
    assert head == report.columns
    assert [float(row[head.index("revenue")]) for row in rows] == [float(amount) for amount in report["revenue"]]
    assert [row[0] for row in rows] == report["qr_code_id"].to_list()


def test_text_that_looks_like_a_formula_or_a_link_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    nasty = ["=1+1", "+SUM(A1)", "@cmd", "https://x.example", "-2"]
    path.write_bytes(workbook({"names": pl.DataFrame({"name": nasty})}, {"a": "=b"}))
    assert [row[0] for row in cells(path, 2)] == ["name", *nasty]


def test_a_sheet_that_is_cut_says_of_how_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_ROWS", 2)
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook({"all": pl.DataFrame({"a": [1, 2]}), "cut": pl.DataFrame({"a": [1, 2, 3]})}, {}))
    assert cells(path, 1) == [
        ["all", "2 rows"],
        ["cut", "first 2 of 3 rows; all are in the CSV and Parquet files"],
    ]
    assert len(cells(path, 3)) == 1 + 2


def test_figures_are_written_as_images(command: Callable[..., subprocess.CompletedProcess[str]], results: Path) -> None:
    done = command("figures", "--out", results, "--format", "svg")
    assert done.returncode == 0, done.stderr
    drawn = list((results / "reports" / "figures").glob("*.svg"))
    assert len(drawn) == 11
    assert all(b"<svg" in path.read_bytes()[:200] for path in drawn)
    refused = command("figures", "--out", results, "--format", "gif")
    assert refused.returncode == 2
    assert "svg, png, pdf" in refused.stderr
