"""What is said of the settings of a run: a file that was not read, and names that nothing has."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attribution.command_report import report_command
from attribution.command_run import run_command
from attribution.settings import Attribute, Conversions, Settings
from attribution.settings_notes import named_nowhere, not_read
from attribution.simulate import Truth

OTHER = "report: {notebooks: false, replicates: 200}\n"


@pytest.mark.parametrize(
    ("content", "is_told"),
    [
        (None, False),
        ("", False),
        ("report: {currency: USD}", False),
        ("report: {currency: EUR}", True),
        ("x: {y: 1}", False),
    ],
)
def test_a_file_of_other_settings_that_lies_there_is_told_of(
    tmp_path: Path, content: str | None, is_told: bool
) -> None:
    if content is not None:
        (tmp_path / "params.yaml").write_text(content)
    for settings in (Settings(), Settings(engine="spark")):
        assert not_read(settings, tmp_path).startswith("params.yaml in this folder was not read") == is_told


CODES = pl.DataFrame({"qr_code_id": ["door", "table"]})


@pytest.mark.parametrize(
    ("attribute", "conversions", "said"),
    [
        ({}, {}, ""),
        ({"exclude": ["door"], "exclude_trailing": ["table"]}, {"event_names": ["order", "lead"]}, ""),
        (
            {"exclude": ["door", "dor"], "exclude_trailing": ["tabel"]},
            {"event_names": ["ordr"]},
            "attribute.exclude dor, attribute.exclude_trailing tabel, conversions.event_names ordr",
        ),
        (
            {"exclude": ["ann@planted.example.org", "\x1b[31mred", *"1234567"]},
            {},
            "attribute.exclude [redacted:email_address], attribute.exclude \N{REPLACEMENT CHARACTER}[31mred, "
            + "".join(f"attribute.exclude {n}, " for n in range(1, 7))
            + "1 more",
        ),
    ],
)
def test_a_name_that_nothing_has_is_told_of(
    attribute: dict[str, list[str]], conversions: dict[str, list[str]], said: str
) -> None:
    settings = Settings(attribute=Attribute(**attribute), conversions=Conversions(**conversions))
    found = named_nowhere(settings, CODES, ["order"])
    assert found == (f"Named in the settings, but matching no QR code or conversion: {said}.\n" if said else "")


def test_both_are_said_of_a_run(
    world: tuple[Path, Truth], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    named = tmp_path / "params.yaml"
    named.write_text(OTHER + "conversions: {event_names: [purchase, purchse]}\n")
    run_command(None, world[0], tmp_path / "out", named, None, quiet=False)
    assert "matching no QR code or conversion: conversions.event_names purchse.\n" in (said := capsys.readouterr().out)
    assert "was not read" not in said
    monkeypatch.setattr("attribution.command_run.run", lambda *_, **__: {})
    run_command(None, world[0], tmp_path / "out", None, None, quiet=False)
    assert capsys.readouterr().out.startswith("params.yaml in this folder was not read")
    run_command("sessions", None, tmp_path / "out", None, None, quiet=False)
    assert "was not read" not in capsys.readouterr().out
    monkeypatch.setattr("attribution.command_report.run", lambda *_, **__: {})
    asked: dict[str, Any] = {"runs": True, "today": None, "keep": None, "as_json": True}
    for quiet in (False, True):
        report_command("all", world[0], tmp_path / "out", None, **asked, quiet=quiet)
        said = capsys.readouterr()
        assert json.loads(said.out)["period"]["name"] == "all"
        assert ("params.yaml in this folder was not read" in said.err) != quiet
