"""A real browser, and the tables that a page is made of, to change before it is made."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    with sync_playwright() as playwright:
        yield (chromium := playwright.chromium.launch(executable_path=found, args=["--disable-gpu"]))
        chromium.close()


@pytest.fixture
def reports(results: Path) -> dict[str, pl.DataFrame]:
    """The report tables of a run on the small world, by name."""
    return {path.stem: pl.read_parquet(path) for path in sorted((results / "reports").glob("*.parquet"))}


@pytest.fixture
def ledger(results: Path) -> dict[str, Any]:
    """The ledger of the same run."""
    found: dict[str, Any] = json.loads((results / "ledger.json").read_text("utf-8"))
    return found
