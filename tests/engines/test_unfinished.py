"""Nobody reads tables of two runs as if they were of one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from attribution.command_figures import figures_command
from attribution.command_forget import forget_command
from attribution.command_reconcile import reconcile_command
from attribution.command_report import report_command
from attribution.engines import local, made_with
from attribution.engines.lock import locked
from attribution.engines.store import Store
from attribution.errors import InputError, UsageError
from attribution.flow import STAGE_NAMES
from tests.engines.rerun import SETTINGS, made

READERS: dict[str, Callable[[Path], object]] = {
    "forget": lambda out: forget_command("v", None, None, None, out, None, quiet=True),
    "report": lambda out: report_command(
        "last-week", None, out, None, runs=False, today=None, keep=None, as_json=False, quiet=True
    ),
    "reconcile": lambda out: reconcile_command(out / "none.json", out, None, quiet=True),
    "figures": lambda out: figures_command(out, None, "svg", quiet=True),
}


def cut_off(folder: Path, after: str) -> None:
    """A run into the folder that is stopped when this stage is done."""

    def stop(name: str) -> None:
        if name == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        local.run(folder / "raw", folder / "out", SETTINGS, done=stop)


@pytest.mark.parametrize("name", READERS)
def test_tables_of_a_run_that_did_not_end_are_not_read(folder: Path, name: str) -> None:
    (folder / "raw" / "note.csv").write_text("article,price\nA,1\n")
    cut_off(folder, "ingest")
    with pytest.raises(InputError, match="did not end"):
        READERS[name](folder / "out")


@pytest.mark.parametrize("fails", ["nothing to read", "half written"])
def test_a_run_that_fails_spoils_the_tables_only_where_it_has_written_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    (folder / "junk").mkdir()
    (folder / "junk" / "note.csv").write_text("article,price\nA,1\n")
    others = SETTINGS.model_copy(update={"report": SETTINGS.report.model_copy(update={"currency": "EUR"})})
    if fails == "half written":

        def half(_: Path, store: Store, *__: object) -> None:
            store.write_table("events", store.scan("events").head(1))
            raise InputError(fails)

        monkeypatch.setattr(local, "ingest_files", half)
    with pytest.raises(InputError):
        local.run(folder / "junk", folder / "out", others, runner=local.Runner(local.ingest_files))
    assert (folder / "out" / ".unfinished").exists() == (fails == "half written")
    kept = made_with.kept(folder / "out")
    assert (kept and kept.report.currency) == (None if fails == "half written" else SETTINGS.report.currency)


@pytest.mark.parametrize("name", READERS)
def test_tables_that_a_run_is_writing_are_not_read(folder: Path, name: str) -> None:
    with locked(folder / "out"), pytest.raises(UsageError, match="another run is writing"):
        READERS[name](folder / "out")


def test_a_run_that_ends_makes_good_for_one_that_did_not(folder: Path) -> None:
    (folder / "raw" / "note.csv").write_text("article,price\nA,1\n")
    cut_off(folder, "sessions")
    made(folder, SETTINGS)
    assert not (folder / "out" / ".unfinished").exists()


@pytest.mark.parametrize(
    ("change", "is_marked"),
    [(lambda _: None, False), (lambda raw: (raw / "note.csv").write_text("article,price\nA,1\n"), True)],
    ids=["the same tables", "another file"],
)
def test_ingest_alone_needs_no_other_stage_where_it_writes_what_is_there(
    folder: Path, change: Callable[[Path], object], is_marked: bool
) -> None:
    change(folder / "raw")
    for _ in range(2):
        local.run(folder / "raw", folder / "out", SETTINGS, stages=("ingest",))
        assert (folder / "out" / ".unfinished").exists() == is_marked


@pytest.mark.parametrize("stages", [("audit",), ("ingest", "audit")])
def test_single_stages_do_not_make_good_for_a_run_that_did_not_end(folder: Path, stages: tuple[str, ...]) -> None:
    (folder / "raw" / "note.csv").write_text("article,price\nA,1\n")
    cut_off(folder, "ingest")
    for name in stages:
        local.run(folder / "raw", folder / "out", SETTINGS, stages=(name,))
    assert (folder / "out" / ".unfinished").exists()


def test_stages_asked_for_one_by_one_make_good_for_each_other(folder: Path) -> None:
    (folder / "raw" / "note.csv").write_text("article,price\nA,1\n")
    for name in STAGE_NAMES:
        local.run(folder / "raw", folder / "out", SETTINGS, stages=(name,))
        assert (folder / "out" / ".unfinished").exists() == (name != "audit")
