"""How the scans of a week go on to convert."""

from datetime import datetime

import polars as pl
from hypothesis import given

from attribution.earned import observed_until
from attribution.reports.cohorts import cohorts
from attribution.schemas.cohorts import Cohorts
from tests.reports.worlds import FEW, MODELS, Tables, conversions, credited, per_qr, sessions, tables_of
from tests.stages.drawn import assert_drawn, moment
from tests.stages.random_worlds import worlds

SESSIONS = """
    scan_session_id | scanned_at | is_known
    s1              | +3d 09:00  | yes
    s2              | +5d 09:00  | yes
    s3              | +10d 09:00 | yes
    s4              | +10d 09:00 | no
"""
CONVERSIONS = """
    conversion_id | scan_session_id | is_refund | converted_at | unattributed_reason
    c1            | s1              | no        | +3d 10:00    | -
    c2            | s1              | no        | +12d 10:00   | -
    c3            | s2              | no        | +12d 09:00   | -
    r1            | s1              | yes       | +19d 10:00   | -
    u1            | s3              | no        | +40d 10:00   | outside_window
"""
CREDITS = """
    conversion_id | scan_session_id | amount_reporting
    c1            | s1              | 10
    c2            | s1              | 5
    c3            | s2              | 3
    r1            | s1              | -4
"""
DRAWN = (sessions(SESSIONS), conversions(CONVERSIONS), credited(CREDITS))
EMPTY = (sessions(), conversions(), credited())


def made(
    tables: tuple[pl.LazyFrame, ...] = DRAWN,
    until: datetime | None = None,
    *,
    time_zone: str = "UTC",
    model: str = "scan_session",
) -> pl.DataFrame:
    known = tables[0]
    if until:
        last = known.head(1).with_columns(scan_session_id=pl.lit("last"), is_known=False, last_event_at=pl.lit(until))
        known = pl.concat([known, last], how="vertical_relaxed")
    rows = cohorts(known, *tables[1:], model=model, currency="USD", time_zone=time_zone)
    return Cohorts.checked(rows).collect()


def test_sums_run_from_the_scan_and_a_session_converts_once() -> None:
    assert_drawn(
        made(until=moment("+90d")),
        """
        cohort_week | weeks_since_scan | sessions | converting_sessions | converting_pct | revenue
        +3d         | 0                | 2        | 1                   | 50             | 10
        +3d         | 1                | 2        | 2                   | 100            | 18
        +3d         | 2                | 2        | 2                   | 100            | 14
        +10d        | 0                | 1        | 0                   | 0              | 0
        +10d        | 1                | 1        | 0                   | 0              | 0
        +10d        | 2                | 1        | 0                   | 0              | 0
        """,
        in_order=True,
    )


def test_weeks_that_were_not_observed_are_left_out_and_a_cut_one_is_said() -> None:
    assert_drawn(
        made(until=moment("+19d 10:00")),
        """
        cohort_week | weeks_since_scan | is_observed_fully
        +3d         | 0                | yes
        +3d         | 1                | yes
        +3d         | 2                | no
        +10d        | 0                | yes
        +10d        | 1                | no
        """,
        in_order=True,
    )


def test_a_cohort_is_followed_as_long_as_its_oldest_session_was_observed_in_all_the_data() -> None:
    scanned = sessions("""
        scan_session_id | scanned_at
        s0              | 2026-04-20T09:00:00
        s1              | +3d 09:00
        s2              | +9d 09:00
    """)
    bought = conversions("conversion_id | scan_session_id | converted_at\nc1 | s0 | +11d 09:00")
    earned = credited("conversion_id | scan_session_id | amount_reporting\nc1 | s0 | 5")
    later = pl.concat([scanned, sessions("scan_session_id | scanned_at\nlast | +17d 09:00")])
    found = cohorts(scanned, bought, earned, model="scan_session", currency="USD", time_zone="UTC", every_session=later)
    last = found.collect().group_by("cohort_week").agg(pl.col("weeks_since_scan").max())
    assert_drawn(last, "cohort_week | weeks_since_scan\n2026-04-20T00:00:00 | 3\n+3d | 2")


