"""Fixtures of runs that are made again."""

import shutil
from pathlib import Path

import pytest

from attribution.engines import closing
from attribution.simulate import Defects, World, simulate
from tests.engines.rerun import SETTINGS, made


@pytest.fixture(scope="session")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `raw` and `out`, run once."""
    folder = tmp_path_factory.mktemp("ran")
    simulate(folder / "raw", World(seed=3, events=800, defects=Defects.all(0.05)), format="csv")
    made(folder, SETTINGS)
    return folder


@pytest.fixture
def folder(run_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, times and all. Runs into it make no pages and no workbook, which take most of the time here."""
    monkeypatch.setattr(closing.page, "page", lambda *_: "")
    monkeypatch.setattr(closing.page, "audit_page", lambda *_: "")
    monkeypatch.setattr(closing, "workbook", lambda *_: b"")
    shutil.copytree(run_once, tmp_path / "copy")
    return tmp_path / "copy"
