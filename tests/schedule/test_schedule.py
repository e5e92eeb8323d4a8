"""Scheduled reports: the numbers of a period, change, gates, and a folder that appears whole or not at all."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from attribution.analysed import analysed
from attribution.engines import scheduled
from attribution.engines.lock import locked
from attribution.engines.store import Store
from attribution.errors import UsageError
from attribution.money import AMOUNT
from attribution.periods import parsed
from attribution.reports.compared import COMPARED
from attribution.reports.period_change import with_change
from attribution.schedule import changes, gates, lines, movers
from attribution.settings import Report, Schedule
from tests.conftest import QUICK

Command = Callable[..., subprocess.CompletedProcess[str]]
TODAY = date(2027, 1, 1)
HOLDS = """
import sys, time
from pathlib import Path
from attribution.engines.lock import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def out(results: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results, tmp_path / "out"))


@pytest.fixture
def params(tmp_path: Path) -> Path:
    path = tmp_path / "params.yaml"
    path.write_text("report: {notebooks: false}\n")
    return path


def week_of(out: Path) -> str:
    days = pl.read_parquet(out / "reports" / "revenue_over_time.parquet")
    busiest = days.filter(pl.col("grain") == "week", ~pl.col("is_partial")).sort("revenue")["starts_on"][-1]
    year, number, _ = busiest.isocalendar()
    return f"{year}-W{number:02}"


def made(out: Path, period: str) -> tuple[Path, dict[str, object]]:
    return scheduled.make(Store(out), QUICK, parsed(period, today=TODAY))


def test_the_numbers_of_a_period_are_those_of_its_conversions(out: Path) -> None:
    week = parsed(week_of(out), today=TODAY)
    folder, told = made(out, week.name)
    conversions = pl.read_parquet(out / "tables" / "conversions.parquet")
    inside = conversions.filter(pl.col("converted_at").dt.date().is_between(week.first, week.last))
    attributed = inside.filter(pl.col("unattributed_reason").is_null())
    revenue = attributed["amount_reporting"].sum()
    per_qr = pl.read_parquet(folder / "revenue_per_qr.parquet").filter(pl.col("qr_code_id") != "unlinked")
    assert Decimal(told["now"]["revenue"]) == revenue == per_qr["revenue"].sum()  # type: ignore[index]
    assert per_qr["conversions"].sum() == pytest.approx(attributed.filter(~pl.col("is_refund")).height)
    assert revenue > 0


def test_the_days_of_a_week_add_up_to_the_week(out: Path) -> None:
    week = parsed(week_of(out), today=TODAY)
    whole = made(out, week.name)[0]
    days = [made(out, str(week.first + timedelta(days=number)))[0] for number in range(7)]
    earned, *per_day = (pl.read_parquet(folder / "revenue_per_qr.parquet") for folder in (whole, *days))
    for measure in ("revenue", "scan_sessions", "scans"):
        assert sum(day[measure].sum() for day in per_day) == earned[measure].sum(), measure
    assert sum(day["conversions"].sum() for day in per_day) == pytest.approx(earned["conversions"].sum())
    lag, *lags = (pl.read_parquet(folder / "conversion_lag.parquet") for folder in (whole, *days))
    for measure in ("sessions_at_risk", "converting_sessions", "censored_sessions"):
        assert [sum(of_day) for of_day in zip(*(day[measure] for day in lags), strict=True)] == lag[measure].to_list()


def test_in_the_funnel_of_a_period_every_step_ends_with_it(out: Path) -> None:
    """Purchases are events by their name and conversions as well: both come days after the scan."""
    week = parsed(week_of(out), today=TODAY)
    settings = QUICK.model_copy(update={"report": Report(notebooks=False, funnel_steps=["scan", "purchase"])})
    found = pl.read_parquet(scheduled.make(Store(out), settings, week)[0] / "funnel.parquet")
    tables = [pl.scan_parquet(out / "tables" / f"{name}.parquet") for name in ("events", "duplicates", "scan_sessions")]
    bought = analysed(*tables[:2]).filter(pl.col("event_name") == "purchase")
    scanned = tables[2].filter("is_known", pl.col("scanned_at").dt.date().is_between(week.first, week.last))
    followed = bought.join(scanned, on="scan_session_id").filter(pl.col("occurred_at") >= pl.col("scanned_at"))
    in_time = followed.filter(pl.col("occurred_at").dt.date() <= week.last)
    count = pl.col("scan_session_id").n_unique()
    assert found["sessions"][1] == in_time.select(count).collect().item() < followed.select(count).collect().item()


