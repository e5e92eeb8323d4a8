"""`attribution audit` and `attribution forget` as the auditor meets them."""

import gzip
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution import erasure
from attribution.engines import local
from attribution.engines.search import files_that_hold
from attribution.engines.store import Store
from attribution.simulate import Defects, Truth, World, simulate
from tests.conftest import QUICK

Command = Callable[..., subprocess.CompletedProcess[str]]
DEFECTS = replace(Defects.all(0), email_in_metadata=0.2, leak=0.5, denied=0.3, pending=0.1)
HASH = "b94d27b9934d3e08a52e52d7da7dabfac484efe04294e576fc583c381f2d9c5d"


@pytest.fixture
def params(tmp_path: Path) -> Path:
    path = tmp_path / "params.yaml"
    path.write_text("report: {notebooks: false}\n")
    return path


@pytest.mark.parametrize(("shape", "form"), [("stored", "parquet"), ("raw", "ndjson")])
def test_what_is_planted_crosses_the_gate_and_is_counted_not_shown(
    command: Command, tmp_path: Path, shape: str, form: str
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    planted = simulate(raw, World(seed=4, events=4_000, defects=DEFECTS), shape=shape, format=form)
    done = command("audit", "--raw", raw, "--out", out)
    assert done.returncode == 4, done.stderr
    assert "the gate is crossed" in done.stderr
    assert "email_address in metadata" in done.stdout
    assert "0 broken" in done.stdout
    trail = json.loads((out / "reports" / "audit.json").read_text())
    rows = {entry["name"]: entry["rows"] for entry in trail["gate"]}
    assert rows["leaking_rows"] == (planted.leaks if shape == "stored" else 0)
    assert rows["personal_data_rows"] == planted.planted["email_in_metadata"]
    assert (planted.leaks > 0) is (shape == "stored")
    assert ("stripped from raw payloads: properties" in done.stdout) is (shape == "raw")
    assert not [name for name in files_that_hold(out, "@example.") if not name.endswith(".part")]


def test_the_gate_is_where_the_settings_put_it(command: Command, world: tuple[Path, Truth], tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("audit: {max_leaking_rows: 100000, max_personal_data_rows: 100000}\n")
    done = command("audit", "--raw", world[0], "--out", tmp_path / "out", "--params", params)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_clean_input_passes(command: Command, tmp_path: Path) -> None:
    simulate(tmp_path / "raw", World(seed=5, events=500, defects=Defects.all(0)), format="ndjson")
    done = command("audit", "--raw", tmp_path / "raw", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr


def test_the_trail_of_a_second_run_differs_by_its_clock_only(world: tuple[Path, Truth], tmp_path: Path) -> None:
    trails = []
    for name in ("one", "two"):
        local.run(world[0], tmp_path / name, QUICK)
        trails.append(json.loads((tmp_path / name / "reports" / "audit.json").read_text()))
    clocks = [trail.pop("clock") for trail in trails]
    assert trails[0] == trails[1]
    assert clocks[0] != clocks[1]


def test_equal_values_are_counted_with_a_key_and_another_key_gives_other_fingerprints(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [
        {
            "site_id": "s",
            "event_name": "lead",
            "scan_session_id": f"aaaaaaaa-0000-4000-8000-00000000000{number}",
            "event_time": "2026-05-01T10:00:00Z",
            "properties": {"note": f"write to {address}"},
        }
        for number, address in enumerate(("ann@example.org", "ANN@example.org", "bob@example.org"))
    ]
    (raw / "server.ndjson").write_text("\n".join(map(json.dumps, rows)))
    seen = []
    for key in ("one", "two"):
        monkeypatch.setenv("ATTRIBUTION_FINGERPRINT_KEY", key)
        local.run(raw, tmp_path / key, QUICK)
        findings = pl.read_parquet(tmp_path / key / "tables" / "findings.parquet")
        prints = findings.filter(rule="email_address").sort("row_number")["fingerprint"].to_list()
        assert prints[0] == prints[1] != prints[2]
        seen.append(prints[0])
        assert pl.read_parquet(tmp_path / key / "reports" / "personal_data.parquet")["distinct_values"].to_list() == [2]
    assert seen[0] != seen[1]


@pytest.fixture
def ran(world: tuple[Path, Truth], results: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the small world and of its results, to be changed."""
    return Path(shutil.copytree(world[0], tmp_path / "raw")), Path(shutil.copytree(results, tmp_path / "out"))


def visitor_of(out: Path) -> str:
    bought = pl.read_parquet(out / "tables" / "conversions.parquet").select("person_id").drop_nulls()
    visits = pl.read_parquet(out / "tables" / "events.parquet").filter(pl.col("visitor_id").is_not_null())
    named = visits.filter(pl.col("visitor_id").is_in(bought["person_id"].implode()), pl.col("exclusion").is_null())
    return str(named.group_by("visitor_id").len().sort("len", "visitor_id")["visitor_id"][-1])


def test_a_forgotten_visitor_is_in_no_file_and_the_rest_is_as_if_they_had_never_been(
    command: Command, ran: tuple[Path, Path], params: Path, tmp_path: Path
) -> None:
    raw, out = ran
    visitor = visitor_of(out)
    assert files_that_hold(out, visitor)
    holding = files_that_hold(raw, visitor)
    done = command("forget", "--visitor", visitor.upper(), "--raw", raw, "--out", out, "--params", params)
    assert done.returncode == 0, done.stderr
    assert visitor not in (done.stdout + done.stderr).lower()
    assert files_that_hold(out, visitor) == []
    assert not (out / ".erasure-unfinished").exists()
    certificate = json.loads(next((out / "erasures").iterdir()).read_text())
    assert certificate["raw_files_searched"] == holding
    ledger = json.loads((out / "ledger.json").read_text())
    rows = certificate["tables"]["events"]
    assert ledger["balanced"]
    assert (
        ledger["rows"]["erased"] == rows["before"] - rows["after"] == sum(f["rows"] for f in certificate["raw_files"])
    )
    assert certificate["tables"]["conversions"]["before"] > certificate["tables"]["conversions"]["after"]
    _take_out(raw, certificate["raw_files"], out)
    local.run(raw, tmp_path / "anew", QUICK)
    for name in ("conversions", "credits", "touches", "web_sessions"):
        found, anew = (pl.read_parquet(folder / "tables" / f"{name}.parquet") for folder in (out, tmp_path / "anew"))
        assert_frame_equal(found, anew, check_row_order=False)


def _take_out(raw: Path, files: list[dict[str, object]], out: Path) -> None:
    """Blank the listed rows of the raw files, and the scans of scan sessions that are gone."""
    sessions = set(pl.read_parquet(out / "tables" / "scan_sessions.parquet")["scan_session_id"])
    for file in files:
        path = raw / str(file["source_file"])
        lines = gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)
        numbers = set(file["row_numbers"])  # type: ignore[call-overload]
        kept = [line for number, line in enumerate(lines, 1) if number not in numbers]
        path.write_bytes(gzip.compress("".join(kept).encode()))
    scans = raw / "scans.csv"
    head, *lines = scans.read_text().splitlines(keepends=True)
    place = head.strip().split(",").index("scan_session_id")
    scans.write_text(head + "".join(line for line in lines if line.strip().split(",")[place] in sessions))


def test_a_hash_names_a_person_too_and_nobody_is_no_error(command: Command, tmp_path: Path, params: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    simulate(raw, World(seed=5, events=2_000), shape="raw", format="ndjson")
    local.run(raw, out, QUICK)
    hashes = pl.read_parquet(out / "tables" / "events.parquet")["email_hash"].drop_nulls()
    done = command("forget", "--identifier", hashes[0], "--out", out, "--params", params)
    assert done.returncode == 0, done.stderr
    assert files_that_hold(out, hashes[0]) == []
    again = command("forget", "--identifier", hashes[0], "--out", out, "--params", params)
    assert again.returncode == 0
    assert "No row names this person" in again.stdout


def test_one_of_the_two_must_be_given(command: Command, results: Path) -> None:
    for args in ([], ["--visitor", "a", "--identifier", "b"]):
        done = command("forget", *args, "--out", results)
        assert done.returncode == 2
        assert "--visitor ID and --identifier HASH" in done.stderr


def test_an_erasure_that_was_cut_off_is_finished_by_the_next(
    command: Command, ran: tuple[Path, Path], params: Path
) -> None:
    _, out = ran
    visitor = visitor_of(out)
    store = Store(out)
    theirs = erasure.find(store.scan_all(erasure.FOUND_BY), "visitor", visitor)
    store.write_table("events", erasure.without(store.scan_all(erasure.REWRITTEN), theirs)["events"])
    (out / ".erasure-unfinished").write_text('[{"source_file": "f", "rows": 1, "row_numbers": [1]}]')
    done = command("forget", "--visitor", visitor, "--out", out, "--params", params)
    assert "still in the raw file f: 1 row(s)" in done.stdout, done.stderr
    assert files_that_hold(out, visitor) == []


def test_an_id_is_found_in_any_format_and_letter_case(tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(f"a,b\n1,{HASH.upper()}\n")
    (tmp_path / "excel.csv").write_text(f"a;b\n1;{HASH}\n", "utf-16")
    (tmp_path / "packed.gz").write_bytes(gzip.compress(b"x" * (1 << 16) + HASH.encode()))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"nothing")[:-4])
    pl.DataFrame({"n": [1], "text": [f"x{HASH}y"]}).write_parquet(tmp_path / "table.parquet")
    pl.DataFrame({"n": [1]}).write_parquet(tmp_path / "numbers.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "numbers.parquet").read_bytes()[:-9])
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("sheet.xml", "x" * 999 + HASH.upper())
    (tmp_path / "cut.zip").write_bytes((tmp_path / "book.xlsx").read_bytes()[:-9])
    found = files_that_hold(tmp_path, HASH)
    assert found == ["book.xlsx", "cut.parquet", "cut.zip", "excel.csv", "packed.gz", "plain.csv", "table.parquet"]
