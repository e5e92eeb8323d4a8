"""`attribution audit` as the auditor meets it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from attribution.engines import local
from attribution.engines.search import files_that_hold
from attribution.settings import Settings
from attribution.simulate import Defects, Truth, World, simulate
from attribution.trail import trail
from tests.conftest import QUICK
from tests.refusing import Command

DEFECTS = replace(Defects.all(0), email_in_metadata=0.2, leak=0.5, denied=0.3, pending=0.1)


@pytest.mark.parametrize(("shape", "form"), [("stored", "parquet"), ("raw", "ndjson")])
def test_what_is_planted_crosses_the_gate_and_is_counted_not_shown(
    command: Command, tmp_path: Path, shape: str, form: str
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    planted = simulate(raw, World(seed=4, events=4_000, defects=DEFECTS), shape=shape, format=form)
    done = command("audit", "--raw", raw, "--out", out)
    assert done.returncode == 4, done.stderr
    assert "the audit gate failed" in done.stderr
    assert "email_address in metadata" in done.stdout
    assert "0 broken" in done.stdout
    found = json.loads((out / "reports" / "audit.json").read_text())
    rows = {entry["name"]: entry["rows"] for entry in found["gate"]}
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


def test_the_trail_is_the_same_with_notebooks_and_without_and_another_with_other_settings(
    world: tuple[Path, Truth], tmp_path: Path
) -> None:
    local.run(world[0], tmp_path, QUICK)
    tables = {
        name: pl.scan_parquet(tmp_path / "tables" / f"{name}.parquet")
        for name in ("sources", "findings", "consent_audit")
    }
    now = datetime.now(UTC)
    other = Settings(audit={"min_group": 7})  # type: ignore[arg-type]
    first, second, third = (
        trail(tables, settings, began=now, ended=now)
        for settings in (Settings(), Settings().without_notebooks(), other)
    )
    assert first == second
    assert first["sha256"] != third["sha256"]


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
