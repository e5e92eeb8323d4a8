"""`attribution reconcile`: the platform's own summary beside ours, number by number."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
from rich.console import Console

from attribution.command_run import chosen_folders, settings_of_run
from attribution.days import expr_day
from attribution.engines import made_with, progress, unfinished
from attribution.engines.lock import locked
from attribution.engines.store import Store
from attribution.errors import GateError
from attribution.periods import Period, restricted, spanning
from attribution.platform_summary.facts import READS, facts_of
from attribution.platform_summary.readings import ANY_ORDER, WORDS, Reading
from attribution.platform_summary.reconcile import reconcile
from attribution.platform_summary.theirs import Theirs, read
from attribution.reports.funnel import funnel
from attribution.schemas.reconciliation import EQUAL, EXPLAINED, UNEXPLAINED
from attribution.settings import Settings


def reconcile_command(file: Path, out: Path | None, params: Path | None, *, quiet: bool) -> None:
    """Write `OUT/reports/reconciliation` and say where the numbers differ and which rule explains it.

    Raises:
        InputError: The file is no answer of the platform's, or there are no results.
        UsageError: A run is writing to the folder.
        GateError: A difference is not explained.
    """
    settings = settings_of_run(out, params)
    _, out = chosen_folders(None, out, ())
    store = Store(out)
    with locked(out), made_with.reading(out):
        unfinished.hold(out)
        compared = _compared(read(file), store, settings, quiet=quiet)
        store.write_report("reconciliation", compared)
    if not quiet:
        sys.stdout.write("\n".join(_lines(compared, store)) + "\n")
    left = compared.filter(pl.col("outcome") == UNEXPLAINED).height
    if left:
        table = store.report("reconciliation", "csv")
        message = f"{left} of {compared.height} numbers differ, and no rule explains why: {table}"
        raise GateError(message)


def _compared(theirs: Theirs, store: Store, settings: Settings, *, quiet: bool) -> pl.DataFrame:
    """As `schemas.reconciliation`."""
    tables = store.scan_all(READS)
    with progress.shown(Console(stderr=True, quiet=quiet)) as shown:
        shown("reconcile", 0, 2, "reading the tables")
        found = facts_of(tables, settings)
        shown("reconcile", 1, 2, "looking for the rules")
        return reconcile(
            theirs,
            replace(found, currency=theirs.currency or found.currency),
            lambda reading: _steps(tables, theirs, settings, reading),
        )


def _steps(tables: Mapping[str, pl.LazyFrame], theirs: Theirs, settings: Settings, reading: Reading) -> dict[str, int]:
    """Scan sessions by step, of the period; each step alone where any order will do."""
    if not theirs.steps:
        return {}
    period = spanning(*theirs.days) if theirs.days else None
    cut = dict(tables) if period is None else _within(tables, period, settings.report.time_zone)
    groups = [[step] for step in theirs.steps] if ANY_ORDER in reading else [list(theirs.steps)]
    inputs = [cut[name] for name in ("events", "duplicates", "scan_sessions", "conversions")]
    counted = pl.concat(funnel(*inputs, steps=steps).collect() for steps in groups)
    return dict(counted.select("step", "sessions").rows())


def _within(tables: Mapping[str, pl.LazyFrame], period: Period, time_zone: str) -> dict[str, pl.LazyFrame]:
    events = tables["events"].filter(period.holds(expr_day("occurred_at", time_zone)))
    return restricted(tables, period, time_zone) | {"events": events}


def _lines(compared: pl.DataFrame, store: Store) -> list[str]:
    counts = dict(compared["outcome"].value_counts().rows())
    told = ", ".join(f"{counts.get(outcome, 0)} {outcome}" for outcome in (EQUAL, EXPLAINED, UNEXPLAINED))
    listed = [f"{compared.height} of the platform's numbers: {told}."]
    differing = compared.filter(pl.col("outcome") != EQUAL)
    groups = differing.partition_by("measure", "explained_by", as_dict=True, maintain_order=True)
    for (measure, why), rows in groups.items():
        row = rows.sort(pl.col("key").is_not_null(), pl.col("difference").abs() * -1, nulls_last=True).row(
            0, named=True
        )
        place = "" if row["key"] is None else f" ({row['key']})"
        numbers = f"theirs {_plain(row['theirs'])}, ours {_plain(row['ours'])}"
        listed.append(f"  {measure}{place}: {numbers}; {rows.height} number(s)")
        listed += (
            [f"    {name}: {WORDS[name]}" for name in str(why).split(" + ")] if why else ["    no rule explains it"]
        )
    return [*listed, f"Table: {store.report('reconciliation', 'csv')}"]


def _plain(value: object) -> str:
    text = f"{value:,f}" if value is not None else "–"
    return text.rstrip("0").rstrip(".") if "." in text else text
