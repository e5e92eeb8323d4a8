"""At which hours of the week people scan."""

import polars as pl
from hypothesis import given

from attribution.reports.scans_by_hour import scans_by_hour
from attribution.schemas.scans_by_hour import ScansByHour
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
from tests.stages.drawn import assert_drawn, scans
from tests.stages.random_worlds import worlds

NAMES = ("scan_sessions", "scans", "conversions", "credits")


def made(
    tables: Tables, *, time_zone: str = "UTC", has_scans: bool = True, model: str = "scan_session"
) -> pl.DataFrame:
    rows = scans_by_hour(
        *(tables[name] for name in NAMES),
        model=model,
        currency="USD",
        time_zone=time_zone,
        has_scans=has_scans,
        every_session=tables.get("every_session"),
    )
    found = ScansByHour.checked(rows).collect()
    assert found.select("weekday", "hour").rows() == [(day, hour) for day in range(1, 8) for hour in range(24)]
    return found


def busy(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter((pl.col("scan_sessions") + pl.col("conversions") > 0) | (pl.col("revenue") != 0))


def drawn(times: str) -> Tables:
    """Two sessions at the times; the first earns 10 a day later and gives 4 back, the second is not attributed."""
    one, two = times.split(" | ")
    late = f"scan_session_id | scanned_at\ns1 | {one}\ns2 | {two}"
    rows = """
        conversion_id | scan_session_id | is_refund | converted_at | unattributed_reason
        c1            | s1              | no        | +1d 15:00    | -
        r1            | s1              | yes       | +3d 16:00    | -
        u1            | s2              | no        | +1d 15:00    | before_scan
    """
    money = credited("conversion_id | amount_reporting\nc1 | 10\nr1 | -4")
    return {
        "scan_sessions": sessions(late),
        "scans": scans(late),
        "conversions": conversions(rows),
        "credits": money,
    }


def test_everything_counts_at_the_hour_of_the_scan() -> None:
    assert_drawn(
        busy(made(drawn("09:59:59 | 10:00"))),
        """
        weekday | hour | scan_sessions | scans | conversions | revenue
        5       | 9    | 1             | 1     | 1           | 6
        5       | 10   | 1             | 1     | 0           | 0
        """,
        in_order=True,
    )


def test_hours_and_weekdays_are_those_of_the_time_zone() -> None:
    found = busy(made(drawn("21:59:59 | 22:00"), time_zone="Europe/Berlin"))
    assert_drawn(found, "weekday | hour | scan_sessions | revenue\n5 | 23 | 1 | 6\n6 | 0 | 1 | 0", in_order=True)


def test_an_hour_that_the_clock_shows_twice_holds_both() -> None:
    found = busy(made(drawn("2026-10-25T00:30:00 | 2026-10-25T01:30:00"), time_zone="Europe/Berlin"))
    assert_drawn(found, "weekday | hour | scan_sessions\n7 | 2 | 2")


def test_what_an_earlier_scan_earns_counts_at_its_hour_where_all_sessions_are_given() -> None:
    tables = drawn("09:00 | 10:00")
    later = tables | {"scan_sessions": tables["scan_sessions"].tail(1), "every_session": tables["scan_sessions"]}
    found = busy(made(later))
    assert_drawn(found, "hour | scan_sessions | revenue\n9 | 0 | 6\n10 | 1 | 0")


def test_scans_are_null_without_a_scan_export() -> None:
    assert made(drawn("09:00 | 10:00"), has_scans=False)["scans"].null_count() == 168


def test_an_empty_world_is_168_rows_of_nothing() -> None:
    empty = {"scan_sessions": sessions(), "scans": scans(), "conversions": conversions(), "credits": credited()}
    assert busy(made(empty)).height == 0


@given(world=worlds())
@FEW
def test_the_hours_add_up_to_revenue_per_qr(world: Tables) -> None:
    tables = tables_of(world)
    for model in MODELS:
        found = made(tables, time_zone="Asia/Kolkata", model=model)
        assert_earned_the_same(found, tables, model)
        assert_scanned_the_same(found, tables)
