"""A run's results for notebooks and scripts."""

import shutil
from pathlib import Path

import plotly.io as pio
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution import results
from attribution.command_report import report_command
from attribution.command_run import run_command
from attribution.engines import local, made_with
from attribution.errors import InputError
from attribution.results import Results
from attribution.settings import Report, Settings

EVENT = (
    '{{"event_id":"bbbbbbbb-0000-4000-8000-00000000000{0}","site_id":"s","event_name":"{1}","source":"server","consent":"granted",'
    '"event_time":"2026-03-0{0}T10:00:00Z","scan_session_id":"aaaaaaaa-0000-4000-8000-00000000000{2}","qr_code_id":"{3}",'
    '"conversion_value":{4},"conversion_currency":"XAF"}}'
)
PERIOD = "2026-03-02"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two codes of one name, money without a rate, and the report of a day."""
    folder = tmp_path_factory.mktemp("results")
    raw, out = folder / "raw", folder / "out"
    raw.mkdir()
    rows = [EVENT.format(1, "purchase", 1, "q1", 500), EVENT.format(2, "purchase", 2, "q2", 700)]
    (raw / "events.ndjson").write_text("\n".join(rows))
    (raw / "qr_codes.csv").write_text("qr_code_id,name\nq1,Door\nq2,Door\n")
    (folder / "params.yaml").write_text("report: {notebooks: false, replicates: 200, locale: de_DE}\n")
    run_command(None, raw, out, folder / "params.yaml", None, quiet=True)
    report_command(PERIOD, None, out, None, runs=False, today=None, keep=None, as_json=False, quiet=True)
    return out


def test_codes_of_one_name_are_told_apart_and_rows_of_ids_get_names(out: Path) -> None:
    run = Results(out)
    assert {*run.report("revenue_per_qr")["qr_name"].drop_nulls()} == {"Door (q1)", "Door (q2)"}
    named = run.named(pl.DataFrame({"rank": [1, 2, 3], "qr_code_id": ["q2", "q1", "unlinked"]}))
    expected = {
        "qr_name": ["Door (q2)", "Door (q1)", "unlinked"],
        "rank": [1, 2, 3],
        "qr_code_id": ["q2", "q1", "unlinked"],
    }
    assert_frame_equal(named, pl.DataFrame(expected))
    assert run.named(named).equals(named)


def test_what_the_figures_lack_is_a_table(out: Path) -> None:
    lead = "No exchange rate, so not in any revenue, return or verdict"
    assert Results(out).lacking().rows() == [(lead, "1.200 XAF (of Door (q2) and Door (q1))")]
    assert Results(out).settings.report.locale == "de_DE"


def test_the_report_of_a_period_is_read_by_its_name(out: Path) -> None:
    whole, day = Results(out), Results(out, period=PERIOD)
    assert {"revenue_per_qr", "revenue_per_qr_change"} <= {*day.reports}
    assert whole.report("daily_per_qr")["day"].n_unique() == 2
    assert [str(one) for one in day.report("daily_per_qr")["day"].unique()] == [PERIOD]
    assert day.table("conversions").collect().height == whole.table("conversions").collect().height == 2
    assert "700 XAF" in day.lacking()["said"][0]
    with pytest.raises(InputError, match="the report of a period; give the folder of its run"):
        Results(out / "scheduled" / PERIOD)
    for none in ("2026-04", "", "../reports", ".made"):
        with pytest.raises(InputError, match=f"no such report. Reports of periods: {PERIOD}, latest"):
            Results(out, period=none)


def test_notebooks_find_the_settings_of_the_run_that_executes_them(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Settings] = []
    monkeypatch.setattr("attribution.engines.local.close", lambda *_: seen.append(Results(tmp_path / "out").settings))
    chosen = Settings(report=Report(notebooks=False, replicates=200, currency="EUR"))
    local.run(out.parent / "raw", tmp_path / "out", chosen)
    assert seen[0].report.currency == "EUR"


def test_a_copied_folder_keeps_its_settings(out: Path, tmp_path: Path) -> None:
    shutil.copytree(out / "tables", tmp_path / "tables", copy_function=shutil.copy)
    assert Results(tmp_path).settings.report.locale == "en_US"
    shutil.copy(out / made_with.FILE, tmp_path)
    assert made_with.kept(tmp_path) is None
    assert Results(tmp_path).settings.report.locale == "de_DE"


def test_a_name_that_is_none_is_answered_with_those_that_are(out: Path) -> None:
    run = Results(out)
    assert "revenue_per_qr" in repr(run)
    assert ", conversions," in repr(run)
    with pytest.raises(InputError, match=r"foo: no such table. Tables of this run: .*conversions"):
        run.table("foo")
    with pytest.raises(InputError, match=r"conversions is a table: run.table\('conversions'\)"):
        run.report("conversions")
    with pytest.raises(InputError, match=r"cohorts is a report: run.report\('cohorts'\)"):
        run.table("cohorts")
    with pytest.raises(InputError, match=f"{out.parent}: no results there"):
        Results(out.parent)


def test_a_notebook_shows_whole_tables_and_figures_that_stay_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in results.IN_NOTEBOOKS:
        monkeypatch.setattr(pio.renderers[name], "config", {})
    with pl.Config():
        results.prepare_notebook()
        assert len(str(pl.DataFrame({"n": range(100)})).splitlines()) > 100
    assert all(pio.renderers[name].config["showSendToCloud"] is False for name in results.IN_NOTEBOOKS)
