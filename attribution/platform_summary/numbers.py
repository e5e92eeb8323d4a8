"""The numbers of a summary under a reading: one per section, key and measure."""

from collections.abc import Callable
from typing import Final

import polars as pl

from attribution.fx import total
from attribution.money import TOTAL
from attribution.platform_summary import readings
from attribution.platform_summary.facts import Days, Facts
from attribution.platform_summary.readings import OURS, Reading

SECTIONS: Final = {"count": None, "trend": "day", "event_breakdown": "event", "site_breakdown": "site"}
"""Section of the answer -> what its rows are cut by; the names of the keys there are in `answer.KEYS`."""
SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {"section": pl.String, "key": pl.String, "value": TOTAL}


def number(facts: Facts, measure: str, days: Days = None, reading: Reading = OURS) -> pl.DataFrame:
    """`section, key, value` of one measure in all sections: `key` is null in `count`, else a day, an event or a site.

    Args:
        facts: Of the run.
        measure: `total_events`, `unique_sessions`, `conversions` or `revenue` (in `facts.currency`; reporting currency
            where the reading converts).
        days: The period, as the reading cuts days.
        reading: The departures from ours.
    """
    counted, of = MEASURES[measure](facts.within(days, [readings.day(reading)]), reading)
    columns = {"day": readings.day(reading), "event": readings.event(reading), "site": "site"}
    listed = [pl.DataFrame(schema=SCHEMA)]
    for section, cut in SECTIONS.items():
        key = pl.lit(None, pl.String) if cut is None else pl.col(columns[cut]).cast(pl.String)
        known = counted if cut is None else counted.filter(pl.col(columns[cut]).is_not_null())
        cells = known.group_by(key=key).agg(value=of.cast(TOTAL))
        listed.append(cells.select(pl.lit(section).alias("section"), "key", "value").collect(engine="streaming"))
    numbers = pl.concat(listed)
    return _with_rejects(numbers, facts) if readings.REJECTS in reading else numbers


def _total_events(facts: Facts, reading: Reading) -> tuple[pl.LazyFrame, pl.Expr]:
    return facts.counts.filter(readings.counts(reading)), pl.col("rows").sum()


def _unique_sessions(facts: Facts, reading: Reading) -> tuple[pl.LazyFrame, pl.Expr]:
    counted = facts.events.filter(readings.counts(reading), readings.has_session(reading))
    return counted, pl.col("session").drop_nulls().n_unique()


def _conversions(facts: Facts, reading: Reading) -> tuple[pl.LazyFrame, pl.Expr]:
    return facts.conversions.filter(readings.counts(reading), readings.converts(reading)), pl.col("rows").sum()


def _revenue(facts: Facts, reading: Reading) -> tuple[pl.LazyFrame, pl.Expr]:
    return facts.conversions.filter(readings.counts(reading)), total(readings.money(reading, facts.currency))


MEASURES: Final[dict[str, Callable[[Facts, Reading], tuple[pl.LazyFrame, pl.Expr]]]] = {
    "total_events": _total_events,
    "unique_sessions": _unique_sessions,
    "conversions": _conversions,
    "revenue": _revenue,
}


def _with_rejects(numbers: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Rows that were refused have no day, name or site: they are of the whole only."""
    of_all = pl.col("section") == "count"
    return numbers.with_columns(value=pl.when(of_all).then(pl.col("value") + facts.rejects).otherwise("value"))
