"""What a stage makes from what it made before is what it makes from the whole tables, in the same order."""

from collections.abc import Iterator, Mapping

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from attribution import flow, grown
from attribution.audit import PERSONAL_DATA_LEFT
from attribution.flow import SORTED_BY
from attribution.privacy import DEFAULT
from attribution.row_ids import ROW_BITS
from attribution.stage import Stage
from tests.stages.drawn import event_rows, events, fx, qr_codes, scans, spend
from tests.stages.random_worlds import ROWS, as_events, worlds
from tests.stages.test_laws import FEW, SETTINGS, run

Tables = dict[str, pl.LazyFrame]
Rows = list[dict[str, object]]
GROWING = [stage for stage in flow.STAGES if stage.grow and stage.split_by]


@pytest.fixture(autouse=True, scope="module")
def _any_share() -> Iterator[None]:
    """Random worlds are small: their new rows are many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grown, "MOST", float("inf"))
        yield


def sources(**rows_of_kind: Mapping[int, int]) -> pl.LazyFrame:
    """Files of each kind by their id, with how many rows they have."""
    files = [(number, kind, rows) for kind, of in rows_of_kind.items() for number, rows in of.items()]
    return pl.LazyFrame(files, schema={"source_id": pl.UInt32, "kind": pl.String, "rows_read": pl.Int64}, orient="row")


def in_file(rows: pl.LazyFrame, number: int) -> pl.LazyFrame:
    return rows.with_columns(row_id=pl.col("row_id") + (number << ROW_BITS))


def height(rows: pl.LazyFrame) -> int:
    return rows.collect().height


@pytest.mark.parametrize("stage", GROWING, ids=lambda stage: stage.name)
@given(before=worlds(), other=worlds(), come=ROWS, gone=ROWS, is_scanned_anew=st.booleans())
@FEW
def test_files_that_come_and_go_give_what_the_whole_gives(
    stage: Stage, before: Tables, other: Tables, come: Rows, gone: Rows, is_scanned_anew: bool
) -> None:
    rows = {3: before["events"], 5: as_events(gone), 7: as_events(come)}
    was = before | with_files(rows, 3, 5) | {"scans": before["scans"]}
    is_now = before | with_files(rows, 3, 7, scans=2 if is_scanned_anew else 1)
    is_now |= {"scans": other["scans"]} if is_scanned_anew else {}
    made, whole = in_order(run(was)), in_order(run(is_now))
    found = stage.grow(made, whole, SETTINGS) if stage.grow else None
    if found is None:
        assert not made["joined_people"].collect().equals(whole["joined_people"].collect())
        return
    for name in stage.writes:
        assert_frame_equal(found[name].collect(), whole[name].collect())


def with_files(rows: Mapping[int, pl.LazyFrame], *numbers: int, scans: int = 1) -> Tables:
    """The events of these files, the last first, and the files with their rows."""
    files = {number: height(rows[number]) for number in numbers}
    every = pl.concat([in_file(rows[number], number) for number in reversed(numbers)])
    return {"events": every, "sources": sources(events=files, scans={scans: 1})}


BEFORE = """
    event_id | scan_session_id | received_at | email_hash | visitor_id
    b1       | s1              | 10:05       | h1         | v1
    b1       | s1              | 10:06       | -          | -
    b2       | s2              | 10:05       | -          | v2
    b3       | s3              | 10:05       | -          | v3
