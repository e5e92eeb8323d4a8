"""The gates of a scheduled report, and the command that holds it to them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from attribution.engines.lock import locked
from attribution.errors import UsageError
from attribution.schedule import changes, gates, nothing_there
from attribution.settings import Schedule
from tests.refusing import Command
from tests.schedule.making import week_of

HOLDS = """
import sys, time
from pathlib import Path
from attribution.engines.lock import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
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


@pytest.mark.parametrize("happened", ["scan_sessions", "conversions", "refunds"])
def test_a_period_has_something_where_one_of_these_is_there_whatever_the_money(happened: str) -> None:
    """A refund without an exchange rate adds nothing to any sum."""
    now = dict.fromkeys(("scan_sessions", "conversions", "refunds"), 0)
    told = {"now": now, "data": {"first": "2026-01-01", "last": "2026-03-31"}}
    assert "2026-01-01 to 2026-03-31" in nothing_there(told)
    assert nothing_there(told | {"now": now | {happened: 1}}) == ""
