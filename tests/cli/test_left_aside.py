"""Files of which nothing is read: the run names them, and says why where it has no other."""

import gzip
import subprocess
from pathlib import Path

import polars as pl
import pytest

from attribution.left_aside import broken_off, files_left_aside, not_recognised
from tests.refusing import Command

EVENTS = (
    "event_id,site_id,event_type,timestamp\n00000000-0000-4000-8000-000000000001,s,page_view,2026-03-01T10:00:00Z\n"
)
PARAMS = "report: {notebooks: false, replicates: 200}\n"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder, and beside it a table of events in Parquet."""
    folder = tmp_path / "raw"
    folder.mkdir()
    pl.read_csv(EVENTS.encode()).write_parquet(tmp_path / "b.parquet")
    return folder


def run(command: Command, raw: Path, params: str = PARAMS) -> subprocess.CompletedProcess[str]:
    (raw.parent / "params.yaml").write_text(params)
    return command("run", "--raw", raw, "--out", raw.parent / "out", "--params", raw.parent / "params.yaml")


def test_files_that_are_not_recognised_are_named_where_the_run_is_told(command: Command, raw: Path) -> None:
    (raw / "events.csv").write_text(EVENTS)
    (raw / "notes.txt").write_text("to do <b>\n")
    (raw / "nothing.csv").write_text("")
    (raw / "scans.csv").write_text("")
    done, out = run(command, raw, PARAMS + "ingest: {kinds: {scans.csv: scans}}\n"), raw.parent / "out"
    line = (
        "3 files not read: notes.txt, nothing.csv (empty), scans.csv (empty). "
        "To have a file read, say what it holds with ingest.kinds"
    )
    assert (done.returncode, line in done.stdout) == (0, True), done
    assert line in (out / "reports" / "index.html").read_text()
    told = pl.read_parquet(out / "tables" / "findings.parquet").select("source_file", "rule").rows()
    assert told == [
        ("notes.txt", "file_not_recognised"),
        ("nothing.csv", "file_not_recognised"),
    ]


def test_what_is_damaged_is_told_as_such_and_what_is_cut_is_named(command: Command, raw: Path) -> None:
    rows = EVENTS.splitlines(keepends=True)
    many = "".join([rows[0], *(rows[1].replace("-000000000001", f"-{place:012}") for place in range(5_000))])
    (raw / "events.csv.gz").write_bytes(gzip.compress(many.encode())[:-2_000])
    (raw / "more.csv.gz").write_bytes(gzip.compress(EVENTS.encode())[:15])
    (raw / "spend.xlsx").write_bytes(b"PK\x03\x04\0\0")
    whole = (raw.parent / "b.parquet").read_bytes()
    (raw / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    done, out = run(command, raw), raw.parent / "out"
    hint = "(damaged or cut off: copy or export it anew)"
    line = (
        f"3 files not read: cut.parquet {hint}, more.csv.gz {hint}, "
        "spend.xlsx (a workbook or a zip archive: save its sheets as CSV, or unpack it). "
        "1 file damaged or cut off, read as far as possible: events.csv.gz."
    )
    assert (done.returncode, line in done.stdout) == (0, True), done
    assert "ingest.kinds" not in done.stdout
    assert line in (out / "reports" / "index.html").read_text()
    told = pl.read_parquet(out / "tables" / "findings.parquet").filter(pl.col("row_number").is_null())
    assert told.select("source_file", "rule").rows() == [
        ("cut.parquet", "file_damaged"),
        ("more.csv.gz", "file_damaged"),
        ("spend.xlsx", "workbook_or_zip"),
    ]


def test_every_file_is_named_of_which_a_part_is_lost() -> None:
    rows = [
        ("b.parquet", "unreadable_rows"),
        ("a.gz", "unreadable_rest"),
        ("b.parquet", "unreadable_rows"),
        ("c", "amount_wrong"),
    ]
    assert broken_off(pl.LazyFrame(rows, ["source_file", "reason"], orient="row")) == ["a.gz", "b.parquet"]


def test_without_such_a_file_nothing_is_said() -> None:
    assert files_left_aside({}) == ""


def test_what_to_do_with_a_file_is_said_where_it_is_known() -> None:
    rows = [
        ("a.parquet.gz", "packed_parquet", 9),
        ("b.gz", "damaged", 9),
        ("c.txt", "delimited", 9),
        ("d", "unknown", 0),
        ("e.xlsx", "zip", 9),
    ]
    sources = pl.LazyFrame(rows, ["source_file", "format", "bytes"], orient="row").with_columns(kind=pl.lit(""))
    assert not_recognised(sources) == [
        "a.parquet.gz (a large Parquet file in an archive: unpack it)",
        "b.gz (damaged or cut off: copy or export it anew)",
        "c.txt",
        "d (empty)",
        "e.xlsx (a workbook or a zip archive: save its sheets as CSV, or unpack it)",
    ]
    assert "ingest.kinds" not in files_left_aside({"not_recognised": ["d (empty)"]})


def test_of_many_files_some_are_named() -> None:
    said = files_left_aside({"not_recognised": [f"{n}.txt" for n in range(10)]})
    assert said.startswith("10 files not read: ")
    assert "7.txt and 2 more." in said


def test_as_the_only_file_it_is_said_why(command: Command, raw: Path) -> None:
    (raw / "book.xlsx").write_bytes(b"PK\x03\x04\0\0")
    (raw / "b.parquet.gz").write_bytes(gzip.compress((raw.parent / "b.parquet").read_bytes())[:-20])
    done = run(command, raw)
    assert done.returncode == 3
    assert "b.parquet.gz (not recognised: damaged or cut off)" in done.stderr
    assert "book.xlsx (not recognised: a workbook or a zip archive)" in done.stderr


@pytest.mark.parametrize(
    ("name", "why"), [("spend.xlsx", "a workbook or a zip archive"), ("b.parquet", "damaged or cut off")]
)
def test_a_kind_that_the_settings_give_to_what_cannot_be_read_is_refused(
    command: Command, raw: Path, name: str, why: str
) -> None:
    (raw / "events.csv").write_text(EVENTS)
    (raw / "spend.xlsx").write_bytes(b"PK\x03\x04\0\0")
    (raw / "b.parquet").write_bytes(b"PAR1 and no more")
    done = run(command, raw, PARAMS + f'ingest: {{kinds: {{"{name}": spend}}}}\n')
    assert done.returncode == 3
    assert f"{name}: ingest.kinds" in done.stderr
    assert why in done.stderr
