"""A run that would make again what is there is left out, and whatever could change that is noticed."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from attribution.engines import code, local, run, unchanged
from attribution.errors import GateError
from attribution.settings import Settings
from attribution.simulate import World, simulate

SETTINGS = Settings.model_validate({"report": {"notebooks": False, "replicates": 200}})


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `raw` and `out`, run once."""
    folder = tmp_path_factory.mktemp("ran")
    simulate(folder / "raw", World(seed=3, events=400), format="csv")
    run.run(folder / "raw", folder / "out", SETTINGS)
    return folder


@pytest.fixture
def folder(ran: Path, tmp_path: Path) -> Path:
    """A copy of it, times and all."""
    shutil.copytree(ran, tmp_path / "copy")
    return tmp_path / "copy"


def runs_again(folder: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings = SETTINGS, raw: str = "raw") -> bool:
    """Whether a run now runs anything; it is stopped before it does."""
    began, told = [], []
    monkeypatch.setattr(local, "run", lambda *_, **__: began.append(True) or {})
    monkeypatch.setattr(run, "note", lambda *_: None)
    ledger = run.run(folder / raw, folder / "out", settings, unchanged=lambda: told.append(True))
    assert bool(began) != bool(told)
    assert bool(ledger.get("balanced")) == bool(told)
    return bool(began)


def test_the_same_again_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not runs_again(folder, monkeypatch)


ASKED_FOR = ("reconciliation.csv", "reconciliation.parquet", "figures/funnel.svg")


def asked_for(folder: Path) -> list[str]:
    return [name for name in ASKED_FOR if (folder / "out" / "reports" / name).exists()]


def test_what_was_asked_for_since_is_no_part_of_a_run_and_goes_with_its_results(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ASKED_FOR:
        path = folder / "out" / "reports" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    with monkeypatch.context() as patched:
        assert not runs_again(folder, patched)
    (folder / "raw" / "note.csv").write_text("article,price\nA,1\n")
    local.run(folder / "raw", folder / "out", SETTINGS)
    assert asked_for(folder) == []


def test_what_was_asked_for_of_these_results_stays(folder: Path) -> None:
    for name in ASKED_FOR:
        path = folder / "out" / "reports" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    local.run(folder / "raw", folder / "out", SETTINGS)
    assert asked_for(folder) == [*ASKED_FOR]


def test_what_runs_stages_is_not_even_imported(folder: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from attribution.engines.run import run
from attribution.settings import Settings
run(Path("raw"), Path("out"), Settings.model_validate({SETTINGS.model_dump(mode="json", exclude_defaults=True)}))
sys.exit("pandera" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


@pytest.mark.parametrize("listed", ["notebook_files", "page_parts"])
def test_another_notebook_or_another_part_of_the_page_is_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listed: str
) -> None:
    (tmp_path / "other").write_text("another one")
    monkeypatch.setattr(unchanged, listed, lambda: [tmp_path / "other"])
    assert runs_again(folder, monkeypatch)


def test_what_pages_are_made_with_is_known() -> None:
    names = {path.name for path in code.page_parts()}
    assert names >= {"style.css", "page.js", "report.html", "words.html"}
    assert "report_page.py" not in names


def test_the_same_files_in_another_place_are_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "raw").rename(folder / "elsewhere")
    assert not runs_again(folder, monkeypatch, raw="elsewhere")


def other_bytes(folder: Path) -> None:
    path = folder / "raw" / "spend.csv"
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))


def swapped(folder: Path) -> None:
    """Two files of events exchange their names: no size changes."""
    first, second = sorted((folder / "raw").glob("events*"))[:2]
    spare = first.with_suffix(".spare")
    first.rename(spare)
    second.rename(first)
    spare.rename(second)


def touched(folder: Path) -> None:
    path = folder / "out" / "tables" / "credits.parquet"
    path.write_bytes(path.read_bytes())


CHANGES: dict[str, Callable[[Path], object]] = {
    "other bytes of the same size": other_bytes,
    "another name": lambda folder: (folder / "raw" / "spend.csv").rename(folder / "raw" / "spent.csv"),
    "names exchanged": swapped,
    "a file more": lambda folder: (folder / "raw" / "more.csv").write_text("x\n"),
    "a file less": lambda folder: (folder / "raw" / "spend.csv").unlink(),
    "a table written again": touched,
    "a report gone": lambda folder: (folder / "out" / "reports" / "index.html").unlink(),
    "a file more among the reports": lambda folder: (folder / "out" / "reports" / "own.txt").touch(),
    "no ledger": lambda folder: (folder / "out" / "ledger.json").unlink(),
    "half a note": lambda folder: (folder / "out" / unchanged.NOTE).write_text('{"made_from": "'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_on_disk_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    CHANGES[change](folder)
    assert runs_again(folder, monkeypatch)


@pytest.mark.parametrize("name", ["code_digest", "installed"])
def test_other_code_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(unchanged, name, list)
    assert runs_again(folder, monkeypatch)


def test_another_setting_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Settings.model_validate({"report": {"notebooks": False, "replicates": 201}})
    assert runs_again(folder, monkeypatch, other)


def test_another_fingerprint_key_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTRIBUTION_FINGERPRINT_KEY", "another")
    assert runs_again(folder, monkeypatch)


def test_a_single_stage_and_a_run_that_fails_leave_no_note(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run.run(None, folder / "out", SETTINGS, stages=("journeys",))
    assert not (folder / "out" / unchanged.NOTE).exists()

    def failing(*_: object, **__: object) -> None:
        raise GateError("")

    monkeypatch.setattr(local, "run", failing)
    with pytest.raises(GateError):
        run.run(folder / "raw", folder / "out", SETTINGS)
    assert not (folder / "out" / unchanged.NOTE).exists()
