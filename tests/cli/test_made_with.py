"""What goes on from the tables of a run goes on with that run's settings: euros are not called dollars."""

import json
import os
from pathlib import Path

import polars as pl
import pytest
import yaml

from attribution.command_figures import figures_command
from attribution.command_forget import forget_command
from attribution.command_reconcile import reconcile_command
from attribution.command_report import report_command
from attribution.command_run import run_command
from attribution.engines import made_with
from attribution.errors import InputError, UsageError

SESSION, OTHER = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (1, 2))
VISITOR = "cccccccc-0000-4000-8000-000000000001"
QUICK = {"notebooks": False, "replicates": 200, "currency": "EUR"}


def settings(folder: Path, name: str = "params", **report: object) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({"report": QUICK | report, "conversions": {"window_days": 9}}))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The results of a run in euros."""
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [
        {"event_type": "page_view", "scan_session_id": session, "qr_code_id": "q", "visitor_id": visitor}
        for session, visitor in ((SESSION, VISITOR), (OTHER, None))
    ] + [{"event_name": "purchase", "scan_session_id": OTHER, "conversion_value": 10, "conversion_currency": "EUR"}]
    told = {"site_id": "s", "event_time": "2026-03-02T10:00:00Z", "consent": "granted"}
    lines = [
        json.dumps(told | row | {"event_id": f"bbbbbbbb-0000-4000-8000-{number:012}"})
        for number, row in enumerate(rows)
    ]
    (raw / "events.ndjson").write_text("\n".join(lines))
    run_command(None, raw, tmp_path / "out", settings(tmp_path), None, quiet=True)
    return tmp_path / "out"


def money(out: Path) -> list[tuple[object, ...]]:
    return pl.read_parquet(out / "tables" / "conversions.parquet").select("amount_reporting", "currency").rows()


def of_period(out: Path, params: Path | None = None, period: str = "2026-W10") -> dict[str, object]:
    report_command(period, None, out, params, runs=True, today=None, keep=None, as_json=False, quiet=True)
    told: dict[str, object] = json.loads((out / "scheduled" / period / "summary.json").read_text())
    return told


def test_a_report_of_a_run_is_in_its_currency(out: Path, tmp_path: Path) -> None:
    assert of_period(out)["currency"] == "EUR"
    in_berlin = settings(tmp_path, "model", model="last_touch")
    assert of_period(out, in_berlin)["currency"] == "EUR"


def test_whoever_is_forgotten_takes_no_settings_along(out: Path) -> None:
    before, reported = money(out), pl.read_csv(out / "reports" / "revenue_per_qr.csv")
    forget_command(VISITOR, None, None, None, out, None, quiet=True)
    assert money(out) == before != []
    after = pl.read_csv(out / "reports" / "revenue_per_qr.csv")
    assert after.select("revenue", "currency").equals(reported.select("revenue", "currency"))
    run_command("report", None, out, None, None, quiet=True)
    assert pl.read_csv(out / "reports" / "revenue_per_qr.csv").equals(after)


def test_settings_with_which_the_tables_would_be_others_are_refused_before_anything_is_done(
    out: Path, tmp_path: Path
) -> None:
    others = settings(tmp_path, "dollars", currency="USD")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    for ask in (
        lambda: of_period(out, others),
        lambda: forget_command(VISITOR, None, None, None, out, others, quiet=True),
        lambda: reconcile_command(tmp_path / "none.json", out, others, quiet=True),
        lambda: figures_command(out, others, "svg", quiet=True),
    ):
        with pytest.raises(UsageError, match=r"made with other settings: report\.currency\. Leave out --params"):
            ask()
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_figures_are_drawn_of_the_reports_that_are_there(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bars of one model with the intervals of another would be nobody's figure."""
    seen: list[str] = []
    monkeypatch.setattr("attribution.command_figures._write", lambda *_: None)
    monkeypatch.setattr(
        "attribution.figures.drawn.every_figure", lambda _, chosen: seen.append(chosen.report.model) or {}
    )
    other = settings(tmp_path, "model", model="last_touch")
    with pytest.raises(
        UsageError, match=r"use the model scan_session and EUR; the settings say last_touch and EUR\. Run"
    ):
        figures_command(out, other, "svg", quiet=True)
    figures_command(out, settings(tmp_path, "words", locale="de_DE"), "svg", quiet=True)
    run_command("report", None, out, other, None, quiet=True)
    figures_command(out, other, "svg", quiet=True)
    figures_command(out, None, "svg", quiet=True)
    assert seen == ["scan_session", "last_touch", "last_touch"]


def test_settings_that_nobody_can_read_are_asked_for(out: Path, tmp_path: Path) -> None:
    note = json.loads((out / made_with.FILE).read_text())
    (out / made_with.FILE).write_text(json.dumps(note | {"settings": {"report": {"colour": "red"}}}))
    with pytest.raises(UsageError, match=r"cannot be read\. Give them with --params"):
        of_period(out)
    assert of_period(out, settings(tmp_path))["currency"] == "EUR"


def test_settings_are_believed_of_the_tables_only_that_were_made_with_them(out: Path) -> None:
    assert made_with.kept(out) is not None
    table = out / "tables" / "conversions.parquet"
    os.utime(table, ns=(1, table.stat().st_mtime_ns + 1))
    assert made_with.kept(out) is None


def test_results_of_other_code_are_named_as_such_where_they_lack_a_column(out: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs.json").write_text('{"count": {"total_events": 1, "revenue": 10}}')
    for path, column in (
        ("tables/conversions", "amount_reporting"),
        ("tables/events", "order_id"),
        ("reports/revenue_intervals", "model"),
    ):
        pl.read_parquet(out / f"{path}.parquet").drop(column).write_parquet(out / f"{path}.parquet")
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="amount_reporting"):
        of_period(out)
    note = out / made_with.FILE
    note.write_text(json.dumps(json.loads(note.read_text()) | {"code": "other"}))
    for ask in (
        lambda: of_period(out),
        lambda: figures_command(out, None, "svg", quiet=True),
        lambda: reconcile_command(tmp_path / "theirs.json", out, None, quiet=True),
        lambda: forget_command(VISITOR, None, None, None, out, None, quiet=True),
    ):
        with pytest.raises(InputError, match="made by another version of attribution"):
            ask()


def test_an_id_in_the_settings_of_ingest_is_in_the_way_of_no_erasure(out: Path, tmp_path: Path) -> None:
    params = settings(tmp_path)
    chosen = yaml.safe_load(params.read_text()) | {"ingest": {"kinds": {f"{VISITOR}.csv": "events"}}}
    params.write_text(yaml.safe_dump(chosen))
    run_command(None, tmp_path / "raw", out, params, None, quiet=True)
    forget_command(VISITOR, None, None, None, out, None, quiet=True)
    assert len([*(out / "erasures").iterdir()]) == 1


def test_results_in_another_currency_are_not_held_against_the_last_report(out: Path, tmp_path: Path) -> None:
    of_period(out)
    assert of_period(out, period="2026-W11")["last_report"] is not None
    run_command(None, tmp_path / "raw", out, settings(tmp_path, "dollars", currency="USD"), None, quiet=True)
    told = of_period(out, period="2026-W10")
    assert (told["currency"], told["last_report"]) == ("USD", None)