def test_change_is_against_the_week_before(out: Path) -> None:
    week = parsed(week_of(out), today=TODAY)
    before = week.previous()
    assert before is not None
    earlier = pl.read_parquet(made(out, before.name)[0] / "revenue_per_qr.parquet")
    folder, told = made(out, week.name)
    changed = pl.read_parquet(folder / "revenue_per_qr_change.parquet")
    was = dict(earlier.select("qr_code_id", "revenue").rows())
    assert was.keys() <= {*changed["qr_code_id"]}
    assert dict(changed.select("qr_code_id", "revenue_previous").rows()) == {
        code: was.get(code, Decimal(0)) for code in changed["qr_code_id"]
    }
    assert told["previous"]["name"] == before.name == told["last_report"]["name"]  # type: ignore[index]
    assert told["change_pct"] == told["last_report"]["change_pct"]  # type: ignore[index]
    assert any(line.startswith("  revenue") for line in lines(told))
    for name, of in COMPARED.items():
        rows = pl.read_parquet(folder / f"{name}_change.parquet")
        assert {f"{measure}_change_pct" for measure in of.measures} <= set(rows.columns), name
    page = (folder / "index.html").read_text("utf-8")
    assert f"{told['change_pct']['revenue']:+.1f} % on {before.name}" in page  # type: ignore[index]
    assert page.count(">change, %</button>") > 10


@pytest.mark.parametrize("period", ["week", "all"])
def test_costs_are_those_that_the_page_says_they_are(out: Path, period: str) -> None:
    """A fixed cost is of no period, so that neither it nor what has come back of all costs is told of one."""
    codes = pl.read_parquet(out / "tables" / "qr_codes.parquet")
    fixed = codes.with_columns(cost=pl.lit(1).cast(codes.schema["cost"]), currency=pl.lit("USD"))
    fixed.write_parquet(out / "tables" / "qr_codes.parquet")
    spent = pl.read_parquet(out / "tables" / "spend.parquet")
    on_first_day = {"date": parsed(week_of(out), today=TODAY).first, "amount": Decimal("0.01"), "currency": "USD"}
    each = codes.select("qr_code_id").with_columns(pl.lit(value).alias(name) for name, value in on_first_day.items())
    pl.concat([spent.clear(), each.cast({"amount": spent.schema["amount"]})], how="diagonal").write_parquet(
        out / "tables" / "spend.parquet"
    )
    of_period = period == "week"
    folder, _ = made(out, week_of(out) if of_period else period)
    page = (folder / "index.html").read_text("utf-8")
    assert page.count("ixed costs are") == (2 if of_period else 0)
    assert page.count("Fixed costs of QR codes are left out.") == (1 if of_period else 0)
    assert page.count("Paid back on") == (0 if of_period else 3)
    for name in ("revenue_per_qr", "revenue_per_campaign"):
        rows = pl.read_parquet(folder / f"{name}.parquet")
        assert (rows["payback_day"].null_count() == rows.height) is of_period
    with zipfile.ZipFile(folder / "reports.xlsx") as book:
        assert ("Fixed costs" in book.read("xl/sharedStrings.xml").decode()) is of_period


def test_all_days_are_called_so_and_have_neither_a_first_nor_a_last(out: Path) -> None:
    folder, told = made(out, "all")
    with zipfile.ZipFile(folder / "reports.xlsx") as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    page, said = (folder / "index.html").read_text("utf-8"), "\n".join(lines(told))
    assert "all days" in strings
    assert "<strong>all days</strong>" in page
    assert said.startswith("All days (UTC), no period before:")
    for text in (strings, page, said, json.dumps(told)):
        assert str(date.min) not in text
    assert str(date.max) not in said + strings + json.dumps(told)
    week = week_of(out)
    assert made(out, week)[1]["last_report"] is None
    assert scheduled.make_anew(Store(out), QUICK) == ["all", week]


