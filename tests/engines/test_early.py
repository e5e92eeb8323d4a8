"""Files are parsed while others are still being hashed, and what was made under a wrong id is made again."""

import shutil
import threading
from pathlib import Path

import polars as pl
import pytest

from attribution.engines import input_files
from attribution.engines.local import run
from attribution.engines.parsed import FOLDER, ROWS
from attribution.engines.store import Store
from attribution.ingest import ROW_BITS
from attribution.settings import Settings
from attribution.simulate import World, simulate
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
