"""Lag, assists and top paths, drawn as small tables."""

from decimal import Decimal

import polars as pl
import pytest

from attribution.journeys import journeys
from attribution.reports.assisted_conversions import assisted_conversions
from attribution.reports.conversion_lag import conversion_lag
from attribution.reports.top_paths import top_paths
from attribution.schemas.qr_codes import QrCodes
from attribution.terms import PATH_STEP
from tests.journeys.drawn import conversions, sessions

CODES = QrCodes.no_rows().lazy()


def test_a_scan_is_at_risk_for_the_days_that_it_was_observed_only() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "bob", "A", 0), ("s3", "cat", "A", 48), ("s4", "dan", "A", 72))
    bought = conversions(scans, ("c", "ann", "s1", "A", 30, "10"), ("again", "ann", "s1", "A", 60, "10"))
    found = conversion_lag(scans, bought, window_days=5).collect()
    assert found.select("day", "sessions_at_risk", "converting_sessions", "censored_sessions").rows() == [
        (0, 4, 0, 1),
        (1, 3, 1, 1),
        (2, 1, 0, 0),
        (3, 1, 0, 1),
        (4, 0, 0, 0),
    ]
    assert found["converted_share"].to_list() == pytest.approx([0, 1 / 2, 1 / 2, 1 / 2, 1 / 2])


def test_scans_of_a_period_are_followed_to_the_end_of_the_data() -> None:
    every = sessions(("s1", "ann", "A", 0), ("s2", "bob", "A", 1), ("later", "cat", "A", 72))
    bought = conversions(every, ("c", "ann", "s1", "A", 50, "10"))
    found = conversion_lag(every.head(2), bought, window_days=4, every_session=every).collect()
    assert found.select("day", "sessions_at_risk", "converting_sessions", "censored_sessions").rows() == [
        (0, 2, 0, 0),
        (1, 2, 0, 0),
        (2, 2, 1, 1),
        (3, 0, 0, 0),
    ]


def test_a_conversion_just_before_its_scan_is_one_of_day_0() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "bob", "A", 0), ("last", "cat", "A", 96))
    bought = conversions(scans, ("c", "ann", "s1", "A", -0.05, "10"))
    found = conversion_lag(scans, bought, window_days=2).collect()
    assert found.select("day", "sessions_at_risk", "converting_sessions", "censored_sessions").rows() == [
        (0, 3, 1, 1),
        (1, 1, 0, 0),
    ]
    assert found["converted_share"].to_list() == pytest.approx([1 / 3, 1 / 3])


def test_a_conversion_at_the_very_end_of_the_window_is_of_its_last_day_and_who_has_none_by_then_is_of_no_day() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "bob", "A", 0), ("last", "cat", "A", 96))
    bought = conversions(scans, ("c", "ann", "s1", "A", 48, "10"))
    found = conversion_lag(scans, bought, window_days=2).collect()
    assert found.select("day", "sessions_at_risk", "converting_sessions", "censored_sessions").rows() == [
        (0, 3, 0, 1),
        (1, 2, 1, 0),
    ]
    assert found["converted_share"].to_list() == pytest.approx([0, 1 / 2])


def test_the_share_is_0_until_somebody_converts() -> None:
    every = sessions(("s1", "ann", "A", 0), ("later", "cat", "A", 72))
    bought = conversions(every, ("c", "ann", "s1", "A", 50, "10"))
    found = conversion_lag(every.head(1), bought, window_days=3, every_session=every).collect()
    assert found["converted_share"].to_list() == [0, 0, 1]


def test_the_data_ends_with_the_last_session_whether_its_scan_is_known_or_not() -> None:
    every = sessions(("s1", "ann", "A", 0), ("last", "bob", "A", 72))
    last = every.with_columns(is_known=pl.col("scan_session_id") != "last")
    found = conversion_lag(last, conversions(every), window_days=4).collect()
    assert found["censored_sessions"].to_list() == [0, 0, 0, 1]


def test_scans_of_the_last_hours_do_not_pull_down_the_share_of_their_day() -> None:
    scans = sessions(*((f"s{hour}", f"p{hour}", "A", hour) for hour in range(24)), ("end", "end", "A", 24))
    bought = conversions(scans, *((f"c{hour}", f"p{hour}", f"s{hour}", "A", hour + 12, "10") for hour in range(12)))
    found = conversion_lag(scans, bought, window_days=2).collect()
    assert found.select("day", "sessions_at_risk", "converting_sessions", "censored_sessions").row(0) == (0, 25, 12, 13)
    assert found["converted_share"].to_list() == pytest.approx([1 - 1 / 13, 1 - 1 / 13])


