"""journeys: which scans are touches of which conversion, drawn as small tables."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.journeys import journeys
from tests.journeys.drawn import at, conversions, sessions


def drawn(touches: pl.LazyFrame) -> dict[str, list[str]]:
    """The touches of each conversion, oldest first, the tied one marked."""
    rows = touches.sort("conversion_id", "position").collect()
    listed: dict[str, list[str]] = {}
    for row in rows.iter_rows(named=True):
        listed.setdefault(row["conversion_id"], []).append(row["scan_session_id"] + ("*" if row["is_tied"] else ""))
    return listed


def test_scans_of_the_same_person_before_the_conversion_are_touches() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 5), ("s3", "bob", "C", 3), ("s4", "ann", "C", 9))
    assert drawn(journeys(scans, conversions(scans, ("c", "ann", "s2", "B", 8, "10")))) == {"c": ["s1", "s2*"]}


def test_touches_stand_in_the_order_of_their_scans() -> None:
    scans = sessions(("z", "ann", "A", 0), ("m", "ann", "B", 5), ("a", "ann", "C", 7))
    assert drawn(journeys(scans, conversions(scans, ("c", "ann", "m", "B", 8, "10")))) == {"c": ["z", "m*", "a"]}


def test_of_touches_of_one_time_the_tied_one_is_the_last_and_the_others_stand_in_text_order() -> None:
    scans = sessions(("z", "ann", "A", 0), ("m", "ann", "B", 0), ("a", "ann", "C", 0))
    assert drawn(journeys(scans, conversions(scans, ("c", "ann", "a", "C", 8, "10")))) == {"c": ["m", "z", "a*"]}


def test_a_scan_of_which_no_qr_code_is_known_is_no_touch() -> None:
    scans = sessions(("s1", "ann", None, 0), ("s2", "ann", "B", 5))
    assert drawn(journeys(scans, conversions(scans, ("c", "ann", "s2", "B", 8, "10")))) == {"c": ["s2*"]}


def test_a_scan_at_the_very_second_of_the_conversion_counts_and_a_later_one_does_not() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 8), ("s3", "ann", "C", 8.001))
    assert drawn(journeys(scans, conversions(scans, ("c", "ann", "s1", "A", 8, "10")))) == {"c": ["s1*", "s2"]}


def test_the_lookback_is_inclusive_to_the_second() -> None:
    scans = sessions(("old", "ann", "A", 0), ("older", "ann", "B", -1 / 3600), ("s", "ann", "C", 24 * 59))
    assert drawn(journeys(scans, conversions(scans, ("c", "ann", "s", "C", 24 * 60, "10")))) == {"c": ["old", "s*"]}


def test_the_tied_session_is_always_a_touch_clamped_to_the_conversion() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 8.05))
    touches = journeys(scans, conversions(scans, ("c", "ann", "s2", "B", 8, "10")))
    assert drawn(touches) == {"c": ["s1", "s2*"]}
    last = touches.filter("is_tied").collect()
    assert last["touched_at"].item() == at(8)
    assert last["age_seconds"].item() == 0


def test_a_later_purchase_does_not_change_an_earlier_one() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 5))
    both = conversions(scans, ("c1", "ann", "s1", "A", 1, "10"), ("c2", "ann", "s2", "B", 6, "10"))
    assert drawn(journeys(scans, both)) == {"c1": ["s1*"], "c2": ["s1", "s2*"]}


def test_cycles_close_a_journey_with_its_conversion() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 5))
    both = conversions(scans, ("c1", "ann", "s1", "A", 1, "10"), ("c2", "ann", "s2", "B", 6, "10"))
    assert drawn(journeys(scans, both, cycles=True)) == {"c1": ["s1*"], "c2": ["s2*"]}


def test_the_last_of_several_earlier_conversions_closes_the_journey_and_a_scan_at_its_time_is_in_it() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 5), ("s3", "ann", "C", 6), ("s4", "ann", "A", 7))
    rows = (("c1", "ann", "s1", "A", 1, "10"), ("c2", "ann", "s2", "B", 6, "10"), ("c3", "ann", "s4", "A", 8, "10"))
    found = drawn(journeys(scans, conversions(scans, *rows), cycles=True))
    assert found == {"c1": ["s1*"], "c2": ["s2*", "s3"], "c3": ["s4*"]}


def test_a_conversion_that_is_not_attributed_has_no_journey_and_closes_none() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 5))
    both = conversions(scans, ("c1", "ann", "s1", "A", 1, "10"), ("c2", "ann", "s2", "B", 6, "10"))
    late = pl.when(conversion_id="c1").then(pl.lit("outside_window"))
    assert drawn(journeys(scans, both.with_columns(unattributed_reason=late), cycles=True)) == {"c2": ["s1", "s2*"]}


def test_a_refund_closes_no_journey() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 5))
    both = conversions(scans, ("c1", "ann", "s1", "A", 1, "-10"), ("c2", "ann", "s2", "B", 6, "10"))
    assert drawn(journeys(scans, both, cycles=True))["c2"] == ["s1", "s2*"]


def test_two_conversions_in_the_same_second_are_kept_apart() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 5))
    both = conversions(scans, ("c1", "ann", "s1", "A", 6, "10"), ("c2", "ann", "s2", "B", 6, "10"))
    assert drawn(journeys(scans, both)) == {"c1": ["s1*", "s2"], "c2": ["s1", "s2*"]}


def test_a_scan_without_a_known_qr_code_is_no_touch() -> None:
    scans = sessions(("s1", "ann", None, 0), ("s2", "ann", "B", 5))
    assert drawn(journeys(scans, conversions(scans, ("c", "ann", "s2", "B", 8, "10")))) == {"c": ["s2*"]}


def test_a_refund_has_the_journey_of_its_order() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 50))
    refund = conversions(scans, ("r", "ann", "s1", "A", 60, "-10")).with_columns(journey_ended_at=pl.lit(at(1)))
    assert drawn(journeys(scans, refund)) == {"r": ["s1*"]}


people = st.sampled_from(["ann", "bob", "cat"])
hours = st.integers(0, 48)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    scans = draw(st.lists(st.tuples(people, st.sampled_from("ABC"), hours), min_size=1, max_size=12))
    rows = [(f"s{n}", person, code, hour) for n, (person, code, hour) in enumerate(scans)]
    chosen = draw(st.lists(st.tuples(st.sampled_from(rows), hours), min_size=1, max_size=8))
    bought = [(f"c{n}", row[1], row[0], row[2], hour, "10") for n, (row, hour) in enumerate(chosen)]
    scanned = sessions(*rows)
    return scanned, conversions(scanned, *bought)


@settings(max_examples=60)
@given(worlds())
def test_splitting_by_person_changes_nothing(world: tuple[pl.LazyFrame, pl.LazyFrame]) -> None:
    scans, bought = world
    whole = drawn(journeys(scans, bought))
    parts: dict[str, list[str]] = {}
    for person in ("ann", "bob", "cat"):
        mine = pl.col("person_id") == person
        parts |= drawn(journeys(scans.filter(mine), bought.filter(mine)))
    assert parts == whole


@settings(max_examples=60)
@given(worlds())
def test_no_touch_lies_after_its_conversion_and_one_is_tied(world: tuple[pl.LazyFrame, pl.LazyFrame]) -> None:
    touches = journeys(*world).join(world[1].select("conversion_id", "converted_at"), on="conversion_id").collect()
    assert (touches["touched_at"] <= touches["converted_at"]).all()
    assert (touches.group_by("conversion_id").agg(pl.col("is_tied").sum())["is_tied"] == 1).all()
    assert touches["conversion_id"].n_unique() == world[1].collect().height
