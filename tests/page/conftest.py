"""The tables that a page is made of, to change before it is made."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest


@pytest.fixture
def reports(results: Path) -> dict[str, pl.DataFrame]:
    """The report tables of a run on the small world, by name."""
    return {path.stem: pl.read_parquet(path) for path in sorted((results / "reports").glob("*.parquet"))}


@pytest.fixture
def ledger(results: Path) -> dict[str, Any]:
    """The ledger of the same run."""
    found: dict[str, Any] = json.loads((results / "ledger.json").read_text("utf-8"))
    return found
