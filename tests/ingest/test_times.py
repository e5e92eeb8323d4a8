"""Times from text: each form that is read, what is no time, and that a text means the same whatever stands beside it."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.parse import UTC_MICROSECONDS, expr_time

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
USUAL = "2026-01-01T00:00:00.000Z"
NO_TIMES = (
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "01.02.2026",
    "yesterday",
    "",
    "1767225600",
    "2026-01-01T24:00:00Z",
)


def read(*texts: str | None) -> list[datetime | None]:
    column = pl.Series("time", texts, pl.String).to_frame()
    return column.select(expr_time(pl.col("time"), pl.String())).to_series().to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (USUAL, NEW_YEAR),
        ("2026-01-01T00:00:00Z", NEW_YEAR),
        ("2026-01-01T00:00:00.123456Z", NEW_YEAR.replace(microsecond=123456)),
        ("2026-01-01T00:00:00.123456789Z", NEW_YEAR.replace(microsecond=123456)),
        ("2026-01-01T02:00:00+02:00", NEW_YEAR),
        ("2026-01-01T02:00:00+0200", NEW_YEAR),
        ("2025-12-31T21:30:00.5-02:30", NEW_YEAR.replace(microsecond=500000)),
        ("2026-01-01 00:00:00", NEW_YEAR),
        ("2026-01-01T00:00Z", NEW_YEAR),
        ("2026-01-01", NEW_YEAR),
        ("20260101T000000Z", NEW_YEAR),
        ("1999-12-31T23:59:59Z", None),
        ("2100-01-01T00:00:00Z", None),
        *((text, None) for text in NO_TIMES),
    ],
)
def test_forms_of_a_time(text: str, expected: datetime | None) -> None:
    assert read(text) == [expected]


TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TEXTS = st.one_of(
    st.none(),
    TIMES.map(lambda time: time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
    TIMES.map(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ")),
    st.tuples(TIMES, ZONES).map(lambda drawn: drawn[0].astimezone(drawn[1]).isoformat()),
    st.sampled_from(NO_TIMES),
)


@given(st.lists(TEXTS, max_size=8))
def test_a_text_means_the_same_whatever_stands_beside_it(texts: list[str | None]) -> None:
    assert read(*texts) == [read(text)[0] for text in texts]


@given(TIMES, ZONES)
def test_a_time_comes_back_from_its_text(time: datetime, zone: timezone) -> None:
    assert read(time.astimezone(zone).isoformat(), USUAL) == [time, NEW_YEAR]


def test_no_texts_are_no_times() -> None:
    empty = pl.DataFrame(schema={"time": pl.String}).select(expr_time(pl.col("time"), pl.String()))
    assert empty.schema["time"] == UTC_MICROSECONDS
    assert read(None, None) == [None, None]
