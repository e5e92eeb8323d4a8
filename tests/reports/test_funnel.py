"""How many scans get how far."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from attribution import slices
from attribution.reports import funnel as module
from attribution.reports.funnel import funnel
from attribution.schemas.duplicates import Duplicates
from attribution.schemas.funnel import Funnel
from attribution.settings import Report
from tests.reports.worlds import FEW, Tables, conversions, no_events, sessions, tables_of
from tests.stages.drawn import assert_drawn, events, moment
from tests.stages.random_worlds import worlds

STEPS = ("scan", "page_view", "add_to_cart", "conversion")
SESSIONS = sessions("scan_session_id | is_known\ns1 | yes\ns2 | yes\ns3 | yes\ns4 | yes\ns9 | no")
EVENTS = """
    row_id | source  | event_type  | event_name  | scan_session_id | occurred_at
    1      | browser | page_view   | -           | s1              | 09:01
    2      | browser | add_to_cart | -           | s1              | 09:03
    3      | browser | pageview    | -           | s2              | 09:02
    4      | server  | -           | add_to_cart | s2              | 09:01
    5      | server  | -           | add_to_cart | s2              | 09:08
    6      | browser | page_view   | -           | s3              | 09:06
    7      | browser | page_view   | -           | s9              | 09:06
    8      | browser | page_view   | -           | s4              | 08:59
"""
CONVERSIONS = """
    conversion_id | scan_session_id | converted_at | is_refund | unattributed_reason
    c1            | s1              | 09:05        | no        | -
    c2            | s2              | 09:07        | no        | -
    c3            | s2              | 09:09        | yes       | -
    c4            | s2              | 09:09        | no        | unlinked
