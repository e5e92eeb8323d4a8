"""A scheduled report appears whole or not at all, and goes when it is old and nobody reads it."""

import json
import os
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from attribution.engines import scheduled
from attribution.engines.lock import locked
from attribution.periods import parsed
from tests.schedule.making import TODAY, made, week_of


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
