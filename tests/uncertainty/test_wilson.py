"""Wilson's score interval, against published values."""

import polars as pl
import pytest

from attribution.reports.conversion_rates import conversion_rates
from attribution.schemas.conversion_rates import ConversionRates
from attribution.uncertainty.wilson import expr_wilson, normal_quantile
from tests.stages.drawn import assert_drawn
from tests.uncertainty.drawn import conversions, sessions


def bounds(successes: int, trials: int, level: float = 0.95) -> tuple[float | None, float | None]:
    frame = pl.DataFrame({"k": [successes], "n": [trials]})
    low, high = expr_wilson(pl.col("k"), pl.col("n"), level)
    return frame.select(low.alias("low"), high.alias("high")).row(0)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # R: prop.test(x, n, correct = FALSE); Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (10, 100, 0.0552, 0.1744),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0000),
    ],
)
def test_wilson_gives_the_published_values(successes: int, trials: int, low: float, high: float) -> None:
    assert bounds(successes, trials) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_without_trials_there_is_no_rate() -> None:
    assert bounds(0, 0) == (None, None)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_bounds_are_the_rates_that_a_score_test_just_allows(level: float) -> None:
    for successes, trials in ((1, 7), (7, 50), (400, 1000)):
        for bound in bounds(successes, trials, level):
            assert bound is not None
            score = abs(successes / trials - bound) / (bound * (1 - bound) / trials) ** 0.5
            assert score == pytest.approx(normal_quantile(level))
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=1e-6)


def test_the_interval_mirrors_when_successes_and_failures_swap() -> None:
    for successes, trials in ((0, 3), (1, 7), (5, 9), (250, 1000)):
        low, high = bounds(successes, trials)
        assert bounds(trials - successes, trials) == (pytest.approx(1 - high), pytest.approx(1 - low))


def test_a_session_converts_once_and_scans_count_beside_sessions() -> None:
    scanned = sessions(
        """
        scan_session_id | qr_code_id | person_id | event_count | scanned_at_source
        s1              | q1         | p1        | 3           | scan_export
        s2              | q1         | p2        | 0           | scan_export
        s3              | q1         | p3        | 1           | first_event
        s4              | q2         | p4        | 1           | first_event
        s5              | -          | p5        | 1           | scan_export
        s6              | q3         | p5        | 0           | scan_export
        """
    )
    converted = conversions(
        """
        conversion_id | scan_session_id | is_refund | unattributed_reason
        c1            | s1              | no        | -
        c2            | s1              | no        | -
        c3            | s3              | yes       | -
        c4            | s4              | no        | outside_window
        c5            | s5              | no        | unlinked
        c6            | -               | no        | orphan
        """
    )
    found = conversion_rates(scanned, converted, has_scans=True).collect()
    ConversionRates.checked(found.lazy()).collect()
    assert_drawn(
        found,
        """
        qr_code_id | scan_sessions | converting_sessions | converting_sessions_pct | scans | converting_scans_pct
        q1         | 2             | 1                   | 50                      | 2     | 50
        q2         | 1             | 0                   | 0                       | 0     | -
        q3         | 0             | 0                   | -                       | 1     | 0
        """,
        in_order=True,
    )
    assert found["converting_sessions_pct_low"].to_list() == [pytest.approx(9.4531, abs=1e-3), 0.0, None]
    highest = [pytest.approx(high, abs=1e-3) for high in (90.5469, 79.3451)]
    assert found["converting_sessions_pct_high"].to_list() == [*highest, None]


def test_a_converting_session_outside_the_scan_export_is_no_converting_scan() -> None:
    scanned = sessions(
        """
        scan_session_id | qr_code_id | person_id | event_count | scanned_at_source
        s1              | q1         | p1        | 1           | scan_export
        s2              | q2         | p2        | 1           | scan_export
        s3              | q3         | p3        | 1           | scan_export
        s4              | q3         | p4        | 1           | first_event
        """
    )
    converted = conversions("conversion_id | scan_session_id\nc1 | s4")
    assert_drawn(
        conversion_rates(scanned, converted, has_scans=True).collect(),
        """
        qr_code_id | scan_sessions | converting_sessions | scans | converting_scans
        q3         | 2             | 1                   | 1     | 0
        q1         | 1             | 0                   | 1     | 0
        q2         | 1             | 0                   | 1     | 0
        """,
        in_order=True,
    )


def test_without_a_scan_export_there_are_no_rates_per_scan() -> None:
    scanned = sessions("scan_session_id | qr_code_id | person_id | scanned_at_source\ns1 | q1 | p1 | first_event")
    found = conversion_rates(scanned, conversions("conversion_id"), has_scans=False)
    assert found.select("scans", "converting_scans", "converting_scans_pct_high").collect().row(0) == (None, None, None)


def test_where_an_export_has_no_scan_of_these_sessions_there_are_none() -> None:
    scanned = sessions("scan_session_id | qr_code_id | person_id | scanned_at_source\ns1 | q1 | p1 | first_event")
    found = conversion_rates(scanned, conversions("conversion_id"), has_scans=True)
    assert found.select("scans", "converting_scans", "converting_scans_pct").collect().row(0) == (0, 0, None)
