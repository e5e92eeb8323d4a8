"""Erasure: `events`, `scan_sessions` -> which rows are one person's, and the tables without them.

Rule:   a person is named by a visitor id or a hashed identifier, or by an external id, which means something at one site
        only. Theirs are the events that carry it, the scan sessions of those events, the other scan sessions of the same
        person (joined ones as well), and every event of all these or under one of that person's visitor ids; events that
        name a web session of their browser; and the refunds of their orders.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from attribution import terms
from attribution.people import IDENTIFIERS, OF_ONE_SITE
from attribution.personal_data import FIELDS
from attribution.row_ids import expr_row_number, expr_source_id
from attribution.row_kinds import is_browser, is_server
from attribution.stage import Tables

Kind = Literal["visitor", "identifier"]
DISTINCT: Final = re.compile(r"[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PEOPLE: Final = ("visitor_id", "person_id", "own_person_id")
"""The columns that may hold a visitor id, in any table."""
ERASED: Final = "[erased]"
"""Replaces the person's value in the names of raw files, and in other people's texts."""
FOUND_BY: Final = ("events", "scan_sessions", "joined_people", "conversions")
"""The tables that tell which rows are a person's."""
REWRITTEN: Final = ("events", "scans", "ingest_findings", "rejects", "sources")
"""The tables written by ingest that may name a person; every later table is made again from these."""


@dataclass(frozen=True)
class Theirs:
    """The rows of one person."""

    events: pl.DataFrame
    """`row_id, event_id, source_id`: one row per event row."""
    scan_sessions: pl.DataFrame
    """`scan_session_id`: one row per scan session."""


@dataclass(frozen=True)
class Named:
    """How a person is named."""

    kind: Kind
    value: str
    site: str | None = None
    """The site whose external id the value is; None: any."""

    @property
    def is_distinct(self) -> bool:
        """The value is a UUID or a digest: letter case does not matter, and wherever it occurs it means nothing else."""
        return DISTINCT.fullmatch(self.value.lower()) is not None

    @property
    def is_everywhere(self) -> bool:
        """The value means this person wherever it occurs, so none of it may remain once they are erased."""
        return self.is_distinct and self.site is None

    def carries(self) -> pl.Expr:
        """The event carries the value."""
        if self.kind == "visitor":
            return self._is("visitor_id")
        hashed = [self._is(name) for name in IDENTIFIERS if name not in OF_ONE_SITE]
        at_site = pl.lit(value=True) if self.site is None else pl.col("site_id") == self.site
        return pl.any_horizontal(*hashed, *(self._is_spelt(name) & at_site for name in OF_ONE_SITE))

    def stands_in(self, columns: Collection[str]) -> pl.Expr | None:
        """The row of a table with these columns names the person; None: such a table names nobody."""
        if self.kind == "visitor":
            ids = [self._is(name) for name in PEOPLE if name in columns]
            return pl.any_horizontal(ids) if ids else None
        return self.carries() if {*columns} >= {*IDENTIFIERS, "site_id"} else None

    def without(self, text: str) -> pl.Expr:
        """A column of texts, the value replaced where none of it may remain."""
        column = pl.col(text)
        return column.str.replace_all(f"(?i){re.escape(self.value)}", ERASED) if self.is_everywhere else column

    def unnamed(self, name: str) -> pl.Expr:
        """A column of ids, null where an id contains the value and none of it may remain."""
        column = pl.col(name)
        holds = column.str.to_lowercase().str.contains(self.value.lower(), literal=True)
        return pl.when(~holds).then(column).alias(name) if self.is_everywhere else column

    def _is_spelt(self, column: str) -> pl.Expr:
        if self.is_distinct:
            return pl.col(column).str.to_lowercase() == self.value.lower()
        return pl.col(column) == self.value

    def _is(self, column: str) -> pl.Expr:
        return pl.col(column).is_in([self.value, self.value.lower()])


def sites(events: pl.LazyFrame, named: Named) -> list[str]:
    """The sites at which the value is somebody's external id."""
    theirs = events.filter(pl.any_horizontal(pl.col(name) == named.value for name in OF_ONE_SITE))
    return sorted(theirs.select(pl.col("site_id").drop_nulls().unique()).collect(engine="streaming").to_series())


