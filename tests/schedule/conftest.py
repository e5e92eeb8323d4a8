"""Fixtures of scheduled reports."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def out(results: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results, tmp_path / "out"))


@pytest.fixture
def params(tmp_path: Path) -> Path:
    path = tmp_path / "params.yaml"
    path.write_text("report: {notebooks: false}\n")
    return path
