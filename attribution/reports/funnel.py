"""How many scans get how far: from the scan through the steps that the settings name to the conversion."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from attribution import terms
from attribution.analysed import analysed
from attribution.days import expr_seconds
from attribution.earned import converting
from attribution.errors import UsageError
from attribution.schemas.funnel import Funnel

SCAN: Final = "scan"
CONVERSION: Final = "conversion"
SAME_STEP: Final = {"pageview": "page_view"}


def funnel(
    events: pl.LazyFrame,
    duplicates: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    conversions: pl.LazyFrame,
    *,
    steps: Sequence[str],
) -> pl.LazyFrame:
    """One row per step, in their order. A session reaches a step by the step's first event at or after the step before.

    Args:
        events, duplicates, scan_sessions, conversions: The tables of these names.
        steps: `scan` (the scan session itself, at the time of the scan), `conversion` (an attributed conversion tied to
            it, no refund) or the name of an event: a browser event's type, where `pageview` is `page_view`, or a server
            event's name.

    Returns:
        As `schemas.funnel`. Known scan sessions count. An event before the scan, which a wrong clock may make of one
        just after it, reaches no step behind `scan`. Reads its tables; 13 bytes per event of a step stay in memory.

    Raises:
        UsageError: There is no step, or one stands twice.
    """
    names = [SAME_STEP.get(step, step) for step in steps]
    if not names or len({*names}) < len(names):
        raise UsageError(
            f"A funnel needs at least one step, each once: {SCAN}, {CONVERSION} or the name of an event "
            f"(given: {len(steps)}, of which different: {len({*names})})."
        )
    moments = _kept(_moments(events, duplicates, scan_sessions, conversions, names))
    at_step = [moments.filter(pl.col("step") == name).select("session", "at") for name in names]
    first = at_step[0].group_by("session").agg(pl.col("at").min())
    reached = _kept(first.with_columns(seconds=pl.lit(None, pl.Float64)))
    counted = [_counted(reached, 1, steps[0])]
    for position, step in enumerate(steps[1:], 2):
        reached = _kept(_reached(reached, at_step[position - 1]))
        counted.append(_counted(reached, position, step))
    return Funnel.shaped(pl.concat(counted).with_columns(_drop_offs()))


def _moments(
    events: pl.LazyFrame,
    duplicates: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    conversions: pl.LazyFrame,
    names: Sequence[str],
) -> pl.LazyFrame:
    """`session, step, at`: when a known scan session did what a step is named for. Sessions are numbered, to be small."""
    known = scan_sessions.filter("is_known").select("scan_session_id", "scanned_at")
    moments = [_named_events(events, duplicates, [name for name in names if name not in {SCAN, CONVERSION}])]
    if SCAN in names:
        moments.append(known.select("scan_session_id", step=pl.lit(SCAN), at="scanned_at"))
    if CONVERSION in names:
        moments.append(converting(conversions).select("scan_session_id", step=pl.lit(CONVERSION), at="converted_at"))
    named = pl.concat(rows.with_columns(pl.col("step").cast(pl.Enum(names))) for rows in moments)
    numbered = known.select("scan_session_id").with_row_index("session")
    return named.join(numbered, on="scan_session_id", how="inner").select("session", "step", "at")


def _kept(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows in memory: the optimizer would read the events anew for each step."""
    return rows.collect(engine="streaming").lazy()


def _named_events(events: pl.LazyFrame, duplicates: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    """`scan_session_id, step, at`: the analysed events of those names. One row per event."""
    is_browser = pl.col("source") == terms.BROWSER
    name = pl.when(is_browser).then(pl.col("event_type").replace(SAME_STEP)).otherwise("event_name")
    wanted = events.filter(name.is_in(names))
    return analysed(wanted, duplicates).select("scan_session_id", step=name, at="occurred_at")


def _reached(before: pl.LazyFrame, moments: pl.LazyFrame) -> pl.LazyFrame:
    """The sessions that go on: their first moment at or after the step before, and how many seconds that took."""
    ahead = moments.join(before.select("session", since="at"), on="session", how="inner")
    went_on = ahead.filter(pl.col("at") >= pl.col("since")).group_by("session")
    first = went_on.agg(pl.col("at").min(), pl.col("since").first())
    return first.with_columns(seconds=expr_seconds(pl.col("at") - pl.col("since")))


def _counted(reached: pl.LazyFrame, position: int, step: str) -> pl.LazyFrame:
    return reached.select(
        position=pl.lit(position, pl.Int64),
        step=pl.lit(step),
        sessions=pl.len().cast(pl.Int64),
        median_seconds_from_previous=pl.col("seconds").median(),
    )


def _drop_offs() -> list[pl.Expr]:
    sessions = pl.col("sessions")
    bases = {"drop_off_previous_pct": sessions.shift(1), "drop_off_first_pct": sessions.first()}
    return [pl.when(base > 0).then((1 - sessions / base) * 100).alias(name) for name, base in bases.items()]
