"""Parquet: typed columns, read in batches of whole rows. A row group that cannot be read costs the rest of the file."""

from functools import partial
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from attribution.sources.aliases import NESTED, canonical_names
from attribution.sources.batch import BadRow, Batch, Reader, bad_batch
from attribution.sources.detect import SourceFile

ROWS: Final = 131_072
"""Rows handed on at once."""


def read(file: SourceFile) -> Reader:
    """The file's rows as tasks, in file order; `row_number` is the row's 1-based place."""
    first = 1
    try:
        with pq.ParquetFile(file.path) as parquet:
            names = canonical_names(column_names(parquet.schema_arrow), file.kind, file.aliases)
            wanted = sorted({name.partition(".")[0] for name in names.values()})
            for rows in parquet.iter_batches(ROWS, columns=wanted):
                yield partial(_batch, rows, first, names)
                first += rows.num_rows
    except (pa.ArrowException, OSError):
        yield partial(bad_batch, [BadRow(first, "unreadable_rest")])


def column_names(schema: pa.Schema) -> list[str]:
    """The file's columns, nested ones that are known field by field."""
    names = []
    for field in schema:
        if field.name in NESTED and pa.types.is_struct(field.type):
            names += [f"{field.name}.{inner.name}" for inner in field.type]
        else:
            names.append(field.name)
    return names


def _batch(rows: pa.RecordBatch, first: int, names: dict[str, str]) -> Batch:
    frame = pl.DataFrame(pl.from_arrow(rows)).with_row_index("row_number", offset=first)
    return Batch(frame.select("row_number", *(_column(name).alias(column) for column, name in names.items())))


def _column(name: str) -> pl.Expr:
    parent, _, field = name.partition(".")
    return pl.col(parent).struct.field(field) if field else pl.col(parent)
