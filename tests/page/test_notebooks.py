"""Notebooks executed into pages, without a browser."""

import os
import time
from pathlib import Path

import pytest

from attribution import notebooks
from attribution.errors import AttributionError

HEAD = "# %% tags=['parameters']\nout = 'somewhere else'\n\n# %%\n"


def _notebook(folder: Path, name: str, code: str) -> Path:
    path = folder / f"{name}.py"
    path.write_text(HEAD + code, "utf-8")
    return path


def test_pages_come_in_the_order_of_the_notebooks(tmp_path: Path) -> None:
    slow = _notebook(tmp_path, "slow", "import time\ntime.sleep(0.5)\nprint('slow', 'one', out)\n")
    quick = _notebook(tmp_path, "quick", "print('quick', 'one', out)\n")
    pages = list(notebooks.execute([slow, quick], tmp_path))
    assert [f"{name} one {tmp_path}" in page for name, page in zip(["slow", "quick"], pages, strict=True)] == [
        True,
        True,
    ]


def test_notebooks_share_nothing(tmp_path: Path) -> None:
    names = ["one", "two", "three"]
    code = "assert 'seen' not in globals()\nseen = 1\nimport os\nprint(os.environ['PLOTLY_RENDERER'])\n"
    before = dict(os.environ)
    pages = list(notebooks.execute([_notebook(tmp_path, name, code) for name in names], tmp_path))
    assert ["plotly_mimetype" in page for page in pages] == [True] * 3
    assert dict(os.environ) == before


def test_a_failed_cell_names_its_notebook_and_no_value(tmp_path: Path) -> None:
    sound = _notebook(tmp_path, "sound", "print(1)\n")
    broken = _notebook(tmp_path, "broken", "raise ValueError('jane@example.com')\n")
    with pytest.raises(AttributionError, match=r"broken\.py: a cell failed with ValueError") as failure:
        list(notebooks.execute([sound, broken], tmp_path))
    assert "jane" not in str(failure.value)


def test_a_process_that_ends_by_itself_is_told_as_such(tmp_path: Path) -> None:
    gone = _notebook(tmp_path, "gone", "import os\nos._exit(1)\n")
    with pytest.raises(AttributionError, match=r"gone\.py: its process ended"):
        list(notebooks.execute([gone], tmp_path))


def test_who_stops_waiting_stops_the_notebooks(tmp_path: Path) -> None:
    quick = _notebook(tmp_path, "quick", "print(1)\n")
    slow = _notebook(
        tmp_path,
        "slow",
        f"import pathlib, os, time\npathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\ntime.sleep(500)\n",
    )
    pages = notebooks.execute([quick, slow], tmp_path)
    next(pages)
    while not (tmp_path / "pid").is_file() or not (tmp_path / "pid").read_text():
        time.sleep(0.05)
    began = time.monotonic()
    pages.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 60
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
