"""What a stage makes when files have come: from what it made before, and from those rows alone that the new ones change.

The law: the same rows, in the same order, as `flow.Stage.run` makes of the tables as they are now. `before` holds the tables
as they were, with what the stage made of them; `now` as they are; both with `sources`.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from attribution import deduplicate, personal_data
from attribution.audit import PERSONAL_DATA_LEFT
from attribution.ingest import ROW_BITS
from attribution.keys import expr_key

Tables = Mapping[str, pl.LazyFrame]
MOST: Final = 0.2
"""Where more of all rows are new, all are looked at: that is as fast."""
SESSION: Final = "scan_session_id"


def added(before: Tables, now: Tables) -> pl.LazyFrame | None:
    """The events of the files that have come; None where a file is gone or another than it was, or where they are most."""
    was, is_now = (_files(tables["sources"], "events") for tables in (before, now))
    if was.join(is_now, on=was.columns, how="anti", nulls_equal=True).height:
        return None
    come = is_now.join(was, on=was.columns, how="anti", nulls_equal=True)
    if int(come["rows_read"].sum()) > MOST * int(is_now["rows_read"].sum()):
        return None
    starts = [number << ROW_BITS for number in come["source_id"]]
    row = pl.col("row_id")
    ranges = [row.is_between(start, start + (1 << ROW_BITS), closed="left") for start in starts]
    return now["events"].filter(pl.any_horizontal(ranges) if ranges else pl.lit(value=False))


def duplicates(before: Tables, now: Tables) -> Mapping[str, pl.LazyFrame] | None:
    """`duplicates`: rows with the key of a new one are judged anew."""
    come = added(before, now)
    if come is None:
        return None
    keys = come.select("event_key").unique().collect(engine="streaming")
    judged = _of(now["events"], keys, "event_key")
    made = deduplicate.deduplicate(judged).sort("row_id")
    kept = _without(before["duplicates"], judged.select("row_id"), "row_id")
    return {"duplicates": kept.merge_sorted(made, key="row_id")}


def changed_sessions(before: Tables, now: Tables) -> pl.DataFrame | None:
    """`scan_session_id`: the scan sessions of which a scan or an event has come or counts otherwise; None: perhaps all.

    Args:
        before, now: `sources`, `events`, `duplicates`, `scans` and `joined_people`.
    """
    come = added(before, now)
    if come is None or not before["joined_people"].collect().equals(now["joined_people"].collect()):
        return None
    rows = _either([tables["duplicates"].select("row_id") for tables in (before, now)], "row_id")
    told = [come.select(SESSION), _of(now["events"], rows, "row_id").select(SESSION)]
    if not _files(before["sources"], "scans").equals(_files(now["sources"], "scans")):
        scans = [tables["scans"].select(SESSION, key=expr_key(pl.struct(pl.all()))) for tables in (before, now)]
        told.append(_either(scans, "key").lazy().select(SESSION))
    return pl.concat(told).drop_nulls().unique().collect(engine="streaming")


def sessions_of(tables: Tables, changed: pl.DataFrame) -> dict[str, pl.LazyFrame]:
    """The stage's tables with the rows of these scan sessions alone."""
    return {
        **tables,
        "events": _of(tables["events"], changed, SESSION),
        "scans": tables["scans"].join(changed.lazy(), on=SESSION, how="semi", build_side="force_right"),
    }


def with_sessions(before: pl.LazyFrame, made: pl.LazyFrame, changed: pl.DataFrame) -> pl.LazyFrame:
    """A table in the order of scan sessions, with what was made anew of the changed ones in place of what was there."""
    return _without(before, changed.lazy(), SESSION).merge_sorted(made, key=SESSION)


def personal_data_left(before: Tables, now: Tables) -> pl.LazyFrame | None:
    """`field, rows` as `personal_data.still_found`: what was found in the events of before, and what is in those that came."""
    come = added(before, now)
    if come is None:
        return None
    found = before["consent_audit"].filter(pl.col("check") == PERSONAL_DATA_LEFT).select("field", "rows")
    both = pl.concat([found, personal_data.still_found(come).lazy()])
    return both.group_by("field", maintain_order=True).agg(pl.col("rows").sum())


def _files(sources: pl.LazyFrame, kind: str) -> pl.DataFrame:
    return sources.filter(pl.col("kind") == kind).sort("source_id").collect()


def _either(tables: list[pl.LazyFrame], key: str) -> pl.DataFrame:
    """Of two tables the rows whose key the other does not have."""
    pairs = zip(tables, reversed(tables), strict=True)
    apart = [rows.join(others, on=key, how="anti", nulls_equal=True) for rows, others in pairs]
    return pl.concat(apart).collect(engine="streaming")


def _of(events: pl.LazyFrame, keys: pl.DataFrame, key: str) -> pl.LazyFrame:
    """The few events with one of these keys: they are found by their key alone, then only they are read with the rest."""
    if key != "row_id":
        looked_at = events.select("row_id", key).join(keys.lazy(), on=key, how="semi", build_side="force_right")
        keys = looked_at.collect(engine="streaming")
    return events.filter(pl.col("row_id").is_in(keys["row_id"].implode()))


def _without(rows: pl.LazyFrame, keys: pl.LazyFrame, key: str) -> pl.LazyFrame:
    return rows.join(keys, on=key, how="anti", maintain_order="left")