def test_a_period_without_anything_is_a_report_of_nothing(out: Path) -> None:
    folder, told = made(out, "2001-01")
    assert (told["now"]["revenue"], told["now"]["tie_rate"]) == ("0.0000", None)  # type: ignore[index]
    assert pl.read_parquet(folder / "revenue_per_qr.parquet")["revenue"].sum() == 0
    assert (folder / "index.html").is_file()


def test_made_again_it_is_the_same(out: Path) -> None:
    """Also of the report before it, which `latest` no longer is."""
    week = week_of(out)
    before = made(out, parsed(week, today=TODAY).previous().name)[1]  # type: ignore[union-attr]
    told = made(out, week)[1]
    shutil.rmtree((out / "scheduled" / before["period"]["name"]).resolve())  # type: ignore[index]
    assert made(out, week)[1]["last_report"] == told["last_report"]
    assert told["last_report"]["revenue"] == before["now"]["revenue"]  # type: ignore[index]
    first = {path.name: path.read_bytes() for path in made(out, week)[0].iterdir() if path.suffix != ".xlsx"}
    again = {path.name: path.read_bytes() for path in made(out, week)[0].iterdir() if path.suffix != ".xlsx"}
    assert set(first) == set(again)
    for name, content in first.items():
        if not name.endswith(".html"):
            assert content == again[name], name


