"""Ingest on one machine: files in, `events` and its companions out, a batch at a time in bounded memory."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

from attribution import terms
from attribution.consent import by_scan_session
from attribution.engines import progress
from attribution.engines.detection import detection
from attribution.engines.ingest_beside import read_side_inputs, write_beside_events
from attribution.engines.input_files import Source, event_sources, list_sources
from attribution.engines.judging import WITHHELD, Account, Judged, book, explain_failing, judge
from attribution.engines.store import Store
from attribution.schemas.events import Events
from attribution.settings import Settings
from attribution.sources import read_batches

WORKERS: Final = 2
"""Batches in work at once; each uses all cores in parts."""


def ingest_files(raw: Path, store: Store, settings: Settings, report: progress.Report = progress.silent) -> None:
    """Read the raw folder and write what `flow.INGESTED` lists.

    Raises:
        InputError: The folder is missing, empty, or holds no event record that can be read.
    """
    sources = list_sources(raw, settings)
    events, account = event_sources(raw, sources), Account()
    rows = register_io_source(partial(_stream, events, settings, account, report), schema=pl.Schema(Events.dtypes()))
    with ThreadPoolExecutor(1) as pool:
        side = pool.submit(read_side_inputs, sources, account, detection(settings))
        _write_events(rows, store, settings, account)
    write_beside_events(raw, sources, store, settings, account, side.result())


def _write_events(rows: pl.LazyFrame, store: Store, settings: Settings, account: Account) -> None:
    """The accepted events, each under its own consent or, if so set, under the strictest of its scan session."""
    if settings.consent.scope == terms.EVENT:
        store.write_table("events", rows)
        return
    with store.passing("events", rows) as each_alone:
        withheld = pl.concat([*account.withheld, pl.DataFrame(schema=WITHHELD)]).lazy()
        store.write_table("events", by_scan_session(each_alone, withheld))


def _stream(
    sources: list[Source],
    settings: Settings,
    account: Account,
    report: progress.Report,
    with_columns: list[str] | None,
    predicate: pl.Expr | None,  # noqa: ARG001
    n_rows: int | None,  # noqa: ARG001
    batch_size: int | None,  # noqa: ARG001
) -> Iterator[pl.DataFrame]:
    """The accepted events of all files, in order; the account grows on the way."""
    total = sum(source.file.path.stat().st_size for source in sources)
    done = 0
    for source in sources:
        for judged in _judged_in_order(source, settings):
            book(source, judged, account)
            report("ingest", done, total, f"{sum(counted.read for counted in sources):,} rows, {source.file.name}")
            yield judged.events.select(with_columns) if with_columns else judged.events
        explain_failing(source, account)
        done += source.file.path.stat().st_size
        report("ingest", done, total)


def _judged_in_order(source: Source, settings: Settings) -> Iterator[Judged]:
    """The file's batches, several in work at once, in file order."""
    waiting: deque[Future[Judged]] = deque()
    options = detection(settings)
    with ThreadPoolExecutor(WORKERS) as pool:
        for task in read_batches(source.file):
            waiting.append(pool.submit(judge, task, source, settings, options))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
