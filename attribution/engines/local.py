"""The flow on one machine: Polars' streaming engine over Parquet, stage by stage, nothing to start."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from attribution.engines import begun_erasure, made_with, progress, unfinished
from attribution.engines.bucketed import bucketed, number_of_buckets
from attribution.engines.closing import close, hold
from attribution.engines.ingest_files import ingest_files
from attribution.engines.merging import merged
from attribution.engines.parts import run_parts
from attribution.engines.steps import SOURCES, Steps, noted_steps
from attribution.engines.store import Store
from attribution.flow import INGESTED, SORTED_BY, STAGE_NAMES, stage_named
from attribution.report import PARTS as REPORTS
from attribution.report import Span
from attribution.settings import Settings
from attribution.stage import Stage


def run_stage(stage: Stage, store: Store, settings: Settings, _: progress.Report = progress.silent) -> None:
    """Run a stage, on its whole tables or, where these are too large for that, bucket by bucket; write what it makes."""
    tables = store.scan_all(stage.reads) | collected_lookups(stage, store, settings)
    buckets = number_of_buckets(stage, tables, settings, SORTED_BY)
    if buckets == 1:
        for name, rows in stage.run(tables, settings).items():
            store.write_table(name, rows.sort(SORTED_BY[name]) if name in SORTED_BY else rows)
        return
    with bucketed(stage, settings, tables, buckets, store) as parts:
        for name, files, is_in_order in parts.run(SORTED_BY):
            if is_in_order:
                store.join_table(name, files)
            else:
                store.write_table(name, merged([pl.scan_parquet(path, glob=False) for path in files], SORTED_BY[name]))


def collected_lookups(stage: Stage, store: Store, settings: Settings) -> dict[str, pl.LazyFrame]:
    """The small tables that a stage needs beside each part of its rows."""
    if stage.lookups is None:
        return {}
    lookups = stage.lookups(store.scan_all(stage.reads), settings)
    frames = pl.collect_all(list(lookups.values()), engine="streaming")
    return {name: frame.lazy() for name, frame in zip(lookups, frames, strict=True)}


@dataclass(frozen=True)
class Runner:
    """How an engine runs what may be split; everything else is the same on every engine."""

    ingest: Callable[[Path, Store, Settings, progress.Report], None] = ingest_files
    stage: Callable[[Stage, Store, Settings, progress.Report], None] = run_stage
    leaves_out: bool = True
    """Whether a whole run leaves out what would come out the same."""


def run(
    raw: Path | None,
    out: Path,
    settings: Settings,
    *,
    stages: tuple[str, ...] | None = None,
    report: progress.Report = progress.silent,
    done: Callable[[str], None] = lambda _: None,
    left_out: Callable[[list[str]], None] = lambda _: None,
    runner: Runner = Runner(),
) -> dict[str, Any]:
    """Run stages in order, reading what earlier ones wrote. A whole run leaves out what would come out the same.

    Args:
        raw: The folder of exports; only `ingest` needs it.
        out: The output folder; created where missing.
        settings: As `attribution.settings_file.load` gives them.
        stages: Names out of `flow.STAGE_NAMES`, all of which are run; None: the whole flow.
        report: Called with how far a stage is.
        done: Called with each stage's name when it is finished.
        left_out: Called at the end with the steps that were left out.
        runner: Another engine's way of running what may be split.

    Returns:
        The ledger, where `audit` was among the stages; else empty.

    Raises:
        InputError: Input or an earlier stage's table cannot be read.
        GateError: The ledger does not balance, or a table breaks a rule of consent. All files have been written nevertheless.
    """
    store, ledger, began = Store(out), {}, datetime.now(UTC)
    noted = noted_steps(store, settings) if stages is None and runner.leaves_out else None
    steps = noted or Steps(store, settings)
    wanted = [name for name in STAGE_NAMES if stages is None or name in stages]
    with steps.remembering():
        for number, name in enumerate(wanted):
            say = partial(report, "stages", number, len(wanted))
            say(name)
            if name == "ingest":
                assert raw is not None  # noqa: S101 - the command line sees to it
                alone = [store.table(table) for table in INGESTED] if wanted == ["ingest"] else []
                with unfinished.begun(out, alone, is_whole=stages is None):
                    steps.ingest(raw, partial(_ingest, runner, raw, store, report))
                begun_erasure.drop_all(out)
            elif name == "report":
                run_parts(REPORTS, steps, Span())
            else:
                _run_stage(stage_named(name), steps, runner, report)
            if name == "audit":
                made_with.keep(store, settings)
                ledger = close(steps, began, say)
                unfinished.end(out, is_whole=stages is None)
            done(name)
    if noted:
        left_out(noted.left_out)
    if ledger:
        hold(store, ledger)
    return ledger


def _ingest(runner: Runner, raw: Path, store: Store, report: progress.Report, settings: Settings) -> None:
    runner.ingest(raw, store, settings, report)


def _run_stage(stage: Stage, steps: Steps, runner: Runner, report: progress.Report) -> None:
    store = steps.store
    reads, writes = ([store.table(name) for name in names] for names in (stage.reads, stage.writes))

    def make(settings: Settings) -> None:
        if not _grow(stage, steps, settings):
            runner.stage(stage, store, settings, report)

    steps.step(stage.name, reads, writes, stage.settings, make)


def _grow(stage: Stage, steps: Steps, settings: Settings) -> bool:
    """Bring what the stage made in the run before up to date, where that is possible; returns whether it was."""
    read = (*stage.reads, SOURCES)
    before = steps.before((*read, *stage.writes)) if stage.grow else None
    made = stage.grow(before, steps.store.scan_all(read), settings) if stage.grow and before else None
    for name, rows in (made or {}).items():
        steps.store.write_table(name, rows)
    return made is not None