def test_a_week_is_observed_when_the_youngest_session_has_seen_its_end() -> None:
    for until, seen in (("+12d 08:59", False), ("+12d 09:00", True)):
        first = made(until=moment(until)).head(1)
        assert first["is_observed_fully"].item() is seen


def test_by_default_the_last_event_or_scan_ends_the_observation() -> None:
    assert made().equals(made(until=moment("+10d 09:00")))


def test_the_week_of_scan_is_that_of_the_time_zone() -> None:
    """Sunday 22:00 UTC is Monday in Berlin."""
    late = (sessions("scan_session_id | scanned_at\ns1 | +2d 21:59:59\ns2 | +2d 22:00"), *EMPTY[1:])
    weeks = "cohort_week | sessions"
    assert_drawn(made(late, time_zone="Europe/Berlin"), f"{weeks}\n2026-04-27T00:00:00 | 1\n+3d | 1")
    assert_drawn(made(late), f"{weeks}\n2026-04-27T00:00:00 | 2")


def test_a_conversion_just_before_its_scan_is_in_the_first_week() -> None:
    early = conversions("conversion_id | scan_session_id | converted_at\nc1 | s1 | 08:58")
    found = made((sessions("scan_session_id\ns1"), early, credited("conversion_id | amount_reporting\nc1 | 5")))
    assert_drawn(found, "weeks_since_scan | converting_sessions | revenue\n0 | 1 | 5")


def test_a_conversion_behind_all_that_was_observed_has_its_week() -> None:
    late = conversions("conversion_id | scan_session_id | converted_at\nc0 | s1 | 10:00\nc1 | s1 | +8d 10:00")
    money = credited("conversion_id | amount_reporting\nc0 | 2\nc1 | 5")
    found = made((sessions("scan_session_id\ns1"), late, money))
    assert_drawn(found, "weeks_since_scan | revenue | is_observed_fully\n0 | 2 | no\n1 | 7 | no", in_order=True)


def test_scans_that_never_convert_have_one_week_of_nothing() -> None:
    found = made((DRAWN[0], *EMPTY[1:]), moment("+90d"))
    assert_drawn(found, "cohort_week | weeks_since_scan | revenue\n+3d | 0 | 0\n+10d | 0 | 0", in_order=True)


def test_no_sessions_make_no_cohorts() -> None:
    assert made(EMPTY).height == 0


@given(world=worlds())
@FEW
def test_the_last_weeks_add_up_to_revenue_per_qr(world: Tables) -> None:
    tables = tables_of(world)
    used = tuple(tables[name] for name in ("scan_sessions", "conversions", "credits"))
    for model in MODELS:
        found = made(used, time_zone="Asia/Kolkata", model=model)
        earned = per_qr(tables, model).filter(pl.col("qr_code_id") != "unlinked")["revenue"].sum()
        last = found.group_by("cohort_week", maintain_order=True).last()
        assert last["revenue"].sum() == earned
        known = tables["scan_sessions"].collect().filter("is_known")
        assert last["sessions"].sum() == known.height
        assert (found["converting_pct"] <= 100).all()


def test_conversions_are_seen_up_to_the_last_scan_or_event() -> None:
    scanned_last = "s1 | 09:00 | 10:00\ns2 | 12:00 | -"
    happened_last = "s1 | 09:00 | 13:00\ns2 | 12:00 | 12:30"
    for drawn, last in ((scanned_last, "12:00"), (happened_last, "13:00")):
        seen = observed_until(sessions(f"scan_session_id | scanned_at | last_event_at\n{drawn}")).collect()
        assert seen["observed_until"].to_list() == [moment(last)]