"""
NO_DUPLICATES = Duplicates.no_rows().lazy()


def made(
    steps: Sequence[str] = STEPS, rows: str = EVENTS, duplicates: pl.LazyFrame = NO_DUPLICATES, sold: str = CONVERSIONS
) -> pl.DataFrame:
    return Funnel.checked(funnel(events(rows), duplicates, SESSIONS, conversions(sold), steps=steps)).collect()


def test_a_page_view_is_one_under_either_name_whoever_sends_it() -> None:
    rows = f"{EVENTS.rstrip()}\n    9      | server  | -           | pageview    | s4              | 09:02\n"
    for step in ("page_view", "pageview"):
        assert made(["scan", step], rows)["sessions"].to_list() == [4, 4]


def test_a_session_reaches_a_step_at_or_after_the_step_before() -> None:
    assert_drawn(
        made(),
        """
        position | step        | sessions | drop_off_previous_pct | drop_off_first_pct | median_seconds_from_previous
        1        | scan        | 4        | -                     | 0                  | -
        2        | page_view   | 3        | 25                    | 25                 | 120
        3        | add_to_cart | 2        | 33.333333             | 50                 | 240
        4        | conversion  | 1        | 50                    | 75                 | 120
        """,
        in_order=True,
    )


def test_a_session_begins_with_the_first_of_several_moments_of_the_first_step() -> None:
    again = f"{EVENTS.rstrip()}\n    9      | browser | page_view   | -           | s1              | 09:04\n"
    found = made(["page_view", "add_to_cart"], again)
    assert found["sessions"].to_list() == [4, 2]
    assert found["median_seconds_from_previous"].to_list() == [None, 240.0]


@pytest.mark.parametrize("rows", [1, 3])
def test_following_few_sessions_at_a_time_and_reading_few_events_at_a_time_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    whole = made()
    monkeypatch.setattr(module, "SESSIONS_AT_ONCE", rows)
    monkeypatch.setattr(slices, "ROWS", rows)
    assert made().equals(whole)


def test_at_the_end_of_the_period_no_step_counts_any_more() -> None:
    found = funnel(
        events(EVENTS), NO_DUPLICATES, SESSIONS, conversions(CONVERSIONS), steps=STEPS, ends_at=moment("09:05")
    ).collect()
    assert found["sessions"].to_list() == [4, 2, 1, 0]
    assert made()["sessions"].to_list() == [4, 3, 2, 1]


def test_the_same_moment_is_early_enough() -> None:
    rows = """
        event_type  | scan_session_id | occurred_at
        page_view   | s1              | 09:00
        add_to_cart | s1              | 09:00
    """
    found = made(rows=rows, sold="conversion_id | converted_at\nc1 | 09:00")
    assert found["sessions"].to_list() == [4, 1, 1, 1]
    assert found["median_seconds_from_previous"].to_list() == [None, 0, 0, 0]


def test_a_later_event_of_the_step_counts_where_the_first_was_too_early() -> None:
    rows = """
        event_type  | scan_session_id | occurred_at
        add_to_cart | s1              | 09:01
        page_view   | s1              | 09:02
        add_to_cart | s1              | 09:05
        add_to_cart | s1              | 09:09
    """
    assert_drawn(made(STEPS[:3], rows).tail(1), "sessions | median_seconds_from_previous\n1 | 180")


def test_the_first_step_need_not_be_the_scan() -> None:
    assert_drawn(
        made(["pageview", "conversion"]),
        """
        step       | sessions | drop_off_first_pct
        pageview   | 4        | 0
        conversion | 2        | 50
        """,
        in_order=True,
    )


def test_no_step_need_be_an_event() -> None:
    assert made(["scan", "conversion"])["sessions"].to_list() == [4, 2]
    assert made(["conversion"])["sessions"].to_list() == [2]


def test_duplicates_and_excluded_events_reach_nothing() -> None:
    rows = """
        row_id | event_type | scan_session_id | occurred_at | exclusion
        1      | page_view  | s1              | 09:01       | -
        2      | page_view  | s2              | 09:01       | fraud
        3      | page_view  | s3              | 09:01       | -
    """
    repeated = pl.LazyFrame({"row_id": [3]}, schema={"row_id": pl.UInt64})
    assert made(STEPS[:2], rows, repeated)["sessions"].to_list() == [4, 1]


def test_a_step_that_nobody_reaches_leaves_those_after_it_without_a_rate() -> None:
    found = made(["scan", "never", "conversion"])
    assert found["sessions"].to_list() == [4, 0, 0]
    assert found["drop_off_previous_pct"].to_list() == [None, 100, None]
    assert found["drop_off_first_pct"].to_list() == [0, 100, 100]
    assert found["median_seconds_from_previous"].null_count() == 3


@pytest.mark.parametrize("steps", [[], ["scan", "scan"], ["page_view", "pageview"]])
def test_settings_name_steps_once_by_what_they_stand_for(steps: list[str]) -> None:
    with pytest.raises(ValidationError, match=r"at least one step, and each once \(pageview is page_view\)"):
        Report(funnel_steps=steps)


def test_an_empty_world_has_every_step_with_nobody_in_it() -> None:
    found = funnel(no_events(), NO_DUPLICATES, sessions(), conversions(), steps=STEPS).collect()
    assert found["step"].to_list() == list(STEPS)
    assert found["sessions"].to_list() == [0, 0, 0, 0]
    assert found.select("drop_off_previous_pct", "drop_off_first_pct").null_count().row(0) == (4, 4)


@given(world=worlds(), steps=st.permutations(["scan", "page_view", "cta_click", "purchase", "conversion"]))
@FEW
def test_the_funnel_narrows_and_agrees_with_a_walk_through_each_session(world: Tables, steps: list[str]) -> None:
    tables = tables_of(world)
    used = (tables[name] for name in ("events", "duplicates", "scan_sessions", "conversions"))
    found = Funnel.checked(funnel(*used, steps=steps)).collect()["sessions"].to_list()
    assert found == sorted(found, reverse=True)
    assert found == walked({name: table.collect() for name, table in tables.items()}, steps)


def walked(tables: dict[str, pl.DataFrame], steps: list[str]) -> list[int]:
    """The same, one session and one step after the other."""
    counts = [0] * len(steps)
    for session in tables["scan_sessions"].filter("is_known").rows(named=True):
        moments = [("scan", session["scanned_at"]), *_moments(tables, session["scan_session_id"])]
        at = min(time for _, time in moments)
        for place, step in enumerate(steps):
            later = [time for name, time in moments if name == step and time >= at]
            if not later:
                break
            at = min(later)
            counts[place] += 1
    return counts


def _moments(tables: dict[str, pl.DataFrame], session: str) -> list[tuple[str, object]]:
    dropped = tables["duplicates"]["row_id"].to_list()
    happened = [
        (
            (row["event_type"] or "").replace("pageview", "page_view")
            if row["source"] == "browser"
            else row["event_name"],
            row["occurred_at"],
        )
        for row in tables["events"].rows(named=True)
        if row["scan_session_id"] == session and row["exclusion"] is None and row["row_id"] not in dropped
    ]
    sold = [
        ("conversion", row["converted_at"])
        for row in tables["conversions"].rows(named=True)
        if row["scan_session_id"] == session and not row["is_refund"] and row["unattributed_reason"] is None
    ]
    return happened + sold
