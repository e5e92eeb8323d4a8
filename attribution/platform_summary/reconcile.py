"""Their numbers beside ours: which are equal, and which single reading turns ours into theirs."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Final

import polars as pl

from attribution.money import minor_digits
from attribution.platform_summary import readings
from attribution.platform_summary.answer import conversion_rate
from attribution.platform_summary.facts import Facts
from attribution.platform_summary.numbers import MEASURES, number
from attribution.platform_summary.readings import OURS, Reading
from attribution.platform_summary.theirs import Theirs
from attribution.schemas.reconciliation import EQUAL, EXPLAINED, UNEXPLAINED, Reconciliation

Cell = tuple[str, str | None]
Numbers = Mapping[Cell, Decimal]
Of = Callable[[Reading], Numbers]
Found = tuple[Reading, Numbers, Numbers]
"""The reading that fits a measure best, our numbers, and those under it."""
FUNNEL: Final = "funnel"


def reconcile(theirs: Theirs, facts: Facts, sessions_of_steps: Callable[[Reading], Mapping[str, int]]) -> pl.DataFrame:
    """As `schemas.reconciliation`.

    For each measure, the reading that yields most of their numbers is taken, and of several the one with the fewest
    departures from ours: one reading for all days, events and sites, so that no number is explained on its own.

    Args:
        theirs: What the platform answered.
        facts: Those of the run, of all days.
        sessions_of_steps: Step -> scan sessions in the period, for the steps that they name, under a reading.
    """
    near = facts.within(theirs.days, ("day", "utc_day", "received_day")).held()
    sources: dict[str, Of] = {measure: partial(_counted, near, measure, theirs) for measure in MEASURES}
    sources["sessions"] = lambda reading: {
        (FUNNEL, step): Decimal(count) for step, count in sessions_of_steps(reading).items()
    }
    digits = minor_digits(facts.currency)
    rows: list[tuple[object, ...]] = []
    found: dict[str, Found] = {}
    for measure, of in sources.items():
        wanted = _wanted(theirs, measure)
        ours = of(OURS)
        listed = {section for section, _ in wanted}
        wanted |= {cell: Decimal(0) for cell in ours if cell[0] in listed and cell not in wanted}
        places = digits if measure == "revenue" else 0
        found[measure] = _best(wanted, ours, of, measure, places)
        rows += [_row(cell, measure, value, found[measure], places) for cell, value in wanted.items()]
    rows += _rates(theirs, found)
    schema = Reconciliation.dtypes()
    table = pl.DataFrame([_told(row) for row in rows], schema=schema, orient="row")
    return Reconciliation.shaped(table.lazy()).collect()


def _counted(facts: Facts, measure: str, theirs: Theirs, reading: Reading) -> Numbers:
    return {
        (section, key): value for section, key, value in number(facts, measure, theirs.days, reading).rows() if value
    }


def _wanted(theirs: Theirs, measure: str) -> dict[Cell, Decimal]:
    return {(section, key): value for (section, key, of), value in theirs.numbers.items() if of == measure}


def _best(wanted: Numbers, ours: Numbers, of: Of, measure: str, places: int) -> Found:
    def fits(numbers: Numbers) -> int:
        return sum(_same(value, numbers.get(cell, Decimal(0)), places) for cell, value in wanted.items())

    best, score = (OURS, ours, ours), fits(ours)
    for reading in readings.departures(measure):
        if score == len(wanted):
            break
        numbers = of(reading)
        if (fit := fits(numbers)) > score:
            best, score = (reading, ours, numbers), fit
    return best


def _row(cell: Cell, measure: str, value: Decimal, found: Found, places: int) -> tuple[object, ...]:
    reading, ours, read = found
    none = Decimal(0)
    return (*cell, measure, value, ours.get(cell, none), read.get(cell, none), reading, places)


def _rates(theirs: Theirs, found: Mapping[str, Found]) -> list[tuple[object, ...]]:
    """Conversion rates and drop-offs, under the readings of the numbers that they are made of."""
    rows: list[tuple[object, ...]] = []
    (by_conversions, *conversions), (by_sessions, *sessions) = found["conversions"], found["unique_sessions"]
    for cell, value in _wanted(theirs, "conversion_rate").items():
        ours, read = (
            conversion_rate(converted.get(cell, Decimal(0)), counted.get(cell, Decimal(0)))
            for converted, counted in zip(conversions, sessions, strict=True)
        )
        rows.append((*cell, "conversion_rate", value, ours, read, by_conversions | by_sessions, _places(value)))
    by_steps, *steps = found["sessions"]
    for cell, value in _wanted(theirs, "drop_off_percent").items():
        ours, read = (_drop_off(numbers, theirs.steps, str(cell[1])) for numbers in steps)
        rows.append((*cell, "drop_off_percent", value, ours, read, by_steps, _places(value)))
    return rows


def _drop_off(sessions: Numbers, steps: tuple[str, ...], step: str) -> Decimal | None:
    """Percent of the sessions of the step before that did not get here; 0 for the first step."""
    place = steps.index(step)
    if not place:
        return Decimal(0)
    before, here = (sessions.get((FUNNEL, name), Decimal(0)) for name in (steps[place - 1], step))
    return (1 - here / before) * 100 if before else None


def _told(row: tuple[object, ...]) -> tuple[object, ...]:
    section, key, measure, value, ours, read, reading, places = row
    assert isinstance(value, Decimal)  # noqa: S101 - for the type checker
    is_equal = _same(value, ours, places)
    is_explained = bool(reading) and _same(value, read, places)
    outcome = EQUAL if is_equal else EXPLAINED if is_explained else UNEXPLAINED
    why = " + ".join(sorted(reading)) if outcome == EXPLAINED else None  # type: ignore[call-overload]
    shown = None if ours is None else round(ours, 6)  # type: ignore[call-overload]
    return (
        section,
        key,
        measure,
        round(value, 6),
        shown,
        None if shown is None else round(value, 6) - shown,
        outcome,
        why,
    )


def _same(theirs: Decimal, ours: object, places: object) -> bool:
    """Equal when rounded to `places`; where we have no number, only their 0 is equal."""
    if not isinstance(ours, Decimal):
        return theirs == 0
    return round(theirs, int(places)) == round(ours, int(places))  # type: ignore[call-overload]


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
