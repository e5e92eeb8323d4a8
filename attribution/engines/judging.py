"""A batch of a file parsed and judged, and the account of what came up: findings, rejects, and what consent withheld."""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from attribution import terms
from attribution.consent import is_withheld
from attribution.engines.input_files import Source
from attribution.ingest import ingest
from attribution.privacy import Options
from attribution.row_ids import expr_row_number
from attribution.rules.identity import IS_UUID
from attribution.schemas.consent_strips import ConsentStrips
from attribution.schemas.raw_event import explain
from attribution.schemas.rejects import Rejects
from attribution.settings import Settings
from attribution.slices import compact
from attribution.sources.batch import BadRow, Task
from attribution.terms import QUARANTINED

WITHHELD: Final = {"scan_session_id": pl.String, "consent": pl.String}
EXPLAIN_ROWS: Final = 50_000
"""Failing rows that are kept before they are explained together."""


@dataclass
class Account:
    """What accumulates beside the events: rejects, findings, failing rows still to be explained, what consent forbade
    and which scan sessions it was withheld in.
    """

    rejects: list[pl.DataFrame] = field(default_factory=list)
    findings: list[pl.DataFrame] = field(default_factory=list)
    failing: list[pl.DataFrame] = field(default_factory=list)
    strips: list[pl.DataFrame] = field(default_factory=list)
    withheld: list[pl.DataFrame] = field(default_factory=list)


@dataclass(frozen=True)
class Judged:
    """A batch's rows, each in exactly one of `events`, `failing` and `bad`."""

    events: pl.DataFrame
    failing: pl.DataFrame
    findings: pl.DataFrame
    strips: pl.DataFrame
    bad: tuple[BadRow, ...]


def judge(task: Task, source: Source, settings: Settings, options: Options) -> Judged:
    """Parse a batch of a file and judge its rows."""
    batch = task()
    result = ingest(
        batch.frame,
        shape=source.file.shape,
        source_id=source.source_id,
        exclude=settings.ingest.exclude,
        by_session=settings.consent.scope != terms.EVENT,
        options=options,
    )
    return Judged(result.events, result.failing, result.findings, result.strips, batch.bad)


def book(source: Source, judged: Judged, account: Account) -> None:
    """Enter a judged batch in the account of its file and of the run."""
    refused = sum(row.stage == QUARANTINED for row in judged.bad)
    source.read += judged.events.height + judged.failing.height + len(judged.bad)
    source.malformed += len(judged.bad) - refused
    source.quarantined += judged.failing.height + refused
    account.rejects.append(bad_rows(source, judged.bad))
    of_file = {"source_id": pl.lit(source.source_id, pl.UInt32), "is_own": pl.lit(value=True)}
    account.strips.append(judged.strips.with_columns(**of_file).select(ConsentStrips.columns()))
    named = judged.failing.filter(f"scan_session_id{IS_UUID}")
    spoken = named.with_columns(pl.col("consent").str.strip_chars().str.to_lowercase())
    account.withheld += [_withheld(judged.events), _withheld(spoken)]
    if judged.findings.height:
        account.findings.append(compact(judged.findings))
    if judged.failing.height:
        account.failing.append(compact(judged.failing))
    if sum(frame.height for frame in account.failing) > EXPLAIN_ROWS:
        explain_failing(source, account)


def _withheld(rows: pl.DataFrame) -> pl.DataFrame:
    """The scan sessions of rows without consent. What a refused row says of consent counts as well."""
    return compact(rows.filter(is_withheld()).select(WITHHELD.keys()).unique())


def explain_failing(source: Source, account: Account) -> None:
    """Turn the failing rows of a file that were kept so far into rejects with their reasons."""
    if not account.failing:
        return
    reasons = explain(pl.concat(account.failing), source.file.shape)
    account.failing.clear()
    placed = reasons.with_columns(expr_row_number(), source_file=pl.lit(source.file.name))
    account.rejects.append(placed.select(Rejects.columns()))


def bad_rows(source: Source, bad: tuple[BadRow, ...] | list[BadRow]) -> pl.DataFrame:
    """Rows refused by something other than the rules of events, as rejects."""
    rows = [(source.file.name, row.row_number, row.stage, row.reason, row.column, None) for row in bad]
    return pl.DataFrame(rows, schema=Rejects.dtypes(), orient="row")
