"""What scans earned by placement, place, device and landing page."""

import polars as pl
import pytest
from hypothesis import given

from attribution.reports import revenue_by_dimension as module
from attribution.reports.revenue_by_dimension import revenue_by_dimension
from attribution.schemas.revenue_by_dimension import DIMENSIONS, RevenueByDimension
from tests.reports.worlds import (
    FEW,
    MODELS,
    Tables,
    assert_earned_the_same,
    assert_scanned_the_same,
    conversions,
    credited,
    sessions,
    tables_of,
)
from tests.stages.drawn import assert_drawn, qr_codes
from tests.stages.random_worlds import worlds

SESSIONS = """
    scan_session_id | qr_code_id | person_id | country_code | city | device_type | event_count | scanned_at_source
    s1              | q1         | p1        | DE           | Ulm  | mobile      | 2           | scan_export
    s2              | q1         | p1        | DE           | -    | desktop     | 1           | scan_export
    s3              | q2         | p2        | US           | -    | mobile      | 1           | scan_export
    s4              | -          | p4        | -            | -    | mobile      | 1           | first_event
    s5              | q1         | p5        | DE           | Ulm  | mobile      | 0           | scan_export
"""
CONVERSIONS = """
    conversion_id | scan_session_id | qr_code_id | is_refund | unattributed_reason
    c1            | s1              | q1         | no        | -
    c2            | s1              | q1         | no        | -
    r1            | s1              | q1         | yes       | -
    c3            | s3              | q2         | no        | -
    u1            | s2              | q1         | no        | outside_window
    u2            | s4              | -          | no        | unlinked
"""
CREDITS = """
    conversion_id | model        | scan_session_id | qr_code_id | credit | amount_reporting
    c1            | scan_session | s1              | q1         | 1      | 10
    c2            | scan_session | s1              | q1         | 1      | -
    r1            | scan_session | s1              | q1         | 1      | -4
    c3            | scan_session | s3              | q2         | 1      | 2
    c1            | linear       | s1              | q1         | 0.25   | 2.50
    c1            | linear       | s2              | q1         | 0.75   | 7.50
"""
DRAWN: Tables = {
    "scan_sessions": sessions(SESSIONS),
    "qr_codes": qr_codes("qr_code_id | placement\nq1 | door\nq2 | -"),
    "conversions": conversions(CONVERSIONS),
    "credits": credited(CREDITS),
}
NAMES = ("scan_sessions", "qr_codes", "conversions", "credits")


def made(
    *, model: str = "scan_session", has_scans: bool = True, min_group: int = 1, **given: pl.LazyFrame
) -> pl.DataFrame:
    every = given.pop("every_session", None)
    tables = DRAWN | given
    chosen = {"model": model, "has_scans": has_scans, "min_group": min_group, "every_session": every}
    rows = revenue_by_dimension(*(tables[name] for name in NAMES), currency="USD", **chosen)
    return RevenueByDimension.checked(rows).collect()


def of(dimension: str, found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("dimension") == dimension)


def test_values_come_by_revenue_and_what_is_not_known_last() -> None:
    found = made()
    assert found["dimension"].unique(maintain_order=True).to_list() == list(DIMENSIONS)
    assert_drawn(
        of("country", found),
        """
        value   | scans | scan_sessions | people | conversions | converting_sessions | revenue
        DE      | 3     | 2             | 1      | 2           | 1                   | 6
        US      | 1     | 1             | 1      | 1           | 1                   | 2
        Unknown | 0     | 1             | 1      | 0           | 0                   | 0
        """,
        in_order=True,
    )
    assert_drawn(
        of("city", found),
        """
        value   | scans | scan_sessions | people | conversions | converting_sessions | revenue
        Ulm     | 2     | 1             | 1      | 2           | 1                   | 6
        Unknown | 2     | 3             | 3      | 1           | 1                   | 2
        """,
        in_order=True,
    )


def test_rates_are_ratios_of_sums() -> None:
    assert_drawn(
        of("country", made()),
        """
        value   | converting_sessions_pct | conversions_per_session_pct | revenue_share_pct | revenue_per_scan
        DE      | 50                      | 100                         | 75                | 2
        US      | 100                     | 100                         | 25                | 2
        Unknown | 0                       | 0                           | 0                 | -
        """,
    )


def test_the_placement_is_that_of_the_sessions_code() -> None:
    assert_drawn(
        of("placement", made()),
        """
        value   | scans | scan_sessions | conversions | revenue
        door    | 3     | 2             | 2           | 6
        Unknown | 1     | 2             | 1           | 2
        """,
        in_order=True,
    )


def test_credit_counts_where_the_credited_session_is_and_converting_where_the_tied_one_is() -> None:
    assert_drawn(
        of("device", made(model="linear")),
        """
        value   | conversions | revenue | converting_sessions
        desktop | 0.75        | 7.50    | 0
        mobile  | 0.25        | 2.50    | 2
        """,
        in_order=True,
    )


def test_a_landing_page_that_no_session_has_is_unknown() -> None:
    without = sessions(SESSIONS).with_columns(landing_page=pl.lit(None, pl.String))
    assert_drawn(
        of("landing_page", made(scan_sessions=without)),
        "value | scan_sessions | conversions | revenue\nUnknown | 4 | 3 | 8",
    )
    with_page = without.with_columns(landing_page=pl.lit("https://shop/a"))
    assert of("landing_page", made(scan_sessions=with_page))["value"].to_list() == ["https://shop/a"]


