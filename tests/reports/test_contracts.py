"""Every report has a contract of its own name, and keeps it."""

from pathlib import Path

import polars as pl
import pytest

from attribution.engines.closing import CLOSING
from attribution.report import NAMES
from tests.contracts import contract

REPORTS = (*NAMES, *CLOSING)


def test_a_run_writes_the_reports_that_are_listed_and_no_other(results: Path) -> None:
    assert {path.stem for path in (results / "reports").glob("*.parquet")} == {*REPORTS}


@pytest.mark.parametrize("name", REPORTS)
def test_every_value_of_a_written_report_keeps_its_contract(name: str, results: Path) -> None:
    written = pl.scan_parquet(results / "reports" / f"{name}.parquet")
    assert contract(name).checked(written).collect().columns == contract(name).columns()