def find(tables: Tables, named: Named) -> Theirs:
    """The rows of the person.

    Args:
        tables: Those of `FOUND_BY`.
        named: Who it is.
    """
    events = tables["events"]
    seeds = events.filter(named.carries()).select("row_id", "scan_session_id", "visitor_id").collect(engine="streaming")
    carrying = seeds.lazy().select("scan_session_id").drop_nulls()
    known = tables["scan_sessions"].select("scan_session_id", "person_id")
    by_session = known.join(carrying, on="scan_session_id", how="semi").select("person_id")
    own = [seeds["visitor_id"], pl.Series([named.value, named.value.lower()] if named.kind == "visitor" else [])]
    of_rows = pl.concat([values.cast(pl.String).alias("person_id") for values in own]).drop_nulls().to_frame().lazy()
    persons = pl.concat([by_session, of_rows]).unique()
    sessions = known.join(persons, on="person_id", how="semi").select("scan_session_id")
    joined = tables["joined_people"].join(persons, on="person_id", how="semi").select(visitor_id="own_person_id")
    visitors = pl.concat([persons.select(visitor_id="person_id"), joined])
    of_visitors = events.join(visitors, on="visitor_id", how="semi").select("row_id")
    every = pl.concat([carrying, sessions]).unique().sort("scan_session_id").collect(engine="streaming")
    of_sessions = events.join(every.lazy(), on="scan_session_id", how="semi").select("row_id")
    named_so = pl.concat([seeds.lazy().select("row_id"), of_sessions, of_visitors]).unique()
    tied = [named_so, _of_web_sessions(events, named_so, tables["scan_sessions"])]
    theirs = pl.concat([*tied, _refunds(events, tables["conversions"], persons)]).unique()
    rows = events.join(theirs, on="row_id", how="semi").select("row_id", "event_id", expr_source_id())
    return Theirs(rows.collect(engine="streaming").sort("row_id"), every)


def _of_web_sessions(events: pl.LazyFrame, rows: pl.LazyFrame, scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """`row_id` of events tied to the person by a web session alone: they name one of the browser events among the rows, and
    no known scan session, which would tell whose they are.
    """
    browsed = events.filter(is_browser(), pl.col("web_session_id") != terms.ZERO_UUID)
    web = browsed.join(rows, on="row_id", how="semi").select("web_session_id").unique()
    known = scan_sessions.filter("is_known").select("scan_session_id")
    return (
        events.join(web, on="web_session_id", how="semi").join(known, on="scan_session_id", how="anti").select("row_id")
    )


def _refunds(events: pl.LazyFrame, conversions: pl.LazyFrame, persons: pl.LazyFrame) -> pl.LazyFrame:
    """`row_id` of refunds whose order is the person's according to `conversions`, whatever scan session they name."""
    refunds = conversions.filter("is_refund").join(persons, on="person_id", how="semi").select("site_id", "event_id")
    return (
        events.filter(is_server())
        .join(refunds, on=["site_id", "event_id"], how="semi", nulls_equal=True)
        .select("row_id")
    )


def without(tables: Tables, theirs: Theirs, named: Named) -> dict[str, pl.LazyFrame]:
    """The tables `REWRITTEN` without the person, who goes from other people's texts too; `sources` counts the erased rows.

    Args:
        tables: Those tables.
        theirs: As `find` gives it.
        named: Who it is; a file name that contains the value is changed.
    """
    rows, sessions = theirs.events.lazy(), theirs.scan_sessions.lazy()
    is_theirs = pl.col("event_id").is_in(theirs.events["event_id"].implode())
    others = tables["events"].join(rows.select("row_id"), on="row_id", how="anti")
    events = others.with_columns(
        *(named.without(name) for name in (*FIELDS, "order_id")),
        *(named.unnamed(name) for name in ("user_id", "web_session_id")),
    )
    findings = tables["ingest_findings"].join(rows, on="row_id", how="anti", maintain_order="left")
    file = named.without("source_file")
    return {
        "events": events,
        "scans": tables["scans"].join(sessions, on="scan_session_id", how="anti", maintain_order="left"),
        "ingest_findings": findings.with_columns(named.unnamed("event_id"), named.without("field_path")),
        "rejects": tables["rejects"].with_columns(file, event_id=pl.when(~is_theirs).then(named.unnamed("event_id"))),
        "sources": _counting_erased(tables["sources"], events).with_columns(file),
    }


def _counting_erased(sources: pl.LazyFrame, events: pl.LazyFrame) -> pl.LazyFrame:
    """`sources`, with `rows_erased` counted from what is left: the same however often an erasure is started again."""
    left = events.group_by(expr_source_id()).agg(left=pl.len().cast(pl.Int64))
    accepted = pl.col("rows_read") - pl.col("rows_malformed") - pl.col("rows_quarantined")
    erased = pl.when(pl.col("kind") == "events").then(accepted - pl.col("left").fill_null(0)).otherwise(0)
    joined = sources.join(left, on="source_id", how="left", maintain_order="left")
    return joined.with_columns(rows_erased=erased).drop("left")


def raw_rows(theirs: Theirs, sources: pl.LazyFrame, named: Named) -> pl.DataFrame:
    """`source_id, source_file, rows, row_numbers`: where the person is in the raw files; one row per file."""
    files = sources.select("source_id", named.without("source_file"))
    numbered = theirs.events.lazy().with_columns(expr_row_number())
    grouped = numbered.group_by("source_id").agg(rows=pl.len().cast(pl.Int64), row_numbers=pl.col("row_number").sort())
    columns = ("source_id", "source_file", "rows", "row_numbers")
    return grouped.join(files, on="source_id").select(columns).sort("source_file").collect()
