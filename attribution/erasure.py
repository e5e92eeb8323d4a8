"""Erasure: `events`, `scan_sessions` -> which rows are one person's, and the tables without them.

Rule:   a person is named by a visitor id or a hashed identifier (or external id). Theirs are the events that carry it,
        the scan sessions of those events, the other scan sessions of the same person (joined ones as well), and every
        event of all these or under one of that person's visitor ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from attribution.ingest import ROW_BITS
from attribution.people import IDENTIFIERS

Tables = Mapping[str, pl.LazyFrame]
Kind = Literal["visitor", "identifier"]
FOUND_BY: Final = ("events", "scan_sessions", "joined_people")
"""What tells which rows are a person's."""
REWRITTEN: Final = ("events", "scans", "ingest_findings", "rejects", "sources")
"""What ingest wrote and may hold a person; every later table is made anew from these."""


@dataclass(frozen=True)
class Theirs:
    """The rows of one person."""

    events: pl.DataFrame
    """`row_id, event_id, source_id`: one row per event row."""
    scan_sessions: pl.DataFrame
    """`scan_session_id`: one row per scan session."""


def find(tables: Tables, kind: Kind, value: str) -> Theirs:
    """The rows of the person whom the value names.

    Args:
        tables: As `FOUND_BY`.
        kind: Whether the value is a visitor id, or an e-mail hash, phone hash or external id.
        value: The id; letter case does not matter in a UUID or hash.
    """
    events = tables["events"]
    columns = ("visitor_id",) if kind == "visitor" else IDENTIFIERS
    carrying = events.filter(pl.any_horizontal(pl.col(name).is_in([value, value.lower()]) for name in columns))
    seeds = carrying.select("row_id", "scan_session_id").collect(engine="streaming")
    named = seeds.lazy().select("scan_session_id").drop_nulls()
    known = tables["scan_sessions"].select("scan_session_id", "person_id")
    persons = known.join(named, on="scan_session_id", how="semi").select("person_id")
    if kind == "visitor":
        persons = pl.concat([persons, pl.LazyFrame({"person_id": [value, value.lower()]})])
    sessions = known.join(persons, on="person_id", how="semi").select("scan_session_id")
    joined = tables["joined_people"].join(persons, on="person_id", how="semi").select(visitor_id="own_person_id")
    visitors = pl.concat([persons.select(visitor_id="person_id"), joined])
    of_visitors = events.join(visitors, on="visitor_id", how="semi").select("row_id")
    every = pl.concat([named, sessions]).unique().sort("scan_session_id").collect(engine="streaming")
    of_sessions = events.join(every.lazy(), on="scan_session_id", how="semi").select("row_id")
    theirs = pl.concat([seeds.lazy().select("row_id"), of_sessions, of_visitors]).unique()
    source = (pl.col("row_id") // 2**ROW_BITS).cast(pl.UInt32).alias("source_id")
    rows = events.join(theirs, on="row_id", how="semi").select("row_id", "event_id", source)
    return Theirs(rows.collect(engine="streaming").sort("row_id"), every)


def without(tables: Tables, theirs: Theirs) -> dict[str, pl.LazyFrame]:
    """The tables `REWRITTEN` without the person; `sources` counts the erased rows.

    Args:
        tables: Those tables.
        theirs: As `find` gives it.
    """
    rows, sessions = theirs.events.lazy(), theirs.scan_sessions.lazy()
    is_theirs = pl.col("event_id").is_in(theirs.events["event_id"].implode())
    events = tables["events"].join(rows.select("row_id"), on="row_id", how="anti")
    return {
        "events": events,
        "scans": tables["scans"].join(sessions, on="scan_session_id", how="anti", maintain_order="left"),
        "ingest_findings": tables["ingest_findings"].join(rows, on="row_id", how="anti", maintain_order="left"),
        "rejects": tables["rejects"].with_columns(event_id=pl.when(~is_theirs).then("event_id")),
        "sources": _counting_erased(tables["sources"], events),
    }


def _counting_erased(sources: pl.LazyFrame, events: pl.LazyFrame) -> pl.LazyFrame:
    """What of a file's accepted rows is no longer there: the same, however often an erasure is begun."""
    source = (pl.col("row_id") // 2**ROW_BITS).cast(pl.UInt32).alias("source_id")
    left = events.group_by(source).agg(left=pl.len().cast(pl.Int64))
    accepted = pl.col("rows_read") - pl.col("rows_malformed") - pl.col("rows_quarantined")
    erased = pl.when(pl.col("kind") == "events").then(accepted - pl.col("left").fill_null(0)).otherwise(0)
    joined = sources.join(left, on="source_id", how="left", maintain_order="left")
    return joined.with_columns(rows_erased=erased).drop("left")


def raw_rows(theirs: Theirs, sources: pl.LazyFrame) -> pl.DataFrame:
    """`source_file, rows, row_numbers`: where the person stands in the raw files; one row per file."""
    files = sources.select("source_id", "source_file")
    numbered = theirs.events.lazy().with_columns(row_number=(pl.col("row_id") % 2**ROW_BITS).cast(pl.Int64))
    grouped = numbered.group_by("source_id").agg(rows=pl.len().cast(pl.Int64), row_numbers=pl.col("row_number").sort())
    return (
        grouped.join(files, on="source_id").select("source_file", "rows", "row_numbers").sort("source_file").collect()
    )
