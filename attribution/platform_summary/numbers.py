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
from attribution.slices import by_key

SECTIONS: Final = {"count": None, "trend": "day", "event_breakdown": "event", "site_breakdown": "site"}
"""Section of the answer -> what its rows are cut by; `theirs.KEYS` has the names of the keys there."""
SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {"section": pl.String, "key": pl.String, "value": TOTAL}
DAYS: Final = ("day", "utc_day", "received_day")
ROW_MARKS: Final = (COPY, "exclusion")
"""Null in rows that our reading counts."""


def number(facts: Facts, measure: str, days: Days = None, reading: Reading = OURS) -> pl.DataFrame:
    """`section, key, value` of one measure in all sections: `key` is null in `count`, else a day, an event or a site.

    Args:
        facts: Those of the run.
        measure: `total_events`, `unique_sessions`, `conversions` or `revenue` (in `facts.currency`; reporting currency
            where the reading converts).
        days: The period, as the reading cuts days.
        reading: The departures from our reading.
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


def held_under(facts: Facts, reading: Reading = OURS) -> Facts:
    """The facts for this reading alone, in memory: one row for the events of a scan session, or of none, in one place."""
    places = list(dict.fromkeys([readings.day(reading), readings.event(reading), "site"]))
    words = [pl.col(name) if name in DAYS else pl.col(name).cast(pl.Categorical) for name in places]
    session = pl.when(readings.has_session(reading)).then("session").alias("session")
    alike = (
        part.filter(readings.counts(reading)).group_by(session, *words).agg(pl.col("rows").sum())
        for part in facts.events
    )
    held = [rows.lazy() for rows in by_key(alike, "session", len(facts.events))]
    rows = pl.concat(held).group_by(places).agg(pl.col("rows").sum()).collect(engine="streaming")
    marks = {name: pl.lit(None, pl.String) for name in ROW_MARKS}
    return replace(
        facts,
        events=tuple(part.with_columns(**marks, source=pl.lit(terms.BROWSER)) for part in held),
        by_session=True,
        counts=rows.lazy().with_columns(**marks),
        conversions=facts.conversions.collect(engine="streaming").lazy(),
    )


def _with_session(events: pl.LazyFrame, reading: Reading) -> pl.LazyFrame:
    return events.filter(readings.counts(reading), readings.has_session(reading), pl.col("session").is_not_null())


Counted = tuple[Sequence[pl.LazyFrame], pl.Expr]
"""Rows, in parts whose numbers add up, and what is counted of them."""


def _total_events(facts: Facts, reading: Reading) -> Counted:
    return [facts.counts.filter(readings.counts(reading))], pl.col("rows").sum()


def _unique_sessions(facts: Facts, reading: Reading) -> Counted:
    parts = facts.events if facts.by_session else (pl.concat(facts.events),)
    return [_with_session(part, reading) for part in parts], pl.col("session").n_unique()


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
    """The numbers with refused rows, which have no day, name or site, added to the whole only."""
    of_all = pl.col("section") == "count"
    return numbers.with_columns(value=pl.when(of_all).then(pl.col("value") + facts.rejects).otherwise("value"))
