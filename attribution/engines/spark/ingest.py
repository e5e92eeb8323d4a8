"""Ingest on Spark: a task per file or piece of a large file, judged as on one machine; the driver adds up the accounts."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl

from attribution import terms
from attribution.consent import by_scan_session
from attribution.engines import progress
from attribution.engines.detection import detection
from attribution.engines.ingest_beside import strips_of_sessions, write_beside_events
from attribution.engines.input_files import Source, event_sources, list_sources
from attribution.engines.judging import WITHHELD, Account, book, explain_failing, judge
from attribution.engines.parsed import BESIDE, parsed
from attribution.engines.side_files import read_side_inputs
from attribution.engines.spark.cluster import Cluster
from attribution.engines.spark.costs import Costs
from attribution.engines.spark.publish import publish, staging
from attribution.engines.store import PACKED, Store
from attribution.privacy import Options
from attribution.schemas.events import Events
from attribution.settings import Settings
from attribution.side_inputs import SIDE_INPUTS
from attribution.sources.pieces import Piece, pieces, read_piece

PART_ROWS: Final = 262_144
"""Rows that a task holds before it writes them."""


@dataclass(frozen=True)
class Work:
    """A piece of a file and how it is judged."""

    source: Source
    piece: Piece
    settings: Settings
    options: Options
    folder: Path


@dataclass(frozen=True)
class Done:
    """What came of a piece: files of events in order, and its account."""

    files: tuple[Path, ...]
    source: Source
    account: Account


def ingest(
    cluster: Cluster,
    costs: Costs,
    raw: Path,
    store: Store,
    settings: Settings,
    report: progress.Report = progress.silent,
) -> None:
    """Read the raw folder and write what `flow.INGESTED` lists.

    Raises:
        InputError: The folder is missing, empty, or holds no event record that can be read.
    """
    raw = raw.resolve()
    cost = costs.of("ingest")
    with cost.timed("look"):
        sources = list_sources(raw, settings, cluster.each)
        events = event_sources(raw, sources)
        cut = cluster.each(pieces, [source.file for source in events])
    with staging(store, "events") as folder:
        options = detection(settings)
        work = [
            Work(source, piece, settings, options, folder)
            for source, found in zip(events, cut, strict=True)
            for piece in found
        ]
        cost.tasks = len(work)
        with cost.timed("cluster"):
            done = cluster.each(judge_piece, work, report, "ingest")
        account = Account()
        files = [file for one in done for file in one.files]
        for source, parts in groupby(zip(work, done, strict=True), key=lambda pair: pair[0].source.source_id):
            _add_up(next(one for one in events if one.source_id == source), [one for _, one in parts], account)
        if settings.consent.scope != terms.EVENT:
            files = _held_by_scan_session(cluster, files, account, folder)
        with cost.timed("publish"):
            publish(store, "events", files, Events.no_rows(), settings)
    beside = [source for source in sources if source.file.kind in SIDE_INPUTS]
    with cost.timed("beside"), parsed(store, settings) as kept:
        side = read_side_inputs(beside, account, kept, options)
        write_beside_events(raw, sources, store, settings, account, side)
        kept.keep_only(beside)


def judge_piece(work: Work) -> Done:
    """In the executor: read a piece, judge its rows, write the accepted ones."""
    source, account = replace(work.source), Account()
    held: list[pl.DataFrame] = []
    files: list[Path] = []
    for task in read_piece(source.file, work.piece):
        judged = judge(task, source, work.settings, work.options)
        book(source, judged, account)
        held.append(judged.events)
        if sum(frame.height for frame in held) >= PART_ROWS:
            files.append(_written(held, work.folder))
    explain_failing(source, account)
    if any(frame.height for frame in held):
        files.append(_written(held, work.folder))
    return Done(tuple(files), source, account)


def _written(held: list[pl.DataFrame], folder: Path) -> Path:
    file = folder / f"events-{uuid4().hex}.parquet"
    pl.concat(held).write_parquet(file, **PACKED)
    held.clear()
    return file


def _add_up(source: Source, done: list[Done], account: Account) -> None:
    """Add the accounts of a file's pieces to the file's and to the run's."""
    for one in done:
        source.read += one.source.read
        source.malformed += one.source.malformed
        source.quarantined += one.source.quarantined
        for name in BESIDE:
            getattr(account, name).extend(getattr(one.account, name))


def _held_by_scan_session(cluster: Cluster, files: list[Path], account: Account, folder: Path) -> list[Path]:
    """Each file of events, written again with every row under the strictest consent of its scan session."""
    withheld = folder / "withheld.parquet"
    pl.concat([*account.withheld, pl.DataFrame(schema=WITHHELD)]).unique().write_parquet(withheld)
    done = cluster.each(partial(hold_by_scan_session, withheld=withheld), files)
    account.strips.extend(strips for _, strips in done)
    return [held for held, _ in done]


def hold_by_scan_session(file: Path, withheld: Path) -> tuple[Path, pl.DataFrame]:
    """In the executor: one file of events under the consent of whole scan sessions, and what that took away."""
    held = file.with_name(f"held-{uuid4().hex}.parquet")
    events, sessions = pl.scan_parquet(file, glob=False), pl.scan_parquet(withheld)
    rows = by_scan_session(events, sessions)
    rows.sink_parquet(held, **PACKED, maintain_order=True)
    return held, strips_of_sessions(events, sessions)
