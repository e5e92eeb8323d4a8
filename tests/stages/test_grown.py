"""What a stage makes from what it made before is what it makes from the whole tables, in the same order."""

from collections.abc import Iterator, Mapping

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from attribution import flow, grown
from attribution.audit import PERSONAL_DATA_LEFT
from attribution.engines.local import SORTED_BY
from attribution.flow import Stage
from attribution.ingest import ROW_BITS
from tests.stages.drawn import event_rows, events, fx, qr_codes, scans, spend
from tests.stages.random_worlds import ROWS, as_events, worlds
from tests.stages.test_laws import FEW, SETTINGS, run

Tables = dict[str, pl.LazyFrame]
GROWING = [stage for stage in flow.STAGES if stage.grow and stage.split_by]


@pytest.fixture(autouse=True, scope="module")
def _any_share() -> Iterator[None]:
    """Random worlds are small: their new rows are many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grown, "MOST", 2)
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
@given(before=worlds(), other=worlds(), come=ROWS, is_scanned_anew=st.booleans())
@FEW
def test_new_files_give_what_the_whole_gives(
    stage: Stage, before: Tables, other: Tables, come: list[dict[str, object]], is_scanned_anew: bool
) -> None:
    new = in_file(as_events(come), 7)
    files = {3: height(before["events"])}
    was = before | {"events": in_file(before["events"], 3), "sources": sources(events=files, scans={1: 1})}
    is_now = was | {
        "events": pl.concat([new, was["events"]]),
        "sources": sources(events=files | {7: height(new)}, scans={2 if is_scanned_anew else 1: 1}),
        **({"scans": other["scans"]} if is_scanned_anew else {}),
    }
    made, whole = in_order(run(was)), in_order(run(is_now))
    found = stage.grow(made, whole, SETTINGS) if stage.grow else None
    if found is None:
        assert not made["joined_people"].collect().equals(whole["joined_people"].collect())
        return
    for name in stage.writes:
        assert_frame_equal(found[name].collect(), whole[name].collect())


BEFORE = """
    event_id | scan_session_id | received_at | email_hash | visitor_id
    b1       | s1              | 10:05       | h1         | v1
    b1       | s1              | 10:06       | -          | -
    b2       | s2              | 10:05       | -          | v2
    b3       | s3              | 10:05       | -          | v3
"""
COME = {
    "an earlier copy, of another session": "event_id | scan_session_id | received_at\nb1 | s2 | 10:00",
    "copies of two events": "event_id | scan_session_id | received_at\nb2 | s2 | 10:00\nb3 | s3 | 10:09",
    "a later copy": "event_id | scan_session_id | received_at\nb1 | s1 | 10:09",
    "an event of a known session and one of a new one": "event_id | scan_session_id\nb8 | s2\nb9 | s9",
    "an event without a session": "event_id | scan_session_id\nb8 | -",
    "nothing": "event_id",
}


def grows(stage_name: str, come: pl.LazyFrame) -> bool:
    """Whether the stage grows by these rows; what it makes then is right."""
    old, new = in_file(events(BEFORE), 1), in_file(come, 2)
    empty = {"scans": scans(), "fx": fx(), "qr_codes": qr_codes(), "spend": spend()}
    was = empty | {"events": old, "sources": sources(events={1: 4})}
    is_now = empty | {"events": pl.concat([old, new]), "sources": sources(events={1: 4, 2: height(new)})}
    made, whole = in_order(run(was)), in_order(run(is_now))
    stage = next(stage for stage in GROWING if stage.name == stage_name)
    found = stage.grow(made, whole, SETTINGS) if stage.grow else None
    for name in stage.writes if found else ():
        assert_frame_equal(found[name].collect(), whole[name].collect())
    return found is not None


@pytest.mark.parametrize("stage", ["deduplicate", "sessions"])
@pytest.mark.parametrize("come", COME)
def test_what_comes_changes_what_it_should(stage: str, come: str) -> None:
    assert grows(stage, events(COME[come]))


def test_who_is_joined_by_what_comes_may_be_in_any_session() -> None:
    joining = events("event_id | scan_session_id | email_hash | visitor_id\nb9 | s9 | h1 | v3")
    assert not grows("sessions", joining)
    assert grows("deduplicate", joining)


def in_order(tables: Tables) -> Tables:
    return tables | {name: tables[name].sort(by) for name, by in SORTED_BY.items()}


@pytest.mark.parametrize(
    ("was", "is_now", "expected"),
    [
        ({1: 9}, {1: 9, 2: 1}, [2]),
        ({1: 9, 2: 1}, {1: 9, 2: 1}, []),
        ({1: 9, 2: 1}, {1: 9}, None),
        ({1: 9, 2: 1}, {1: 9, 3: 1}, None),
        ({1: 9}, {1: 8}, None),
    ],
)
def test_rows_have_come_where_every_file_is_still_there(
    was: dict[int, int], is_now: dict[int, int], expected: list[int] | None
) -> None:
    one = events("event_id\na")
    every = pl.concat([in_file(one, number) for number in is_now])
    come = grown.added({"sources": sources(events=was)}, {"sources": sources(events=is_now), "events": every})
    assert (None if come is None else (come.collect()["row_id"] // 2**ROW_BITS).to_list()) == expected


def test_where_most_rows_are_new_all_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grown, "MOST", 0.2)
    for rows, is_grown in ((25, True), (26, False)):
        was, is_now = sources(events={1: 100}), sources(events={1: 100, 2: rows})
        come = grown.added({"sources": was}, {"sources": is_now, "events": event_rows([])})
        assert (come is not None) == is_grown


def test_personal_data_that_was_found_before_is_still_counted() -> None:
    new = in_file(events("event_id | page_url\na | https://x.example/?m=ann@example.org\nb | https://x.example/"), 2)
    before = {
        "sources": sources(events={1: 9}),
        "consent_audit": pl.LazyFrame(
            {"check": [PERSONAL_DATA_LEFT, PERSONAL_DATA_LEFT, "still_held"], "field": ["page_url", "city", "city"]}
        ).with_columns(rows=pl.Series([2, 1, 5])),
    }
    left = grown.personal_data_left(before, {"sources": sources(events={1: 9, 2: 2}), "events": new})
    assert left is not None
    found = dict(left.filter(pl.col("rows") > 0).collect().rows())
    assert found == {"page_url": 3, "city": 1}
