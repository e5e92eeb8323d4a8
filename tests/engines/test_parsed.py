"""Only what is new or changed is read again, and the tables are those of a run from nothing."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from attribution.engines import ingest_files, parsed
from attribution.engines.input_files import Source
from attribution.engines.judging import Account
from attribution.engines.local import run
from attribution.engines.lock import locked
from attribution.engines.store import Store
from attribution.errors import InputError
from attribution.settings import Ingest, Settings
from attribution.simulate import World, simulate
from benchmarks.written import differing

QUIET = Settings()
TABLES = ("ingest", "deduplicate", "people", "sessions", "conversions", "journeys", "attribute")


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A world's files; its events by day, in one file a day."""
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, World(seed=5, events=3000, days=6), shape="stored", format="csv")
    files = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith("events")}
    header, *lines = b"".join(
        data if not number else data.split(b"\n", 1)[1]
        for number, data in enumerate(path.read_bytes() for path in sorted(folder.glob("events*")))
    ).splitlines(keepends=True)
    for number in range(6):
        files[f"events-{number}.csv"] = header + b"".join(lines[number::6])
    return files


@pytest.fixture
def raw(tmp_path: Path, days: dict[str, bytes]) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, data in days.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose rows are read."""
    names: list[str] = []
    readers = ingest_files.read_batches

    def noting(file):  # noqa: ANN001, ANN202
        names.append(file.name)
        return readers(file)

    monkeypatch.setattr(ingest_files, "read_batches", noting)
    return names


def tables(raw: Path, out: Path, settings: Settings = QUIET) -> Path:
    run(raw, out, settings, stages=TABLES)
    return out


def test_a_new_day_is_read_alone_and_gives_what_a_run_from_nothing_gives(
    tmp_path: Path, raw: Path, read: list[str], days: dict[str, bytes]
) -> None:
    (raw / "events-5.csv").unlink()
    out = tables(raw, tmp_path / "out")
    read.clear()
    (raw / "events-5.csv").write_bytes(days["events-5.csv"])
    tables(raw, out)
    assert read == ["events-5.csv"]
    whole = tables(raw, tmp_path / "whole")
    assert differing_tables(out, whole) == []


def test_a_changed_a_late_and_a_removed_file_are_noticed(tmp_path: Path, raw: Path, read: list[str]) -> None:
    out = tables(raw, tmp_path / "out")
    read.clear()
    changed = raw / "events-2.csv"
    changed.write_bytes(b"".join(changed.read_bytes().splitlines(keepends=True)[:-20]))
    (raw / "events-3.csv").unlink()
    tables(raw, out)
    assert read == ["events-2.csv"]
    assert differing_tables(out, tables(raw, tmp_path / "whole")) == []
    beside = sum(not path.name.startswith("events") for path in raw.iterdir())
    assert len(list((out / parsed.FOLDER).iterdir())) == 5 + beside - 1


@pytest.mark.parametrize(
    "changed", [{"exclude": ["fraud"]}, {"phone_regions": ["FR"]}, {"aliases": {"city": "placement"}}]
)
def test_another_setting_of_ingest_reads_everything_again(
    tmp_path: Path, raw: Path, read: list[str], changed: dict
) -> None:
    out = tables(raw, tmp_path / "out")
    read.clear()
    tables(raw, out, QUIET.model_copy(update={"ingest": Ingest(**changed)}))
    assert len(read) == 6


def test_other_code_reads_everything_again(
    tmp_path: Path, raw: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tables(raw, tmp_path / "out")
    read.clear()
    monkeypatch.setattr(parsed, "code_and_key", lambda _: "another")
    tables(raw, out)
    assert len(read) == 6


def test_a_run_that_was_cut_off_goes_on_where_it_was(
    tmp_path: Path, raw: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = ingest_files.judge

    def failing(task, source, *rest):  # noqa: ANN001, ANN002, ANN202
        if source.file.name == "events-4.csv":
            raise KeyboardInterrupt
        return judge(task, source, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(ingest_files, "judge", failing)
        with pytest.raises(KeyboardInterrupt):
            tables(raw, tmp_path / "out")
    read.clear()
    out = tables(raw, tmp_path / "out")
    assert read in (["events-4.csv"], ["events-4.csv", "events-5.csv"]), "the next file may have been in work as well"
    assert differing_tables(out, tables(raw, tmp_path / "whole")) == []


def test_nothing_is_kept_where_that_is_not_wanted(tmp_path: Path, raw: Path) -> None:
    out = tables(raw, tmp_path / "out", QUIET.model_copy(update={"ingest": Ingest(keep_parsed=False)}))
    assert not (out / parsed.FOLDER).exists()
    assert Store(out).scan("events").select(pl.len()).collect().item() > 0


def differing_tables(one: Path, other: Path) -> list[str]:
    for folder in (one, other):
        (folder / "ledger.json").write_text("{}")
    return differing(one, other)


@pytest.mark.parametrize("lost", ["counts.json", "rows.parquet"])
def test_a_part_whose_removal_broke_off_is_made_again(
    raw: Path, tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    out = tables(raw, tmp_path / "out")

    def broken_off(folder: Path, *, ignore_errors: bool) -> None:  # noqa: ARG001
        (next(folder.rglob(lost)) if folder.exists() else tmp_path / "gone").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(parsed.shutil, "rmtree", broken_off)
        with pytest.raises(KeyboardInterrupt):
            parsed.forget_parsed(Store(out))
    read.clear()
    tables(raw, out)
    assert len(read) == 6
    assert differing_tables(out, tables(raw, tmp_path / "whole")) == []


def test_a_part_without_its_counts_is_made_again(raw: Path, tmp_path: Path, read: list[str]) -> None:
    out = tables(raw, tmp_path / "out")
    next((out / ".parsed").rglob("counts.json")).unlink()
    read.clear()
    tables(raw, out)
    assert len(read) <= 1


def test_results_among_the_exports_are_none_of_them(raw: Path, tmp_path: Path) -> None:
    whole = tables(raw, tmp_path / "whole")
    out = raw / "deep" / "out"
    for _ in range(2):
        with locked(out, create=True):
            tables(raw, out)
        assert differing_tables(out, whole) == []


@pytest.mark.parametrize(
    "happens",
    [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes() + b"more\n")],
    ids=["gone", "grown"],
)
@pytest.mark.parametrize("name", ["events-3.csv", "scans.csv"])
def test_a_file_that_changes_while_it_is_read_is_told_and_nothing_of_it_kept(
    raw: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[Path], None],
    name: str,
) -> None:
    stages, made = parsed.Parsed._write, []

    def disturbed(source: Source, staged: Path, write: Callable[[Path, Account], None]) -> None:
        made.append(staged)
        if source.file.name == name:
            happens(source.file.path)
        stages(source, staged, write)

    monkeypatch.setattr(parsed.Parsed, "_write", staticmethod(disturbed))
    with pytest.raises(InputError, match=rf"{name}: changed while it was read"):
        tables(raw, tmp_path / "out")
    kept = {path.name for path in (tmp_path / "out" / parsed.FOLDER).iterdir() if not path.name.startswith(".")}
    assert len(made) > len(kept)


def test_an_output_folder_may_have_any_name(raw: Path, tmp_path: Path) -> None:
    out = tables(raw, tmp_path / "[2026] a*b?")
    assert differing_tables(out, tables(raw, tmp_path / "whole")) == []
