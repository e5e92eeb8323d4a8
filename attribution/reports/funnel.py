"""How many scans get how far: from the scan through the steps that the settings name to the conversion."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from attribution import terms
from attribution.analysed import analysed
from attribution.days import expr_seconds
from attribution.earned import converting
from attribution.keys import expr_session
from attribution.money import expr_share
from attribution.row_kinds import expr_step
from attribution.schemas.funnel import Funnel
from attribution.slices import by_key, in_slices

SCAN: Final = "scan"
CONVERSION: Final = "conversion"
SESSIONS_AT_ONCE: Final = 1_000_000
"""Scan sessions that are followed at once; of more, one part after the other."""
COUNTED: Final = {
    "position": pl.Int64,
    "step": pl.String,
    "sessions": pl.Int64,
    "median_seconds_from_previous": pl.Float64,
}


def funnel(
    events: pl.LazyFrame,
    duplicates: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    conversions: pl.LazyFrame,
    *,
    steps: Sequence[str],
    ends_at: datetime | None = None,
) -> pl.LazyFrame:
    """One row per step, in their order. A session reaches a step by the step's first event at or after the step before.

    Args:
        events, duplicates, scan_sessions, conversions: The tables of these names.
        steps: At least one, each once: `scan` (the scan session itself, at the time of the scan), `conversion` (an
            attributed conversion tied to it, no refund) or the name of an event, a browser event's type or a server
            event's name, where `pageview` is `page_view`.
        ends_at: Up to when steps count, of the report of a period its end: a period before was followed for longer.

    Returns:
        As `schemas.funnel`. Known scan sessions count. An event before the scan, which a wrong clock may make of one
        just after it, reaches no step behind `scan`. Reads its tables; 25 bytes per event of a step stay in memory.
    """
    names = [terms.SAME_STEP.get(step, step) for step in steps]
    known = scan_sessions.filter("is_known")
    parts = -(-known.select(pl.len()).collect(engine="streaming").item() // SESSIONS_AT_ONCE) or 1
    held = by_key([known.select(expr_session(), at="scanned_at")], "session", parts)
    moments = _happened(events, duplicates, conversions, names)
    in_time = moments if ends_at is None else (rows.filter(pl.col("at") < ends_at) for rows in moments)
    happened = by_key(in_time, "session", parts)
    each = [_steps(*part, names) for part in zip(held, happened, strict=True)]
    counted = [_counted(place, step, [reached[place] for reached in each]) for place, step in enumerate(steps)]
    return Funnel.shaped(pl.concat(counted).lazy().with_columns(_drop_offs()))


def _happened(
    events: pl.LazyFrame, duplicates: pl.LazyFrame, conversions: pl.LazyFrame, names: Sequence[str]
) -> Iterator[pl.LazyFrame]:
    """`session, step, at`: when a scan session did what a step is named for but the scan."""
    events_of_steps = [name for name in names if name not in {SCAN, CONVERSION}]
    moments = [_named_events(part, duplicates, events_of_steps) for part in in_slices(events)]
    if CONVERSION in names:
        moments.append(converting(conversions).select("scan_session_id", step=pl.lit(CONVERSION), at="converted_at"))
    for rows in moments:
        yield rows.drop_nulls("scan_session_id").select(expr_session(), pl.col("step").cast(pl.Enum(names)), "at")


def _steps(known: pl.DataFrame, happened: pl.DataFrame, names: Sequence[str]) -> list[pl.Series]:
    """For each step the sessions that reach it, as the seconds since the step before; null in the first."""
    moments = happened.join(known, on="session", how="semi")
    reached, seconds = pl.DataFrame(), []
    for place, name in enumerate(names):
        at_step = known if name == SCAN else moments.filter(pl.col("step") == name).select("session", "at")
        if place:
            reached = _reached(reached, at_step)
        else:
            first = at_step.group_by("session").agg(pl.col("at").min())
            reached = first.with_columns(seconds=pl.lit(None, pl.Float64))
        seconds.append(reached["seconds"])
    return seconds


def _named_events(events: pl.LazyFrame, duplicates: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    """`scan_session_id, step, at`: the analysed events of those names. One row per event."""
    wanted = events.filter(expr_step().is_in(names))
    return analysed(wanted, duplicates).select("scan_session_id", step=expr_step(), at="occurred_at")


def _reached(before: pl.DataFrame, moments: pl.DataFrame) -> pl.DataFrame:
    """The sessions that go on: their first moment at or after the step before, and how many seconds that took."""
    ahead = moments.lazy().join(before.lazy().select("session", since="at"), on="session", how="inner")
    went_on = ahead.filter(pl.col("at") >= pl.col("since")).group_by("session")
    first = went_on.agg(pl.col("at").min(), pl.col("since").first())
    return first.with_columns(seconds=expr_seconds(pl.col("at") - pl.col("since"))).collect()


def _counted(position: int, step: str, seconds: Sequence[pl.Series]) -> pl.DataFrame:
    reached = pl.concat(seconds)
    row = {"position": position + 1, "step": step, "sessions": len(reached)}
    return pl.DataFrame([row | {"median_seconds_from_previous": reached.median()}], schema=COUNTED)


def _drop_offs() -> list[pl.Expr]:
    sessions = pl.col("sessions")
    bases = {"drop_off_previous_pct": sessions.shift(1), "drop_off_first_pct": sessions.first()}
    return [((1 - expr_share(sessions, base)) * 100).alias(name) for name, base in bases.items()]
