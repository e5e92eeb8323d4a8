"""What a run says of how far it is."""

import io
from pathlib import Path

from rich.console import Console

from attribution.engines import progress
from attribution.engines.local import run
from attribution.flow import STAGE_NAMES
from attribution.settings import Settings
from attribution.simulate import World, simulate


def test_a_run_names_what_it_is_at(tmp_path: Path) -> None:
    said: list[tuple[int, int, str]] = []

    def report(stage: str, done: int, total: int, note: str = "") -> None:
        if stage == "stages":
            said.append((done, total, note))

    simulate(tmp_path / "raw", World(seed=3, events=200), format="csv")
    run(tmp_path / "raw", tmp_path / "out", Settings.model_validate({"report": {"notebooks": False}}), report=report)
    last = len(STAGE_NAMES) - 1
    names = [*enumerate(STAGE_NAMES), (last, "closing reports"), (last, "notebooks and pages")]
    assert said == [(place, len(STAGE_NAMES), name) for place, name in names]


def _shown(console: Console) -> None:
    with progress.shown(console) as report:
        report("ingest", 30, 60, "1,234 rows, events.csv")


def test_a_terminal_shows_stage_share_and_note() -> None:
    page = io.StringIO()
    _shown(Console(file=page, force_terminal=True, width=100, color_system=None))
    assert all(word in page.getvalue() for word in ("ingest", "50%", "1,234 rows, events.csv"))


def test_without_a_terminal_nothing_is_shown() -> None:
    page = io.StringIO()
    _shown(Console(file=page, force_terminal=False))
    assert page.getvalue() == ""
