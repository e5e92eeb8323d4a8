"""The files beside events, one after another in bounded memory: scans, QR codes, spend, rates.

What is made of a file is kept, as for a file of events (`attribution.engines.parsed`): its good rows, typed and
redacted, in the order that the table is made from.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from attribution.disagreements import disagreements
from attribution.engines.ahead import in_order
from attribution.engines.input_files import Source
from attribution.engines.judging import Account, bad_rows
from attribution.engines.kept_scans import part_of_scans
from attribution.engines.merging import merged
from attribution.engines.parsed import Parsed
from attribution.personal_data import names, redacted
from attribution.privacy import Options
from attribution.row_ids import expr_row_id
from attribution.side_inputs import SIDE_INPUTS, as_table, read_rows, typed_schema
from attribution.sources import read_batches
from attribution.sources.aliases import COLUMNS
from attribution.sources.batch import BadRow, Batch, Task
from attribution.terms import QUARANTINED

ROWS_OF_A_RUN: Final = 2_000_000
"""How many rows are sorted in memory; more are merged from files."""
ROWS_OF_A_GROUP: Final = 32_768
"""How many rows of a run are read at once while it is merged."""


def read_side_inputs(
    sources: list[Source], account: Account, parts: Parsed, options: Options
) -> dict[str, pl.LazyFrame]:
    """The tables beside events, without personal data and without what the account's events withhold; what was found and
    their bad rows go to the account.

    Of several files with the same content the first is read. (Of events every copy is: ids tell which rows are duplicates.)
    """
    made: dict[str, list[pl.LazyFrame]] = {kind: [] for kind in SIDE_INPUTS}
    contents: set[tuple[str, str]] = set()
    for source in sources:
        kind, content = source.file.kind, (source.file.kind, source.sha256)
        if kind in SIDE_INPUTS and content not in contents:
            contents.add(content)
            write = partial(_make, source, options)
            path = (
                part_of_scans(source, account, parts, write) if kind == "scans" else parts.part(source, account, write)
            )
            made[kind].append(pl.scan_parquet(path, glob=False))
    whole = {kind: _in_order(rows, kind) for kind, rows in made.items()}
    account.findings += [disagreements(rows, kind, parts.settings.report.currency) for kind, rows in whole.items()]
    return {kind: as_table(rows, kind) for kind, rows in whole.items()}


def _in_order(parts: Sequence[pl.LazyFrame], kind: str) -> pl.LazyFrame:
    """The rows of all parts, in the order of the kind where it has one."""
    order = SIDE_INPUTS[kind].order
    if parts and order:
        return merged(parts, order)
    return pl.concat([pl.LazyFrame(schema=typed_schema(kind)), *parts])


def _make(source: Source, options: Options, path: Path, account: Account) -> None:
    """Write the good rows of a file."""
    kind, runs = source.file.kind, []
    for number, rows in enumerate(_runs(source, account, options)):
        run = path.with_name(f"run-{number}.parquet")
        rows.write_parquet(run, compression="lz4", statistics=False, row_group_size=ROWS_OF_A_GROUP)
        runs.append(run)
    if len(runs) == 1:
        runs.pop().replace(path)
        return
    whole = _in_order([pl.scan_parquet(run, glob=False) for run in runs], kind)
    whole.sink_parquet(path, engine="streaming", compression="lz4", statistics=False)
    for run in runs:
        run.unlink()


def _runs(source: Source, account: Account, options: Options) -> Iterator[pl.DataFrame]:
    """The good rows in runs of at least `ROWS_OF_A_RUN` but for the last, each run sorted."""
    order = SIDE_INPUTS[source.file.kind].order
    held: list[pl.DataFrame] = []
    for good in _good_rows(source, account, options):
        held.append(good)
        if sum(rows.height for rows in held) >= ROWS_OF_A_RUN:
            yield _sorted(held, order)
            held = []
    if held:
        yield _sorted(held, order)


def _sorted(held: list[pl.DataFrame], order: Sequence[str]) -> pl.DataFrame:
    rows = pl.concat(held)
    return rows.sort(key for name in order for key in (_beginning(name), pl.col(name))) if order else rows


def _beginning(text: str) -> pl.Expr:
    """The first bytes of a text as a number of the same order: numbers are sorted much faster than texts."""
    begins = pl.col(text).str.pad_end(8, "\0").cast(pl.Binary).bin.slice(0, 8)
    return begins.bin.reinterpret(dtype=pl.UInt64, endianness="big")


def _good_rows(source: Source, account: Account, options: Options) -> Iterator[pl.DataFrame]:
    """The good rows of each block, in file order; its bad rows and what is found go to the accounts."""
    for batch, good, bad, found in in_order(partial(_read, source, options), read_batches(source.file)):
        refused = bad.select("row_number").n_unique() if bad.height else 0
        source.read += batch.frame.height + len(batch.bad)
        source.malformed += len(batch.bad)
        source.quarantined += refused
        broken = [BadRow(number, reason, QUARANTINED, column) for number, reason, column in bad.rows()]
        account.rejects.append(bad_rows(source, [*batch.bad, *broken]))
        account.findings.append(found)
        yield good


def _read(source: Source, options: Options, task: Task) -> tuple[Batch, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """A block, its good rows, its bad rows by rule, and the personal data found in it."""
    batch = task()
    rows, found = _redacted(batch.frame, source, options)
    return batch, *read_rows(rows, source.file.kind), found


def _redacted(rows: pl.DataFrame, source: Source, options: Options) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with personal data in ids and names replaced or dropped, as in events; and what was found."""
    texts = [name for name in COLUMNS[source.file.kind] if rows.schema.get(name) == pl.String]
    numbered = rows.with_columns(expr_row_id(source.source_id), event_id=pl.lit(None, pl.String))
    clean, found = redacted(numbered, options, names(texts))
    return clean.select(rows.columns), found