"""
OTHER = {
    "an earlier copy, of another session": "event_id | scan_session_id | received_at\nb1 | s2 | 10:00",
    "copies of two events": "event_id | scan_session_id | received_at\nb2 | s2 | 10:00\nb3 | s3 | 10:09",
    "a later copy": "event_id | scan_session_id | received_at\nb1 | s1 | 10:09",
    "an event of a known session and one of a new one": "event_id | scan_session_id\nb8 | s2\nb9 | s9",
    "an event without a session": "event_id | scan_session_id\nb8 | -",
    "nothing": "event_id",
}


def grows(stage_name: str, was: Tables, is_now: Tables) -> bool:
    """Whether the stage grows from the one to the other; what it makes then is right."""
    empty = {"scans": scans(), "fx": fx(), "qr_codes": qr_codes(), "spend": spend()}
    made, whole = in_order(run(empty | was)), in_order(run(empty | is_now))
    stage = next(stage for stage in GROWING if stage.name == stage_name)
    found = stage.grow(made, whole, SETTINGS) if stage.grow else None
    for name in stage.writes if found else ():
        assert_frame_equal(found[name].collect(), whole[name].collect())
    return found is not None


def two(other: str) -> tuple[Tables, Tables]:
    """`BEFORE` alone, and with another file."""
    rows = {1: events(BEFORE), 2: events(other)}
    return with_files(rows, 1), with_files(rows, 1, 2)


@pytest.mark.parametrize("stage", ["deduplicate", "sessions"])
@pytest.mark.parametrize("other", OTHER)
def test_what_comes_or_goes_changes_what_it_should(stage: str, other: str) -> None:
    without, with_it = two(OTHER[other])
    assert grows(stage, without, with_it)
    assert grows(stage, with_it, without)


def test_who_is_joined_by_what_comes_may_be_in_any_session() -> None:
    without, with_it = two("event_id | scan_session_id | email_hash | visitor_id\nb9 | s9 | h1 | v3")
    assert not grows("sessions", without, with_it)
    assert grows("deduplicate", without, with_it)


def in_order(tables: Tables) -> Tables:
    return tables | {name: tables[name].sort(by) for name, by in SORTED_BY.items()}


@pytest.mark.parametrize(
    ("was", "is_now", "come", "gone"),
    [
        ({1: 9}, {1: 9, 2: 1}, [2], []),
        ({1: 9, 2: 1}, {1: 9, 2: 1}, [], []),
        ({1: 9, 2: 1}, {1: 9}, [], [2]),
        ({1: 9, 2: 1}, {1: 9, 3: 1}, [3], [2]),
        ({1: 9, 2: 5}, {1: 9, 2: 6}, [2], [2]),
    ],
)
@pytest.mark.parametrize("few", [0, 2])
def test_a_file_that_is_another_has_come_and_gone(
    was: dict[int, int],
    is_now: dict[int, int],
    come: list[int],
    gone: list[int],
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grown, "FEW", few)
    one = dict.fromkeys((1, 2, 3), events("event_id\na"))
    before, now = (with_files(one, *of) | {"sources": sources(events=of)} for of in (was, is_now))
    found = grown.difference(before, now)
    assert found is not None
    files = [(rows.collect()["row_id"] // 2**ROW_BITS).to_list() for rows in (found.come, found.gone)]
    assert files == [come, gone]


@pytest.mark.parametrize(("come", "gone", "is_grown"), [(20, 0, True), (21, 0, False), (10, 10, True), (10, 11, False)])
def test_where_most_rows_are_others_all_are_looked_at(
    come: int, gone: int, is_grown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grown, "MOST", 0.2)
    was, is_now = {1: 100 - come, 2: gone}, {1: 100 - come, 3: come}
    tables = [{"sources": sources(events=files), "events": event_rows([])} for files in (was, is_now)]
    assert (grown.difference(*tables) is not None) == is_grown


@pytest.mark.parametrize("stage", ["deduplicate", "sessions"])
def test_where_many_rows_change_all_are_looked_at(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for most, is_grown in ((3, True), (2, False)):
        monkeypatch.setattr(grown, "ROWS", most)
        assert grows(stage, *two("event_id | scan_session_id\nb1 | s1")) == is_grown


def test_personal_data_is_counted_with_what_has_come_and_without_what_has_gone() -> None:
    urls = {"with": "https://x.example/?m=ann@example.org", "without": "https://x.example/"}
    rows = {
        number: events(
            "event_id | page_url\n" + "\n".join(f"e{place} | {urls[kind]}" for place, kind in enumerate(kinds))
        )
        for number, kinds in {1: ["without"], 2: ["with", "without"], 3: ["with", "with", "without"]}.items()
    }
    checked = {"check": [PERSONAL_DATA_LEFT, PERSONAL_DATA_LEFT, "still_held"], "field": ["page_url", "city", "city"]}
    found = pl.LazyFrame(checked).with_columns(rows=pl.Series([1, 1, 5]))
    left = grown.personal_data_left(with_files(rows, 1, 2) | {"consent_audit": found}, with_files(rows, 1, 3), DEFAULT)
    assert left is not None
    assert dict(left.filter(pl.col("rows") > 0).collect().rows()) == {"page_url": 2, "city": 1}
