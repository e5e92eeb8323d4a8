"""Files are parsed while others are still being hashed, and what was made under a wrong id is made again."""

import shutil
import threading
from pathlib import Path

import polars as pl
import pytest

from attribution.engines import ingest_files, input_files
from attribution.engines.input_files import Source
from attribution.engines.judging import Account, Judged, book, judge
from attribution.engines.local import run
from attribution.engines.parsed import FOLDER, ROWS
from attribution.engines.store import Store
from attribution.privacy import Options
from attribution.row_ids import ROW_BITS
from attribution.settings import Settings
from attribution.simulate import World, simulate
from attribution.sources.batch import Task
from attribution.sources.files import content_hash


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    simulate(tmp_path / "world", World(seed=4, events=400))
    folder = tmp_path / "raw"
    folder.mkdir()
    shutil.copy(min((tmp_path / "world").glob("events*")), folder / "events-a.parquet")
    return folder


def test_a_file_is_parsed_before_the_next_is_hashed(tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = raw / "events-b.parquet"
    pl.read_parquet(raw / "events-a.parquet").head(20).write_parquet(later)
    is_made, in_time = threading.Event(), []

    def hashed(path: Path) -> str:
        if path == later:
            in_time.append(is_made.wait(timeout=60))
        return content_hash(path)

    def report(stage: str, done: int, total: int, note: str = "") -> None:
        assert done <= total, stage
        if list((tmp_path / "out" / FOLDER).glob(f"*/{ROWS}")):
            is_made.set()
        said.append(note)

    said: list[str] = []
    monkeypatch.setattr(input_files, "content_hash", hashed)
    run(raw, tmp_path / "out", Settings(), stages=("ingest",), report=report)
    assert in_time == [True]
    assert "events-a.parquet" in said
    assert said[-1] == "events-b.parquet"


@pytest.fixture
def two(raw: Path) -> Path:
    pl.read_parquet(raw / "events-a.parquet").head(20).write_parquet(raw / "events-b.parquet")
    return raw


def test_a_file_is_begun_when_the_last_rows_of_the_one_before_are_in_work(
    tmp_path: Path, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_begun, in_time = threading.Event(), []

    def judged(task: Task, source: Source, settings: Settings, options: Options) -> Judged:
        if source.file.name == "events-b.parquet":
            is_begun.set()
        return judge(task, source, settings, options)

    def booked(source: Source, rows: Judged, account: Account) -> None:
        if source.file.name == "events-a.parquet":
            in_time.append(is_begun.wait(timeout=30))
        book(source, rows, account)

    monkeypatch.setattr(ingest_files, "judge", judged)
    monkeypatch.setattr(ingest_files, "book", booked)
    run(two, tmp_path / "out", Settings(), stages=("ingest",))
    assert in_time == [True]
    monkeypatch.undo()
    run(two, tmp_path / "free", Settings(), stages=("ingest",))
    held_up, free = (Store(tmp_path / name).scan("events").collect() for name in ("out", "free"))
    assert held_up.equals(free)


@pytest.mark.parametrize("name", ["events-a.parquet", "events-b.parquet"])
def test_what_goes_wrong_in_one_of_the_files_in_work_is_raised(
    name: str, tmp_path: Path, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def booked(source: Source, rows: Judged, account: Account) -> None:
        if source.file.name == name:
            tried.append(name)
            raise OSError(28, "No space left on device")
        book(source, rows, account)

    tried: list[str] = []
    monkeypatch.setattr(ingest_files, "book", booked)
    with pytest.raises(Exception, match="No space left"):
        run(two, tmp_path / "out", Settings(), stages=("ingest",))
    assert tried == [name], "it is not tried again"
    assert len(list((tmp_path / "out" / FOLDER).glob(f"[!.]*/{ROWS}"))) == 1


def test_files_of_the_same_content_have_an_id_and_a_part_each(tmp_path: Path, raw: Path) -> None:
    run(raw, tmp_path / "once", Settings(), stages=("ingest",))
    shutil.copy(raw / "events-a.parquet", raw / "events-0.parquet")
    run(raw, tmp_path / "twice", Settings(), stages=("ingest",))
    once, twice = (Store(tmp_path / name).scan("events").collect() for name in ("once", "twice"))
    assert twice.height == 2 * once.height > 200
    ids = twice.select((pl.col("row_id") // 2**ROW_BITS).unique()).to_series().sort().to_list()
    sources = Store(tmp_path / "twice").scan("sources").collect().sort("source_id")
    assert sources["source_id"].to_list() == ids
    assert ids[1] == ids[0] + 1
    assert sources["rows_read"].n_unique() == 1
    assert len(list((tmp_path / "twice" / FOLDER).glob(f"*/{ROWS}"))) == 2