def test_scans_are_null_without_a_scan_export() -> None:
    found = made(has_scans=False)
    assert found["scans"].null_count() == found["revenue_per_scan"].null_count() == found.height > 0
    assert of("country", found)["revenue"].sum() == 8


def test_a_share_of_nothing_is_null() -> None:
    zero = credited("conversion_id | amount_reporting\nc1 | 3\nr1 | -3")
    assert made(credits=zero)["revenue_share_pct"].null_count() == made(credits=zero).height


def test_a_session_of_an_earlier_period_is_looked_up_among_all() -> None:
    later = sessions(SESSIONS).filter(pl.col("scan_session_id") != "s1")
    alone = of("country", made(scan_sessions=later))
    assert_drawn(alone, "value | revenue | scan_sessions\nUS | 2 | 1\nDE | 0 | 1\nUnknown | 6 | 1", in_order=True)
    looked_up = of("country", made(scan_sessions=later, every_session=sessions(SESSIONS)))
    assert_drawn(
        looked_up,
        """
        value   | revenue | scan_sessions | converting_sessions
        DE      | 6       | 1             | 0
        US      | 2       | 1             | 1
        Unknown | 0       | 1             | 0
        """,
        in_order=True,
    )


def test_values_of_few_people_are_one_value_but_for_placements() -> None:
    more = "s6 | q1 | p6 | FR | - | mobile | 1 | scan_export"
    found = made(min_group=2, scan_sessions=sessions(f"{SESSIONS.rstrip()}\n    {more}\n"))
    assert_drawn(
        of("country", found),
        """
        value   | scans | scan_sessions | people | conversions | converting_sessions | revenue
        DE      | 3     | 2             | 1      | 2           | 1                   | 6
        Other   | 2     | 2             | 2      | 1           | 1                   | 2
        Unknown | 0     | 1             | 1      | 0           | 0                   | 0
        """,
        in_order=True,
    )
    assert of("placement", found)["value"].to_list() == ["door", "Unknown"]


def test_a_placement_of_a_single_person_is_shown_where_a_country_of_as_many_is_not() -> None:
    one = sessions("scan_session_id | qr_code_id | country_code\ns1 | q1 | DE")
    found = made(min_group=5, scan_sessions=one, conversions=conversions(), credits=credited())
    assert of("placement", found)["value"].to_list() == ["door"]
    assert "DE" not in of("country", found)["value"].to_list()


def test_people_of_several_small_values_count_once() -> None:
    rows = """
        scan_session_id | person_id | city | event_count
        s1              | p1        | A    | 1
        s2              | p1        | B    | 1
        s3              | p3        | B    | 1
        s4              | p4        | C    | 1
        s5              | p5        | C    | 1
        s6              | p6        | C    | 1
    """
    found = of("city", made(scan_sessions=sessions(rows), min_group=2))
    assert_drawn(found, "value | scan_sessions | people\nC | 3 | 3\nOther | 3 | 2")


def test_the_others_are_never_too_few_where_a_larger_value_can_be_one_of_them() -> None:
    rows = """
        scan_session_id | person_id | city | event_count
        s1              | p1        | A    | 1
        s2              | p2        | B    | 1
        s3              | p3        | B    | 1
        s4              | p4        | B    | 1
        s5              | p5        | -    | 1
    """
    found = of("city", made(scan_sessions=sessions(rows), min_group=3))
    assert_drawn(found, "value | scan_sessions | people\nOther | 4 | 4\nUnknown | 1 | 1")
    alone = of("city", made(scan_sessions=sessions(rows).filter(pl.col("city").fill_null("A") == "A"), min_group=3))
    assert_drawn(alone, "value | scan_sessions | people\nOther | 1 | 1\nUnknown | 1 | 1")


def test_a_value_that_is_called_other_is_among_the_others() -> None:
    rows = """
        scan_session_id | person_id | city  | event_count
        s1              | p1        | Other | 1
        s2              | p2        | Other | 1
        s3              | p3        | A     | 1
        s4              | p4        | B     | 1
        s5              | p5        | B     | 1
    """
    found = of("city", made(scan_sessions=sessions(rows), min_group=2))
    assert_drawn(found, "value | scan_sessions | people\nB | 2 | 2\nOther | 3 | 3")


def test_of_many_values_the_largest_are_shown_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    assert of("device", made())["value"].to_list() == ["mobile", "Other"]


def test_no_rows_make_no_rows() -> None:
    empty = {"scan_sessions": sessions(), "qr_codes": qr_codes()}
    found = made(**empty, conversions=conversions(), credits=credited(), has_scans=False)
    assert found.height == 0
    assert found.columns == RevenueByDimension.columns()


@given(world=worlds())
@FEW
def test_every_dimension_adds_up_to_revenue_per_qr(world: Tables) -> None:
    tables = tables_of(world)
    for model in MODELS:
        found = made(model=model, **{name: tables[name] for name in NAMES})
        for dimension in DIMENSIONS:
            rows = of(dimension, found)
            assert_earned_the_same(rows, tables, model)
            assert_scanned_the_same(rows, tables)
            assert rows["value"].is_unique().all()
            shares = rows["revenue_share_pct"].drop_nulls()
            assert not shares.len() or shares.sum() == pytest.approx(100)
        assert (found["converting_sessions_pct"].drop_nulls() <= 100).all()