def test_a_reader_never_sees_half_a_report(out: Path) -> None:
    week = week_of(out)
    made(out, week)
    latest, faults, stop = out / "scheduled" / "latest", [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            folder = latest.resolve()
            names = {path.name for path in folder.iterdir()}
            if not {"index.html", "summary.json", "revenue_per_qr.csv"} <= names:
                faults.append(names)
            if not json.loads((latest / "summary.json").read_text())["period"]["name"]:
                faults.append(names)
            time.sleep(0.002)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(2):
            made(out, parsed(week, today=TODAY).previous().name)  # type: ignore[union-attr]
            assert latest.resolve() != (out / "scheduled" / week).resolve()
    finally:
        stop.set()
        reader.join()
    assert faults == []


def test_a_report_that_is_killed_as_it_appears_leaves_no_link_behind(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link_to = Path.symlink_to

    def linked(link: Path, target: Path, **_: object) -> None:
        link_to(link, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "symlink_to", linked)
    with pytest.raises(KeyboardInterrupt):
        made(out, week_of(out))
    assert [path for path in (out / "scheduled").iterdir() if path.is_symlink()]
    with locked(out):
        assert not [path.name for path in (out / "scheduled").iterdir() if path.is_symlink()]


def test_the_oldest_are_removed_and_never_the_latest(out: Path) -> None:
    days = [parsed(week_of(out), today=TODAY).first + timedelta(days=number) for number in range(4)]
    for day in reversed(days):
        made(out, str(day))
    folder = out / "scheduled"
    assert scheduled.retain(folder, 0) == []
    assert scheduled.retain(folder, 2) == [str(days[1]), str(days[2])]
    assert {path.name for path in folder.iterdir() if path.is_symlink()} == {"latest", str(days[0]), str(days[3])}
    assert (folder / "latest" / "summary.json").is_file()
    left = folder / ".made" / "cut-off.1"
    left.mkdir()
    made(out, str(days[2]))
    assert left.exists()
    for path in (folder / ".made").iterdir():
        os.utime(path, (0, 0))
    made(out, str(days[2]))
    assert not left.exists()
    assert all(path.is_dir() for path in folder.iterdir() if path.is_symlink())


def test_a_code_that_earned_before_and_has_no_row_now_fell() -> None:
    """Without a list of codes only those have a row that something names."""
    before = pl.DataFrame(
        {"qr_code_id": ["q1", "q2", "unlinked"], "qr_name": ["Door", "Wall", None], "revenue": ["5", "9", "1"]}
    ).with_columns(pl.col("revenue").cast(AMOUNT))
    changed = with_change(
        before.filter(pl.col("qr_code_id") != "q2"), before, keys=["qr_code_id"], measures=["revenue"]
    )
    fell = {"qr_code_id": "q2", "qr_name": "Wall", "revenue": "0.0000", "before": "9.0000", "change": "-9.0000"}
    assert movers(changed) == {"rose": [], "fell": [fell]}


@pytest.mark.parametrize("how", ["replaced", "dropped"])
def test_who_reads_an_old_report_has_an_hour_from_when_it_lost_its_name(out: Path, how: str) -> None:
    week = parsed(week_of(out), today=TODAY)
    old = made(out, str(week.first))[0].resolve().parent
    if how == "replaced":
        os.utime(old, (0, 0))
        made(out, str(week.first))
    else:
        made(out, str(week.last))
        os.utime(old, (0, 0))
        assert scheduled.retain(out / "scheduled", 1) == [str(week.first)]
    made(out, str(week.last))
    assert (old / "reports" / "index.html").is_file()
    os.utime(old, (0, 0))
    made(out, str(week.last))
    assert not old.exists()


NOW = {"revenue": "110", "unattributed": "0", "conversions": 10, "scan_sessions": 50, "tie_rate": 0.9}
RUN = {"rows_read": 100, "duplicate_rate": 0.05, "reject_rate": 0.01}


@pytest.mark.parametrize(
    ("limits", "holds"),
    [
        ({}, []),
        ({"min_tie_rate": 0.9}, [True]),
        ({"min_tie_rate": 0.91}, [False]),
        ({"max_duplicate_rate": 0.05}, [True]),
        ({"max_duplicate_rate": 0.049}, [False]),
        ({"max_reject_rate": 0.01}, [True]),
        ({"max_reject_rate": 0.0}, [False]),
        ({"max_revenue_swing": 0.1}, [True]),
        ({"max_revenue_swing": 0.09}, [False]),
        ({"min_tie_rate": 1.0, "max_revenue_swing": 0.5}, [False, True]),
    ],
)
def test_a_gate_holds_up_to_its_limit(limits: dict[str, float], holds: list[bool]) -> None:
    change = changes(NOW, {**NOW, "revenue": "100"})
    assert [gate["holds"] for gate in gates(NOW, change, RUN, Schedule(**limits))] == holds


def test_without_a_period_before_there_is_no_swing_to_judge() -> None:
    found = gates(NOW, changes(NOW, None), RUN, Schedule(max_revenue_swing=0.1))
    assert [gate["holds"] for gate in found] == [None]
    assert changes({"revenue": "5"}, {"revenue": "0"}) == {"revenue": None}


def test_the_command_reports_gates_and_refuses(command: Command, out: Path, params: Path) -> None:
    week = week_of(out)
    done = command("report", "--period", week, "--out", out, "--params", params, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["period"]["name"] == week
    params.write_text("report: {notebooks: false}\nschedule: {min_tie_rate: 1, max_duplicate_rate: 0}\n")
    crossed = command("report", "--period", week, "--out", out, "--params", params)
    assert crossed.returncode == 4
    assert "duplicate rate is 0." in crossed.stderr
    assert (out / "scheduled" / week / "index.html").is_file()
    nowhere = command("report", "--period", week, "--out", out / "nowhere")
    assert (nowhere.returncode, (out / "nowhere").exists()) == (3, False)
    assert "no such folder" in nowhere.stderr
    for args, word in ((["--period", "soon"], "last-week"), (["--period", week, "--today", "x"], "--today x")):
        wrong = command("report", *args, "--out", out)
        assert wrong.returncode == 2
        assert word in wrong.stderr
        assert "Traceback" not in wrong.stderr


def test_two_at_once_are_refused_and_a_dead_one_lets_go(command: Command, out: Path, params: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(out)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for args in (["report", "--period", "2001-01"], ["forget", "--visitor", "nobody"]):
            done = command(*args, "--out", out, "--params", params)
            assert done.returncode == 2
            assert "another run is writing to this folder" in done.stderr
        with pytest.raises(UsageError), locked(out):
            pass
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    with locked(out):
        pass
