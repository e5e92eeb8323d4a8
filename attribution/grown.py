"""What a stage makes when files have come or gone: from what it made before, and only from the rows that these files change.

The law: the same rows, in the same order, as `stage.Stage.run` makes of the tables as they are now. `before` holds the tables
as they were, with what the stage made of them, and `now` the tables as they are; both include `sources`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from attribution import deduplicate, personal_data
from attribution.audit import PERSONAL_DATA_LEFT
from attribution.keys import expr_key
from attribution.privacy import Options
from attribution.row_ids import expr_source_id, is_of_file
from attribution.stage import Tables

MOST: Final = 0.2
"""Where a larger share of all rows has come or gone, all are processed: that is as fast."""
ROWS: Final = 4_000_000
"""Where more rows than this change, all are processed as well: the changed ones are made again in one go, in memory."""
FEW: Final = 64
"""Up to this many files are found by their ranges of row ids, which spares reading other files' row groups."""
SESSION: Final = "scan_session_id"


@dataclass(frozen=True)
class Difference:
    """The events of the files that have come and of those that have gone; a changed file is both."""

    come: pl.LazyFrame
    gone: pl.LazyFrame
    gone_files: pl.Series

    def both(self, column: str) -> pl.LazyFrame:
        """The column of all these rows."""
        return pl.concat([self.come.select(column), self.gone.select(column)])


def difference(before: Tables, now: Tables) -> Difference | None:
    """What has come and gone; None where that is more than `MOST` of all rows."""
    was, is_now = (_files(tables["sources"], "events") for tables in (before, now))
    gone, come = (
        files.join(others, on=was.columns, how="anti", nulls_equal=True)
        for files, others in ((was, is_now), (is_now, was))
    )
    if int(come["rows_read"].sum()) + int(gone["rows_read"].sum()) > MOST * int(is_now["rows_read"].sum()):
        return None
    return Difference(
        now["events"].filter(_is_of(come["source_id"])),
        before["events"].filter(_is_of(gone["source_id"])),
        gone["source_id"],
    )


def _is_of(files: pl.Series) -> pl.Expr:
    """The row is from one of these files."""
    if len(files) > FEW:
        return expr_source_id().is_in(files.implode())
    ranges = [is_of_file(number) for number in files]
    return pl.any_horizontal(ranges) if ranges else pl.lit(value=False)


def duplicates(before: Tables, now: Tables) -> Mapping[str, pl.LazyFrame] | None:
    """`duplicates`, with every row judged again that shares its key with one that has come or gone; None: too many."""
    found = difference(before, now)
    if found is None:
        return None
    judged = _of(now["events"], found.both("event_key").unique().collect(engine="streaming"), "event_key")
    if judged is None:
        return None
    made = deduplicate.deduplicate(judged).sort("row_id")
    there = before["duplicates"].filter(~_is_of(found.gone_files))
    return {"duplicates": _without(there, judged.select("row_id"), "row_id").merge_sorted(made, key="row_id")}


def changed_sessions(before: Tables, now: Tables) -> pl.DataFrame | None:
    """`scan_session_id`: sessions of which a scan or event has come, gone, or counts differently; None: possibly all.

    Args:
        before, now: `sources`, `events`, `duplicates`, `scans` and `joined_people`.
    """
    found = difference(before, now)
    if found is None or not before["joined_people"].collect().equals(now["joined_people"].collect()):
        return None
    rows = _either([tables["duplicates"].select("row_id") for tables in (before, now)], "row_id")
    counted_otherwise = now["events"].filter(pl.col("row_id").is_in(rows["row_id"].implode()))
    told = [found.both(SESSION), counted_otherwise.select(SESSION)]
    if not _files(before["sources"], "scans").equals(_files(now["sources"], "scans")):
        scans = [tables["scans"].select(SESSION, key=expr_key(pl.struct(pl.all()))) for tables in (before, now)]
        told.append(_either(scans, "key").lazy().select(SESSION))
    return pl.concat(told).drop_nulls().unique().collect(engine="streaming")


def sessions_of(tables: Tables, changed: pl.DataFrame) -> dict[str, pl.LazyFrame] | None:
    """The stage's tables with only the rows of these scan sessions; None where there are too many."""
    theirs = _of(tables["events"], changed, SESSION)
    if theirs is None or changed.height > ROWS:
        return None
    scans = tables["scans"].join(changed.lazy(), on=SESSION, how="semi", build_side="force_right")
    return {**tables, "events": theirs, "scans": scans}


def with_sessions(before: pl.LazyFrame, made: pl.LazyFrame, changed: pl.DataFrame) -> pl.LazyFrame:
    """A table sorted by scan session, in which what was made again replaces the rows of the changed ones."""
    return _without(before, changed.lazy(), SESSION).merge_sorted(made, key=SESSION)


def personal_data_left(before: Tables, now: Tables, options: Options) -> pl.LazyFrame | None:
    """`field, rows` as `personal_data.still_found`: what was found before, less what has gone, plus what has come."""
    found = difference(before, now)
    if found is None:
        return None
    held = before["consent_audit"].filter(pl.col("check") == PERSONAL_DATA_LEFT).select("field", "rows")
    come, gone = (personal_data.still_found(rows, options).lazy() for rows in (found.come, found.gone))
    every = pl.concat([held, come, gone.with_columns(-pl.col("rows"))])
    return every.group_by("field", maintain_order=True).agg(pl.col("rows").sum())


def _files(sources: pl.LazyFrame, kind: str) -> pl.DataFrame:
    return sources.filter(pl.col("kind") == kind).sort("source_id").collect()


def _either(tables: list[pl.LazyFrame], key: str) -> pl.DataFrame:
    """The rows of either of two tables whose key the other lacks."""
    pairs = zip(tables, reversed(tables), strict=True)
    apart = [rows.join(others, on=key, how="anti", nulls_equal=True) for rows, others in pairs]
    return pl.concat(apart).collect(engine="streaming")


def _of(events: pl.LazyFrame, keys: pl.DataFrame, key: str) -> pl.LazyFrame | None:
    """The events with one of these keys, found by that column alone so that only these are read in full; None: too many."""
    with_key = events.select("row_id", key).join(keys.lazy(), on=key, how="semi", build_side="force_right")
    rows = with_key.select("row_id").collect(engine="streaming").to_series()
    return None if len(rows) > ROWS else events.filter(pl.col("row_id").is_in(rows.implode()))


def _without(rows: pl.LazyFrame, keys: pl.LazyFrame, key: str) -> pl.LazyFrame:
    return rows.join(keys, on=key, how="anti", maintain_order="left")
