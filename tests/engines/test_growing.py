"""What files that come change is added to what was made before, and the result is that of a run into an empty folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attribution import flow
from attribution.engines import local, made_with, steps
from attribution.settings import Settings
from attribution.stage import Stage
from tests.engines.rerun import SETTINGS, assert_as_from_an_empty_folder, changed, made, rewritten


@pytest.fixture
def grew(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The stages that are made from what they made before."""
    names: set[str] = set()
    grow = local._grow

    def noting(stage: Stage, *rest: Any) -> bool:
        is_grown = grow(stage, *rest)
        names.update({stage.name} if is_grown else {})
        return is_grown

    monkeypatch.setattr(local, "_grow", noting)
    return names


def late_rows(folder: Path) -> None:
    """A file of old rows: every second as it was, a copy, the others with an id of their own."""
    header, *lines = (
        max((folder / "raw").glob("events*"), key=lambda path: path.stat().st_size).read_text().splitlines()
    )
    at = header.split(",").index("event_id")
    rows = [line.split(",") for line in lines[:40]]
    for number, row in enumerate(rows[::2]):
        row[at] = f"{number:08d}-0000-4000-8000-00000000000a"
    (folder / "raw" / "events-late.csv").write_text("\n".join([header, *map(",".join, rows), ""]))


def fewer_scans(folder: Path) -> None:
    path = folder / "raw" / "scans.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-20]))


def fewer_events(folder: Path) -> None:
    path = min((folder / "raw").glob("events-2*"), key=lambda path: path.stat().st_size)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-3]))


def no_small_file(folder: Path) -> None:
    min((folder / "raw").glob("events*"), key=lambda path: path.stat().st_size).unlink()


GROWING = {stage.name for stage in flow.STAGES if stage.grow}
COME: dict[str, tuple[tuple[Callable[[Path], object], ...], set[str]]] = {
    "late rows": ((late_rows,), GROWING),
    "other scans": ((fewer_scans,), GROWING),
    "late rows and other scans": ((late_rows, fewer_scans), GROWING),
    "a changed file": ((fewer_events,), GROWING),
    "a changed file and late rows": ((late_rows, fewer_events), GROWING),
    "a file gone": ((no_small_file,), GROWING),
    "a table written again": (
        (late_rows, lambda folder: rewritten(folder / "out/tables/duplicates.parquet")),
        set(),
    ),
    "a table of a later stage written again": (
        (late_rows, lambda folder: rewritten(folder / "out/tables/web_sessions.parquet")),
        {"deduplicate"},
    ),
}


@pytest.mark.parametrize("name", COME)
def test_what_has_come_is_added_to_what_was_made(folder: Path, grew: set[str], name: str) -> None:
    happened, expected = COME[name]
    for happen in happened:
        happen(folder)
    made(folder, SETTINGS)
    assert grew == expected
    assert not [
        path for path in (folder / "out").rglob(".*") if path.name not in {steps.NOTE, made_with.FILE, ".parsed"}
    ]
    assert_as_from_an_empty_folder(folder, SETTINGS)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (changed(sessions={"timeout_minutes": 3}), {"deduplicate"}),
        (changed(consent={"scope": "scan_session"}), set()),
        (changed(ingest={"exclude": ["test"]}), set()),
    ],
    ids=["of web sessions", "of consent", "of ingest"],
)
def test_what_other_settings_made_is_not_added_to(
    folder: Path, grew: set[str], settings: Settings, expected: set[str]
) -> None:
    late_rows(folder)
    made(folder, settings)
    assert grew == expected
    assert_as_from_an_empty_folder(folder, settings)


def test_rows_that_come_are_not_added_where_consent_is_that_of_the_session(folder: Path, grew: set[str]) -> None:
    settings = changed(consent={"scope": "scan_session"})
    made(folder, settings)
    late_rows(folder)
    made(folder, settings)
    assert grew == set()
    assert_as_from_an_empty_folder(folder, settings)


def test_where_no_file_may_have_two_names_all_is_made(
    folder: Path, grew: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "hardlink_to", refused)
    late_rows(folder)
    made(folder, SETTINGS)
    assert grew == set()
    assert_as_from_an_empty_folder(folder, SETTINGS)


def test_a_run_that_fails_leaves_no_table_of_before(folder: Path) -> None:
    late_rows(folder)

    def broken(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        local.run(folder / "raw", folder / "out", SETTINGS, done=broken)
    assert not (folder / "out" / steps.BEFORE).exists()
