"""What every event and conversion brings to a summary, and all that a reading of it may depend on. No row is left out yet."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import polars as pl

from attribution import terms
from attribution.conversions import conversion_events
from attribution.days import expr_day
from attribution.fx import total
from attribution.keys import expr_key
from attribution.row_kinds import expr_event_name, expr_step, is_attributed
from attribution.settings import Settings
from attribution.slices import in_slices
from attribution.stage import Tables

Days = tuple[date, date] | None
"""First and last day of a period; None: all."""
UTC: Final = "UTC"
COPY: Final = "copy"
"""Null where the row is no copy; else why `duplicates` lists it."""
READS: Final = ("events", "duplicates", "scan_sessions", "conversions", "sources")
"""The tables that a summary is made from."""
PLACES: Final = ("day", "utc_day", "received_day", "site", "event", "sent_event", COPY, "exclusion")
SESSION_SEED: Final = 5
STRETCH: Final = 2
"""How many slices of the events are processed at once."""


@dataclass(frozen=True)
class Facts:
    """What readings count. A row stands for any number of events that no reading tells apart.

    `events`: `PLACES`, `source`, `session` (a hash; null: none), `rows`; some millions of rows in each.
    `counts`: `PLACES`, `rows`: the events whatever their session.
    `conversions`: `PLACES`, `is_refund`, `is_tied`, `is_attributed`, `currency`, and sums: `rows`, `amount` (in `currency`),
    `amount_reporting`.
    `rejects`: how many rows were refused; these have no place.
    """

    events: tuple[pl.LazyFrame, ...]
    counts: pl.LazyFrame
    conversions: pl.LazyFrame
    rejects: int
    currency: str
    """That of most conversions, else of most refunds, else the reporting currency."""
    currencies: tuple[str, ...]
    by_session: bool = False
    """Whether no session is in two of `events`."""

    def within(self, days: Days, by: Collection[str]) -> "Facts":
        """The facts whose day in any of these columns is in the period."""
        if days is None:
            return self
        inside = pl.any_horizontal(pl.col(*by).is_between(pl.lit(days[0]), pl.lit(days[1])))
        inner = {name: getattr(self, name).filter(inside) for name in ("counts", "conversions")}
        return replace(self, events=tuple(part.filter(inside) for part in self.events), **inner)

    def held(self) -> "Facts":
        """The same in memory, to be read many times, with one row for events that no reading tells apart."""
        grouped = pl.concat(self.events).group_by(pl.exclude("rows")).agg(pl.col("rows").sum())
        alike = grouped.collect(engine="streaming").lazy()
        counts = _counted(alike, pl.col("rows").sum()).collect(engine="streaming").lazy()
        conversions = self.conversions.collect(engine="streaming").lazy()
        return replace(self, events=(alike,), counts=counts, conversions=conversions)


def facts_of(tables: Tables, settings: Settings) -> Facts:
    """The facts of a run with these settings, from the tables `READS`."""
    chosen = settings.conversions
    return facts(
        tables,
        event_names=chosen.event_names,
        with_value=chosen.with_value,
        currency=settings.report.currency,
        time_zone=settings.report.time_zone,
    )


def facts(tables: Tables, *, event_names: Collection[str], with_value: bool, currency: str, time_zone: str) -> Facts:
    """The facts of a run.

    Args:
        tables: `events`, `duplicates`, `conversions` and `sources`.
        event_names, with_value: As for `conversions.conversions`.
        currency: The reporting currency.
        time_zone: The reporting zone, in which `day` is cut.
    """
    copies = tables["duplicates"].select("row_id", pl.col("reason").alias(COPY))
    session = pl.col("scan_session_id")
    hashed = pl.when(session.is_not_null()).then(session.hash(seed=SESSION_SEED)).alias("session")

    def placed(events: pl.LazyFrame) -> pl.LazyFrame:
        return events.join(copies, on="row_id", how="left", build_side="force_right").with_columns(_places(time_zone))

    every = placed(tables["events"])
    converted = _converted(every, tables["conversions"], event_names, with_value=with_value)
    found = _currencies(tables["conversions"])
    rejects = tables["sources"].select(pl.col("rows_malformed", "rows_quarantined").sum()).collect()
    return Facts(
        tuple(
            placed(part).select(*PLACES, "source", hashed, rows=pl.lit(1, pl.Int64))
            for part in in_slices(tables["events"], STRETCH)
        ),
        _counted(every, pl.len().cast(pl.Int64)),
        converted,
        int(rejects.sum_horizontal().sum()),
        found[0] if found else currency,
        found,
    )


def _counted(events: pl.LazyFrame, rows: pl.Expr) -> pl.LazyFrame:
    return events.group_by(PLACES).agg(rows=rows)


def _places(time_zone: str) -> list[pl.Expr]:
    received = pl.coalesce("received_at", "occurred_at").dt.date()
    return [
        expr_day("occurred_at", time_zone).alias("day"),
        expr_day("occurred_at", UTC).alias("utc_day"),
        received.alias("received_day"),
        pl.col("site_id").alias("site"),
        expr_step().alias("event"),
        expr_event_name().alias("sent_event"),
    ]


def _converted(
    events: pl.LazyFrame, conversions: pl.LazyFrame, event_names: Collection[str], *, with_value: bool
) -> pl.LazyFrame:
    """Every conversion and refund, copies and excluded ones too; a copy is tied as its original is."""
    conversion = expr_key(pl.col("conversion_id")).alias("conversion")
    ours = conversions.select(
        conversion,
        "amount_reporting",
        is_tied=(pl.col("tie") != terms.ORPHAN).fill_null(value=False),
        is_attributed=is_attributed(),
    )
    every = conversion_events(events, event_names, with_value=with_value, keep=PLACES)
    return (
        every.select(*PLACES, "is_refund", "amount", "currency", conversion)
        .join(ours, on="conversion", how="left", build_side="force_right")
        .with_columns(pl.col("is_tied", "is_attributed").fill_null(value=False))
        .group_by(*PLACES, "is_refund", "is_tied", "is_attributed", "currency")
        .agg(
            rows=pl.len().cast(pl.Int64),
            amount=total(pl.col("amount")),
            amount_reporting=total(pl.col("amount_reporting")),
        )
    )


def _currencies(conversions: pl.LazyFrame) -> tuple[str, ...]:
    """The currencies of conversions and refunds, that of most conversions first; refunds decide only between equals."""
    priced = conversions.filter(pl.col("amount").is_not_null(), pl.col("currency").is_not_null())
    counted = priced.group_by("currency").agg(conversions=(~pl.col("is_refund")).sum(), rows=pl.len())
    ordered = counted.sort("conversions", "rows", "currency", descending=[True, True, False])
    return tuple(ordered.collect()["currency"])
