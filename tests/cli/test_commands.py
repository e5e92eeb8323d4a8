"""The command line as a stranger meets it: messages, exit codes, no traceback."""

import gzip
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from attribution import __version__
from attribution.cli import app
from attribution.cli_options import STAGES
from attribution.flow import STAGE_NAMES
from attribution.simulate import Truth
from tests.refusing import Command, refused

ROOT = Path(__file__).parents[2]


def test_run_writes_what_is_promised(command: Command, world: tuple[Path, Truth], tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("report: {notebooks: false}\n")
    done = command("run", "--raw", world[0], "--out", tmp_path / "out", "--params", params)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("What each QR code earned (model scan_session):\n")
    assert done.stdout.rstrip().endswith("index.html")
    assert done.stderr == ""
    ledger = json.loads((tmp_path / "out" / "ledger.json").read_text())
    assert ledger["balanced"]
    assert set(ledger) >= {"rows", "other", "revenue", "balanced"}
    for name in (
        "events",
        "rejects",
        "findings",
        "duplicates",
        "scan_sessions",
        "web_sessions",
        "conversions",
        "credits",
    ):
        assert (tmp_path / "out" / "tables" / f"{name}.parquet").is_file()
    for name in ("revenue_per_qr.parquet", "revenue_per_qr.csv", "index.html"):
        assert (tmp_path / "out" / "reports" / name).is_file()
    assert not list((tmp_path / "out").rglob("*.part"))


def test_events_alone_are_enough(command: Command, tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("report: {notebooks: false}\n")
    raw = tmp_path / "raw"
    raw.mkdir()
    row = {
        "event_id": "00000046-0000-4000-8000-000000000046",
        "event_time": "2026-05-13 10:00:00",
        "received_time": "2026-05-13 10:00:01",
        "site_id": "s",
        "scan_session_id": "00000046-0000-4000-8000-000000000047",
        "qr_code_id": "door",
        "event_name": "purchase",
        "source": "server",
        "conversion_value": "12.34",
        "conversion_currency": "USD",
    }
    pl.DataFrame([row]).write_csv(raw / "events.csv")
    done = command("run", "--raw", raw, "--out", tmp_path / "out", "--params", params)
    assert (done.returncode, done.stderr) == (0, "")
    assert " ".join(done.stdout.splitlines()[2].split()[:4]) == "door – 1 12.34"


def test_any_encoding_of_the_terminal_will_do(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = command("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "simulate" in done.stdout


def test_quiet_prints_nothing(command: Command, world: tuple[Path, Truth], tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("report: {notebooks: false}\n")
    done = command("run", "--raw", world[0], "--out", tmp_path / "out", "--params", params, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_empty_folder(command: Command, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    refused(command("run", "--raw", tmp_path / "raw", "--out", tmp_path / "out"), 3, "empty", "raw")


def test_no_such_folder(command: Command, tmp_path: Path) -> None:
    refused(command("run", "--raw", tmp_path / "nowhere", "--out", tmp_path / "out"), 3, "no such folder", "--raw")


def test_a_folder_of_unrelated_files(command: Command, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "notes.txt").write_text("dear diary\n")
    (raw / "photo.jpg").write_bytes(bytes(range(256)) * 9)
    (raw / "prices.csv").write_text("article,price\nA,1\n")
    done = command("run", "--raw", raw, "--out", tmp_path / "out")
    refused(done, 3, "none of its 3 file(s) holds events", "notes.txt", "photo.jpg", "prices.csv", "not recognised")


def test_events_that_lack_what_tells_them_are_told_by_what_they_have(command: Command, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "events.csv").write_text("Event_ID,event_type,ann@example.org\ne1,page_view,x\n")
    done = command("run", "--raw", raw, "--out", tmp_path / "out")
    refused(
        done, 3, "events.csv (not recognised: of an event's columns it has only event_id, event_type)", "at least 3"
    )
    assert "ann@" not in done.stderr


def test_only_a_cut_off_archive(command: Command, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    line = b'{"event_id": "0b0e8f4a-6a3c-4c1e-9a57-0d9d4f3f0001", "site_id": "s", "event_type": "page_view"}'
    (raw / "browser.ndjson.gz").write_bytes(gzip.compress(line * 400)[:-30])
    refused(
        command("run", "--raw", raw, "--out", tmp_path / "out"),
        3,
        "browser.ndjson.gz (not recognised: damaged or cut off)",
    )


def test_outside_a_project(command: Command, tmp_path: Path) -> None:
    refused(command("run", cwd=tmp_path), 2, "params.yaml", "--raw", "--out")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["run", "--raw", "x"], ["--out"]),
        (["run", "ingset", "--raw", "x", "--out", "y"], ["ingset", "ingest"]),
        (["run", "--raw", "x", "--out", "y", "--engine", "abacus"], ["abacus", "local"]),
        (["run", "--row", "x"], ["--row"]),
        (["sing"], ["sing"]),
        (["simulate", "--out", "x", "--shape", "round"], ["shape", "stored, raw"]),
        (["simulate", "--out", "x", "--defect", "rain=1"], ["rain", "resent"]),
        (["simulate", "--out", "x", "--qr-codes", "0"], ["qr-codes", "1"]),
        (["simulate", "--out", "x", "--defect", "resent=lots"], ["NAME=SHARE"]),
    ],
)
def test_wrong_usage(command: Command, tmp_path: Path, args: list[str], words: list[str]) -> None:
    refused(command(*args, cwd=tmp_path), 2, *words)


def test_version_and_help(command: Command) -> None:
    assert command("--version").stdout.split() == ["attribution", __version__]
    names = [one.callback.__name__ for one in app.registered_commands if one.callback]
    assert {"run", "simulate"} < {*names}
    for args in ([], *([name] for name in names)):
        done = command(*args, "--help")
        assert done.returncode == 0
        assert "\x1b[" not in done.stdout
    assert "Exit codes" in command("--help").stdout


def test_the_help_names_every_stage() -> None:
    assert ", ".join(STAGE_NAMES) == STAGES


def test_every_option_that_is_written_of_is_one() -> None:
    options = {option for command in app.registered_commands for option in _options(command.callback)}
    written = {
        (name, option)
        for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
        for name, rest in re.findall(r"attribution (\w+)((?: [^\n`|&;]*)?)", path.read_text("utf-8"))
        for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", rest)
    }
    assert {("run", "--raw"), ("forget", "--visitor")} < written <= options


def _options(callback: Callable[..., object] | None) -> set[tuple[str, str]]:
    assert callback
    found = set()
    for name, parameter in inspect.signature(callback).parameters.items():
        info = parameter.annotation.__metadata__[0]
        named = [word for word in (info.default, *(info.param_decls or ())) if str(word).startswith("-")]
        found |= {(callback.__name__, option) for option in named or [f"--{name.replace('_', '-')}"]}
    return found


def test_a_stage_without_the_tables_before_it(command: Command, tmp_path: Path) -> None:
    refused(command("run", "sessions", "--out", tmp_path), 3, "events.parquet", "earlier stages")


def test_simulate_then_run(command: Command, tmp_path: Path) -> None:
    done = command("simulate", "--out", tmp_path / "w", "--events", "2000", "--shape", "raw", "--compress", "gzip")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "w" / "truth.json").is_file()


def test_a_world_of_fewer_qr_codes_than_campaigns(command: Command, tmp_path: Path) -> None:
    done = command("simulate", "--out", tmp_path / "w", "--events", "2000", "--qr-codes", "2", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "w" / "qr_codes.csv").read_text().splitlines()) == 3
