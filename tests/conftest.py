"""Fixtures shared by all tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright

from attribution.engines import local
from attribution.settings import Report, Settings
from attribution.simulate import Defects, Truth, World, simulate
from tests.refusing import Command

os.environ.setdefault("POLARS_MAX_THREADS", "2")
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).parent.parent
QUICK = Settings(report=Report(notebooks=False))
"""Settings without the notebooks, whose execution takes seconds."""


@pytest.fixture(scope="session")
def command() -> Command:
    """Runs the `attribution` command as a user does."""

    def run(*args: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "attribution", *map(str, args)],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120"},
        )

    return run


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """A small stored world with every defect, and its truth."""
    folder = tmp_path_factory.mktemp("world")
    truth = simulate(folder, World(seed=3, events=6_000, defects=Defects.all(0.05)), format="csv", compress="gzip")
    return folder, truth


@pytest.fixture(scope="session")
def results(world: tuple[Path, Truth], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of a run on the small world."""
    out = tmp_path_factory.mktemp("results")
    local.run(world[0], out, QUICK)
    return out


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    with sync_playwright() as playwright:
        yield (chromium := playwright.chromium.launch(executable_path=found, args=["--disable-gpu"]))
        chromium.close()
