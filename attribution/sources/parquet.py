"""Parquet: typed columns, read in batches of whole rows. A batch that cannot be read is lost and said; the others are read."""

from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from attribution.sources.aliases import NESTED, canonical_names
from attribution.sources.batch import BadRow, Batch, Reader, bad_batch
from attribution.sources.detect import SourceFile

ROWS: Final = 131_072
"""Rows handed on at once; fewer, where these take more than `TEXT`."""
TEXT: Final = 160 << 20
"""Bytes of text handed on at once, about: a step that copies a column copies no more than that."""
PLACES: Final = 4
SAMPLE: Final = 1000
"""Rows that are looked at in each of so many places to tell how long they are."""


def read(file: SourceFile) -> Reader:
    """The file's rows as tasks, in file order; `row_number` is the row's 1-based place."""
    try:
        with pq.ParquetFile(file.path) as parquet:
            names = canonical_names(column_names(parquet.schema_arrow), file.kind, file.aliases)
            columns = [_column(name, parquet.schema_arrow).alias(column) for column, name in names.items()]
            rows = parquet.metadata.num_rows
    except (pa.ArrowException, OSError):
        yield partial(bad_batch, [BadRow(1, "unreadable_rest")])
        return
    size = rows_at_once(file.path, rows)
    for start in range(0, rows, size):
        yield partial(_batch, file.path, start, size, columns)


def rows_at_once(path: Path, rows: int) -> int:
    """How many of the file's rows make a batch: told by how much text some of them have."""
    if rows <= PLACES * SAMPLE:
        return ROWS
    whole = pl.scan_parquet(path, glob=False)
    sampled = pl.concat(whole.slice(rows * place // PLACES, SAMPLE) for place in range(PLACES))
    try:
        text = sampled.select(pl.col(pl.String).str.len_bytes().sum()).collect().sum_horizontal().sum()
    except (pl.exceptions.PolarsError, OSError):
        return ROWS
    return max(1, min(ROWS, PLACES * SAMPLE * TEXT // max(1, int(text))))


def column_names(schema: pa.Schema) -> list[str]:
    """The file's columns, nested ones that are known field by field."""
    names = []
    for field in schema:
        if field.name in NESTED and pa.types.is_struct(field.type):
            names += [f"{field.name}.{inner.name}" for inner in field.type]
        else:
            names.append(field.name)
    return names


def _batch(path: Path, start: int, size: int, columns: list[pl.Expr]) -> Batch:
    rows = pl.scan_parquet(path, glob=False).slice(start, size).select(columns)
    try:
        return Batch(rows.collect().with_row_index("row_number", offset=start + 1))
    except (pl.exceptions.PolarsError, OSError):
        return bad_batch([BadRow(start + 1, "unreadable_rows")])


def _column(name: str, schema: pa.Schema) -> pl.Expr:
    """The column, or the field of a nested one. (A flattened table has names with a dot that are names as they stand.)"""
    if name in schema.names:
        return pl.col(name)
    parent, _, field = name.partition(".")
    return pl.col(parent).struct.field(field)
