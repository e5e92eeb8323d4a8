"""Files of which nothing is read: the run names them, and says why where it has no other."""

import gzip
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from attribution.left_aside import files_left_aside

Command = Callable[..., subprocess.CompletedProcess[str]]
EVENTS = (
    "event_id,site_id,event_type,timestamp\n00000000-0000-4000-8000-000000000001,s,page_view,2026-03-01T10:00:00Z\n"
)
PARAMS = "report: {notebooks: false, replicates: 200}\n"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder with a table of events in Parquet, packed once more."""
    folder = tmp_path / "raw"
    folder.mkdir()
    pl.read_csv(EVENTS.encode()).write_parquet(tmp_path / "b.parquet")
    (folder / "b.parquet.gz").write_bytes(gzip.compress((tmp_path / "b.parquet").read_bytes()))
    return folder


def run(command: Command, raw: Path, params: str = PARAMS) -> subprocess.CompletedProcess[str]:
    (raw.parent / "params.yaml").write_text(params)
    return command("run", "--raw", raw, "--out", raw.parent / "out", "--params", raw.parent / "params.yaml")


def test_files_that_are_not_recognised_are_named_where_the_run_is_told(command: Command, raw: Path) -> None:
    (raw / "events.csv").write_text(EVENTS)
    (raw / "notes.txt").write_text("to do <b>\n")
    (raw / "nothing.csv").write_text("")
    done, out = run(command, raw), raw.parent / "out"
    line = (
        "2 files not recognised, nothing of which was read: b.parquet.gz (Parquet in an archive: unpack it), notes.txt."
    )
    assert (done.returncode, line in done.stdout) == (0, True), done
    assert line in (out / "reports" / "index.html").read_text()
    told = pl.read_parquet(out / "tables" / "findings.parquet").select("source_file", "rule").rows()
    assert told == [
        ("notes.txt", "file_not_recognised"),
        ("nothing.csv", "file_not_recognised"),
        ("b.parquet.gz", "parquet_in_archive"),
    ]


def test_without_such_a_file_nothing_is_said() -> None:
    assert files_left_aside({}) == ""


def test_of_many_files_some_are_named() -> None:
    said = files_left_aside({"not_recognised": [f"{n}.txt" for n in range(10)]})
    assert said.startswith("10 files not recognised")
    assert "7.txt and 2 more." in said


def test_as_the_only_file_it_is_said_why(command: Command, raw: Path) -> None:
    (raw / "book.xlsx").write_bytes(b"PK\x03\x04\0\0")
    done = run(command, raw)
    assert done.returncode == 3
    assert "b.parquet.gz (not recognised: Parquet inside a gzip or zstd archive, to be unpacked first)" in done.stderr
    assert "book.xlsx (not recognised: neither text nor Parquet)" in done.stderr


@pytest.mark.parametrize(
    ("name", "why"), [("spend.xlsx", "neither text nor Parquet"), ("b.parquet.gz", "to be unpacked")]
)
def test_a_kind_that_the_settings_give_to_what_cannot_be_read_is_refused(
    command: Command, raw: Path, name: str, why: str
) -> None:
    (raw / "events.csv").write_text(EVENTS)
    (raw / "spend.xlsx").write_bytes(b"PK\x03\x04\0\0")
    done = run(command, raw, PARAMS + f'ingest: {{kinds: {{"{name}": spend}}}}\n')
    assert done.returncode == 3
    assert f"{name}: ingest.kinds" in done.stderr
    assert why in done.stderr