def test_a_code_closes_assists_and_influences_but_not_refunds() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 1), ("s3", "ann", "A", 2), ("s4", "bob", "B", 0))
    bought = conversions(
        scans,
        ("c1", "ann", "s3", "A", 3, "10"),
        ("c2", "ann", "s2", "B", 1.5, "10"),
        ("c3", "bob", "s4", "B", 3, "10"),
        ("r", "bob", "s4", "B", 4, "-10"),
    )
    found = assisted_conversions(journeys(scans, bought), bought, CODES).collect()
    measures = ("influenced_conversions", "closed_conversions", "assisted_conversions", "assist_ratio")
    assert found.select("qr_code_id", *measures).rows() == [("B", 3, 2, 1, 0.5), ("A", 2, 1, 2, 2.0)]


def test_paths_are_counted_with_their_money_and_days() -> None:
    scans = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 24), ("s3", "bob", "A", 0), ("s4", "cat", "A", 0))
    bought = conversions(
        scans,
        ("c1", "ann", "s2", "B", 48, "10.01"),
        ("c2", "bob", "s3", "A", 24, "5"),
        ("c3", "cat", "s4", "A", 72, "7"),
        ("r", "cat", "s4", "A", 80, "-7"),
    )
    found = top_paths(journeys(scans, bought), bought, CODES, currency="USD").collect()
    assert found.rows() == [
        ("A", 1, 2, Decimal("12.0000"), "USD", pytest.approx(2 / 3), pytest.approx(2)),
        ("A > B", 2, 1, Decimal("10.0100"), "USD", pytest.approx(1 / 3), pytest.approx(2)),
    ]


def test_codes_whose_names_read_alike_only_with_an_id_are_paths_of_their_own_too() -> None:
    drawn = {"A": "Poster", "B": "Poster", "C": "Poster (A)"}
    listed = pl.LazyFrame({"qr_code_id": drawn.keys(), "name": drawn.values()})
    scans = sessions(*((f"s{code}", f"p{code}", code, 0) for code in drawn))
    bought = conversions(scans, *((f"c{code}", f"p{code}", f"s{code}", code, 24, "10") for code in drawn))
    found = top_paths(journeys(scans, bought), bought, listed, currency="USD").collect()
    assert found["path"].to_list() == ["Poster (A) (A)", "Poster (A) (C)", "Poster (B)"]


def test_a_path_has_as_many_steps_as_touches_whatever_its_codes_are_called() -> None:
    drawn = {"A": "Floor 1 > Door", "B": "Menu", "C > D": None, "E": "Floor 1", "F": "Door", "G": "Menu"}
    listed = pl.LazyFrame({"qr_code_id": drawn.keys(), "name": drawn.values()}, schema_overrides={"name": pl.String})
    ways = {"p1": "AB", "p2": ["C > D", "unknown > code"], "p3": "EFB", "p4": ["A", "B"]}
    scans = sessions(*((f"{who}{at}", who, code, at) for who, way in ways.items() for at, code in enumerate(way)))
    ends = ((who, len(way) - 1, way[-1]) for who, way in ways.items())
    bought = conversions(scans, *((f"c{who}", who, f"{who}{at}", code, 24, "10") for who, at, code in ends))
    found = top_paths(journeys(scans, bought), bought, listed, currency="USD").collect()
    assert found["path"].str.split(PATH_STEP).list.len().to_list() == found["touches"].to_list()
    assert found.select("path", "conversions").rows() == [
        ("Floor 1 › Door > Menu (B)", 2),
        ("C › D > unknown › code", 1),
        ("Floor 1 > Door > Menu (B)", 1),
    ]


def test_codes_of_one_name_are_paths_of_their_own_and_told_by_id() -> None:
    drawn = {"A": "Poster", "B": "Poster", "C": "Menu", "D": "F", "E": "Poster > Menu", "F": None, "G": "Flyer"}
    listed = pl.LazyFrame({"qr_code_id": drawn.keys(), "name": drawn.values()}, schema_overrides={"name": pl.String})
    scans = sessions(
        *((f"s{code}", f"p{code}", code, 0) for code in drawn), ("t1", "ann", "A", 0), ("t2", "ann", "C", 1)
    )
    alone = ((f"c{code}", f"p{code}", f"s{code}", code, 24, "10") for code in drawn)
    bought = conversions(scans, *alone, ("d", "ann", "t2", "C", 24, "10"))
    found = top_paths(journeys(scans, bought), bought, listed, currency="USD").collect()
    paths = ["F", "F (D)", "Flyer", "Menu", "Poster (A)", "Poster (A) > Menu", "Poster (B)", "Poster › Menu"]
    assert found.select("path", "conversions").rows() == [(path, 1) for path in paths]
