"""The numbers of a summary under a reading: one per section, key and measure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from attribution import terms
from attribution.fx import total
from attribution.money import TOTAL
from attribution.platform_summary import readings
from attribution.platform_summary.facts import COPY, Days, Facts
from attribution.platform_summary.readings import OURS, Reading

SECTIONS: Final = {"count": None, "trend": "day", "event_breakdown": "event", "site_breakdown": "site"}
"""Section of the answer -> what its rows are cut by; the names of the keys there are in `answer.KEYS`."""
SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {"section": pl.String, "key": pl.String, "value": TOTAL}
DAYS: Final = ("day", "utc_day", "received_day")
ROW_MARKS: Final = (COPY, "exclusion")
"""Null in rows that our reading counts."""
SESSIONS_AT_ONCE: Final = 6_000_000


def number(facts: Facts, measure: str, days: Days = None, reading: Reading = OURS) -> pl.DataFrame:
    """`section, key, value` of one measure in all sections: `key` is null in `count`, else a day, an event or a site.

    Args:
        facts: Of the run.
        measure: `total_events`, `unique_sessions`, `conversions` or `revenue` (in `facts.currency`; reporting currency
            where the reading converts).
        days: The period, as the reading cuts days.
        reading: The departures from ours.
    """
    parts, of = MEASURES[measure](facts.within(days, [readings.day(reading)]), reading)
    columns = {"day": readings.day(reading), "event": readings.event(reading), "site": "site"}
    listed = [pl.DataFrame(schema=SCHEMA)]
    for section, cut in SECTIONS.items():
        key = pl.lit(None, pl.String) if cut is None else pl.col(columns[cut]).cast(pl.String)
        for part in parts:
            known = part if cut is None else part.filter(pl.col(columns[cut]).is_not_null())
            cells = known.group_by(key=key).agg(value=of.cast(TOTAL))
            listed.append(cells.select(pl.lit(section).alias("section"), "key", "value").collect(engine="streaming"))
    numbers = pl.concat(listed).group_by("section", "key", maintain_order=True).agg(pl.col("value").sum().cast(TOTAL))
    return _with_rejects(numbers, facts) if readings.REJECTS in reading else numbers


def with_sessions_held(facts: Facts, reading: Reading = OURS) -> Facts:
    """The facts for this reading alone, with their sessions in memory: each once in every place that it counts in."""
    places = list(dict.fromkeys([readings.day(reading), readings.event(reading), "site"]))
    words = pl.col(*(name for name in places if name not in DAYS)).cast(pl.Categorical)
    distinct = (
        _with_session(part, reading).select("session", *places).with_columns(words).unique().collect(engine="streaming")
        for part in facts.events
    )
    held = pl.concat(rows.rechunk() for rows in distinct)
    constant = {name: pl.lit(None, pl.String) for name in ROW_MARKS} | {"source": pl.lit(terms.BROWSER)}
    parts = -(-held.height // SESSIONS_AT_ONCE) or 1
    return replace(facts, events=(held.lazy().with_columns(**constant),), parts=parts)


def _with_session(events: pl.LazyFrame, reading: Reading) -> pl.LazyFrame:
    return events.filter(readings.counts(reading), readings.has_session(reading), pl.col("session").is_not_null())


Counted = tuple[Sequence[pl.LazyFrame], pl.Expr]
"""Rows, in parts whose numbers add up, and what is counted of them."""


def _total_events(facts: Facts, reading: Reading) -> Counted:
    return [facts.counts.filter(readings.counts(reading))], pl.col("rows").sum()


def _unique_sessions(facts: Facts, reading: Reading) -> Counted:
    counted = _with_session(pl.concat(facts.events), reading)
    parts = [counted.filter(pl.col("session") % facts.parts == part) for part in range(facts.parts)]
    return parts, pl.col("session").n_unique()


def _conversions(facts: Facts, reading: Reading) -> Counted:
    return [facts.conversions.filter(readings.counts(reading), readings.converts(reading))], pl.col("rows").sum()


def _revenue(facts: Facts, reading: Reading) -> Counted:
    return [facts.conversions.filter(readings.counts(reading))], total(readings.money(reading, facts.currency))


MEASURES: Final[dict[str, Callable[[Facts, Reading], Counted]]] = {
    "total_events": _total_events,
    "unique_sessions": _unique_sessions,
    "conversions": _conversions,
    "revenue": _revenue,
}


def _with_rejects(numbers: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Rows that were refused have no day, name or site: they are of the whole only."""
    of_all = pl.col("section") == "count"
    return numbers.with_columns(value=pl.when(of_all).then(pl.col("value") + facts.rejects).otherwise("value"))
