"""Ingest on one machine: files in, `events` and its companions out, a batch at a time in bounded memory.

What is made of a file is kept (`attribution.engines.parsed`), so that the next run reads only what is new or changed.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq
from polars.io.plugins import register_io_source

from attribution import terms
from attribution.consent import by_scan_session
from attribution.engines import progress
from attribution.engines.ahead import in_order, nothing
from attribution.engines.detection import detection
from attribution.engines.early import AllInWork, Early, Told
from attribution.engines.ingest_beside import strips_of_sessions, write_beside_events
from attribution.engines.input_files import Source, event_sources, list_sources
from attribution.engines.judging import WITHHELD, Account, book, explain_failing, judge
from attribution.engines.page_cache import is_crowded, let_go
from attribution.engines.parsed import parsed
from attribution.engines.side_files import read_side_inputs
from attribution.engines.store import Store, write_parquet
from attribution.schemas.consent_strips import ConsentStrips
from attribution.schemas.events import Events
from attribution.settings import Settings
from attribution.sources import list_files, read_batches

ROWS_OF_A_GROUP: Final = 20_000
"""Rows that row groups must have on average: reading many smaller ones is slower than writing them again."""


def ingest_files(raw: Path, store: Store, settings: Settings, report: progress.Report = progress.silent) -> None:
    """Read the raw folder and write what `flow.INGESTED` lists. A file that was read before is not read again.

    Raises:
        InputError: The folder is missing, empty, or holds no event record that can be read.
    """
    crowded = is_crowded(list_files(raw))
    with parsed(store, settings) as parts:
        make, told = partial(_make, settings), Told(report)
        sources = list_sources(raw, settings, Early(parts, settings, told, make, crowded).each)
        events, account = event_sources(raw, sources), Account()
        files = [parts.part(source, account, partial(make, source, told, nothing)) for source in events]
        with ThreadPoolExecutor(1) as beside:
            # Copying what was made leaves the cores free to read the other files.
            written = beside.submit(_write_events, files, store, settings, list(account.withheld))
            side = read_side_inputs(sources, account, parts, detection(settings))
            account.strips.append(written.result())
        for path in files if crowded else []:
            let_go(path)
        write_beside_events(raw, sources, store, settings, account, side)
        parts.keep_only(sources)


def _make(settings: Settings, source: Source, told: Told, all_in_work: AllInWork, path: Path, account: Account) -> None:
    """Write the accepted events of one file."""
    told.begin(source)
    read = partial(_stream, source, settings, account, told, all_in_work)
    write_parquet(register_io_source(read, schema=pl.Schema(Events.dtypes())), path)
    explain_failing(source, account)


def _write_events(parts: list[Path], store: Store, settings: Settings, withheld: list[pl.DataFrame]) -> pl.DataFrame:
    """Write the accepted events, each under its own consent or, if so set, under the strictest of its scan session.

    Returns:
        As `schemas.consent_strips`: what the latter took away.
    """
    each_alone = pl.scan_parquet(parts, glob=False)
    if settings.consent.scope != terms.EVENT:
        sessions = pl.concat([*withheld, pl.DataFrame(schema=WITHHELD)]).lazy()
        store.write_table("events", by_scan_session(each_alone, sessions))
        return strips_of_sessions(each_alone, sessions)
    if _is_worth_joining(parts):
        store.join_table("events", parts)
    else:
        store.write_table("events", each_alone)
    return ConsentStrips.no_rows()


def _is_worth_joining(parts: list[Path]) -> bool:
    """The parts' row groups are large enough to be copied as they are; many small ones would make slow reading."""
    metadata = [pq.read_metadata(path) for path in parts]
    groups = sum(int(one.num_row_groups) for one in metadata)
    return 0 < groups * ROWS_OF_A_GROUP <= sum(int(one.num_rows) for one in metadata)


def _stream(
    source: Source,
    settings: Settings,
    account: Account,
    told: Told,
    all_in_work: AllInWork,
    with_columns: list[str] | None,
    predicate: pl.Expr | None,  # noqa: ARG001
    n_rows: int | None,  # noqa: ARG001
    batch_size: int | None,  # noqa: ARG001
) -> Iterator[pl.DataFrame]:
    """The accepted events of the file, in order; the account grows on the way."""
    options = detection(settings)
    tasks = read_batches(source.file)
    for judged in in_order(lambda task: judge(task, source, settings, options), tasks, all_in_work):
        book(source, judged, account)
        told.rows()
        yield judged.events.select(with_columns) if with_columns else judged.events
