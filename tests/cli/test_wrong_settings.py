"""Settings that are wrong or missing, as a stranger is told of them."""

from pathlib import Path

import pytest
import yaml

from tests.refusing import Command, refused

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("reprot: {currency: USD}", ["reprot", "no such setting", "report"]),
        ("report: {curency: USD}", ["report.curency", "no such setting", "currency"]),
        ("report: {currency: DOLLARS}", ["report.currency", "ISO 4217"]),
        ("report: {time_zone: Mars/Olympus}", ["report.time_zone", "IANA"]),
        ("report: {time_zone: Factory}", ["report.time_zone", "IANA"]),
        ("report: {locale: en_XX}", ["report.locale", "must be a locale"]),
        ("attribute: {models: [linear, linear]}", ["attribute.models: must name each once"]),
        ("ingest: {aliases: {total: amonut}}", ["ingest.aliases.total: must be a column that is read", "amount"]),
        ("conversions: {window_days: 0}", ["conversions.window_days", "greater than 0"]),
        (
            "conversions: {window_days: 0}\nsessions: {timeout_minutes: x}",
            ["window_days", "timeout_minutes", "2 setting"],
        ),
        ("a: [", ["not a YAML file (line"]),
        ("report: {currency: USD}\nreport: {model: linear}", ["report is set twice (line 2)"]),
        ("conversions:\n  window_days: 30\n  window_days: 60", ["window_days is set twice (line 3)"]),
        ("report: {currency: {{ USD }}}", ["not a YAML file"]),
        (
            "report: &r {currency: USD}\nsessions: {<<: *r, currency: EUR}",
            ["sessions.currency: no such setting", "1 setting"],
        ),
        ("conversions:\nsessions: {timeout_minutes: x}", ["timeout_minutes", "1 setting"]),
    ],
)
def test_wrong_settings_are_all_told_at_once(command: Command, tmp_path: Path, content: str, words: list[str]) -> None:
    params = tmp_path / "params.yaml"
    params.write_text(content)
    (tmp_path / "raw").mkdir()
    refused(command("run", "--raw", tmp_path / "raw", "--out", tmp_path / "o", "--params", params), 2, *words)


def test_a_project_names_its_missing_settings(command: Command, tmp_path: Path) -> None:
    settings = yaml.safe_load((ROOT / "params.yaml").read_text())
    del settings["conversions"]["window_days"]
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(settings))
    refused(command("run", cwd=tmp_path), 2, "conversions.window_days", "60")
