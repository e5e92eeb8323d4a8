"""An address in any column, file name, broken line or input beside events is in no file that a run leaves, nor said."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest

from attribution.engines.search import files_that_hold
from attribution.schemas.events import EVENT_COLUMNS
from attribution.simulate import Defects, World, simulate
from attribution.sources.aliases import COLUMNS
from attribution.sources.aliases import EVENT_COLUMNS as RAW_COLUMNS
from tests.audit.test_commands import Command

PLANTED = "@planted.example.org"
GOOD = {
    "event_time": "2026-05-01 10:00:00",
    "site_id": "shop",
    "qr_code_id": "q1",
    "event_name": "purchase",
    "source": "server",
    "amount": "10",
    "currency": "USD",
    "consent": "granted",
}


def uuid(number: int) -> str:
    return str(UUID(int=(0xAAAA << 112) | number))


def stored(folder: Path) -> None:
    """A row for each column that an event may have, with an address in that column."""
    rows = [{**GOOD, "event_id": uuid(number), "scan_session_id": uuid(1)} for number in range(100)]
    for number, name in enumerate(RAW_COLUMNS):
        address = f"{name}{PLANTED}"
        held = json.dumps({"a": [{"b": json.dumps([address])}]}) if name in {"metadata", "properties"} else address
        rows[number] |= {"scan_session_id": uuid(100 + number), name: held}
    rows[50] |= {"properties": json.dumps({"order_id": f"order{PLANTED}"})}
    pl.DataFrame(rows, schema=dict.fromkeys(RAW_COLUMNS, pl.String)).write_csv(folder / "events.csv")


def beside(folder: Path) -> None:
    """The same for what stands beside events, in file names, and in lines that are none."""
    (folder / f"mail{PLANTED}").mkdir()
    lines = [
        json.dumps(GOOD | {"event_id": uuid(1), "scan_session_id": uuid(2)}),
        f'{{"cut": "cut{PLANTED}',
        f'["l{PLANTED}"]',
    ]
    (folder / f"mail{PLANTED}" / f"file{PLANTED}.ndjson").write_text("\n".join(lines))
    (folder / f"unknown{PLANTED}.txt").write_text("hello")
    for kind in ("scans", "qr_codes", "spend"):
        names = list(COLUMNS[kind])
        rows = [[f"{name}{PLANTED}" if name == held else _good(name) for name in names] for held in names]
        text = "\n".join(",".join(row) for row in [names, *rows])
        (folder / f"{kind}.csv").write_text(text)


def _good(name: str) -> str:
    return {
        "scan_session_id": uuid(2),
        "scanned_at": "2026-05-01 09:00:00",
        "date": "2026-05-01",
        "amount": "5",
        "cost": "5",
        "currency": "USD",
    }.get(name, "q1")


@pytest.mark.parametrize("make", [stored, beside])
def test_an_address_anywhere_in_the_input_is_nowhere_in_the_output(
    command: Command, tmp_path: Path, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, out, temporary = (tmp_path / name for name in ("raw", "out", "tmp"))
    raw.mkdir()
    temporary.mkdir()
    make(raw)
    monkeypatch.setenv("TMPDIR", str(temporary))
    params = tmp_path / "params.yaml"
    params.write_text("report: {notebooks: false}\n")
    done = command("audit", "--raw", raw, "--out", out, "--params", params)
    assert done.returncode == 4, done.stderr
    assert PLANTED not in done.stdout + done.stderr
    assert files_that_hold(out, PLANTED) == files_that_hold(temporary, PLANTED) == []
    assert json.loads((out / "ledger.json").read_text())["balanced"]


def test_each_column_that_held_an_address_is_told_and_ids_are_dropped(tmp_path: Path, command: Command) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    stored(raw)
    command("run", "ingest", "--raw", raw, "--out", out)
    found = pl.read_parquet(out / "tables" / "ingest_findings.parquet")
    paths = found.filter(pl.col("rule").str.contains("address|unusable|not_hashed"))["field_path"]
    told = {path if path in RAW_COLUMNS else path.partition(".")[0] for path in paths}
    refused = {
        "event_time",
        "received_time",
        "timestamp",
        "source",
        "amount",
        "currency",
        "consent",
        "is_duplicate",
        "is_fraud",
    }
    never_text = {"screen_width", "screen_height"}
    assert told == set(RAW_COLUMNS) - refused - never_text
    events = pl.read_parquet(out / "tables" / "events.parquet", columns=list(EVENT_COLUMNS))
    redacted = {
        name
        for name, dtype in events.schema.items()
        if dtype == pl.String and events[name].str.contains("[redacted", literal=True).any()
    }
    assert redacted == told - {
        "event_id",
        "scan_session_id",
        "web_session_id",
        "visitor_id",
        "user_id",
        "email_hash",
        "phone_hash",
        "external_id",
        "user_identifiers",
        "user_identifiers.email",
        "user_identifiers.phone",
    }
    assert events["order_id"].null_count() == events.height


def test_a_run_that_is_killed_leaves_no_address_and_the_next_sweeps_what_it_left(
    command: Command, tmp_path: Path
) -> None:
    raw, out, temporary = (tmp_path / name for name in ("raw", "out", "tmp"))
    temporary.mkdir()
    simulate(raw, World(seed=6, events=20_000, defects=replace(Defects.all(0), email_in_metadata=0.5)), format="ndjson")
    environment = {**os.environ, "TMPDIR": str(temporary)}
    quick = tmp_path / "params.yaml"
    quick.write_text("report: {notebooks: false}\n")
    arguments = ["run", "--raw", str(raw), "--out", str(out), "--params", str(quick)]
    running = subprocess.Popen(
        [sys.executable, "-m", "attribution", *arguments], env=environment, stderr=subprocess.DEVNULL
    )
    while not (begun := list(out.rglob(".*.part"))) and running.poll() is None:
        time.sleep(0.01)
    running.kill()
    running.wait()
    assert begun
    left = [path.read_bytes() for folder in (out, temporary) for path in folder.rglob("*") if path.is_file()]
    assert not any(b"@example." in content for content in left)
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    assert not list(out.rglob(".*.part"))


def test_a_run_that_fails_says_and_leaves_no_address(command: Command, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / f"mail{PLANTED}.ndjson").write_text(f'{{"event_name": "a{PLANTED}\n[1, "b{PLANTED}"')
    done = command("run", "--raw", raw, "--out", tmp_path / "out")
    assert done.returncode == 3
    assert PLANTED not in done.stdout + done.stderr
    assert files_that_hold(tmp_path / "out", PLANTED) == []
