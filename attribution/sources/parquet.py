"""Parquet: typed columns, read in batches of whole rows. What cannot be read is lost and reported, row by row."""

from functools import partial
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from attribution.sources.aliases import NESTED, accepted_names
from attribution.sources.archives import BrokenArchiveError
from attribution.sources.batch import BadRow, Batch, Reader, bad_batch
from attribution.sources.detect import SourceFile
from attribution.sources.parquet_careful import Fields, needs_care, read_rows, row_numbers, sampled_bytes
from attribution.sources.parquet_types import UNREADABLE, first_filled, plain
from attribution.sources.unpacked import Held, TooLargeError, as_source, held

ROWS: Final = 131_072
"""Rows handed on at once; fewer, where these take more than `TEXT`."""
TEXT: Final = 160 << 20
"""Bytes of text handed on at once, about: a step that copies a column copies no more than that."""
PLACES: Final = 4
SAMPLE: Final = 1000
"""Rows that are looked at in each of `PLACES` places to tell how long rows are."""


def read(file: SourceFile) -> Reader:
    """The file's rows as tasks, in file order; `row_number` is the row's 1-based place."""
    try:
        path = held(file.path)
        with pq.ParquetFile(as_source(path)) as parquet:
            schema, rows = parquet.schema_arrow, parquet.metadata.num_rows
    except (pa.ArrowException, OSError, BrokenArchiveError, TooLargeError):
        yield partial(bad_batch, [BadRow(1, "unreadable_rest")])
        return
    fields = _fields(schema, file)
    some = partial(read_rows, path, fields) if needs_care(schema) else partial(_plain, path, fields, schema)
    size = rows_at_once(path, rows)
    for start in range(0, rows, size):
        yield partial(some, start, min(size, rows - start))


def rows_at_once(path: Held, rows: int) -> int:
    """How many of the file's rows make a batch, judged by how much text some of them have."""
    if rows <= PLACES * SAMPLE:
        return ROWS
    try:
        text, sampled = (
            sampled_bytes(path, PLACES, SAMPLE) if needs_care(pq.read_schema(as_source(path))) else _text(path, rows)
        )
    except UNREADABLE:
        return ROWS
    return max(1, min(ROWS, sampled * TEXT // max(1, text))) if sampled else ROWS


def _text(path: Held, rows: int) -> tuple[int, int]:
    """Bytes of text in the rows of some places, and how many rows these are."""
    whole = pl.scan_parquet(path, glob=False)
    sampled = pl.concat(whole.slice(rows * place // PLACES, SAMPLE) for place in range(PLACES))
    sizes = sampled.select(pl.col(pl.String).str.len_bytes().sum(), pl.col(pl.Binary).bin.size().sum()).collect()
    return int(sizes.sum_horizontal().sum()), PLACES * SAMPLE


def column_names(schema: pa.Schema) -> list[str]:
    """The file's columns; known nested ones field by field."""
    names = []
    for field in schema:
        if field.name in NESTED and pa.types.is_struct(field.type):
            names += [f"{field.name}.{inner.name}" for inner in field.type]
        else:
            names.append(field.name)
    return names


def _fields(schema: pa.Schema, file: SourceFile) -> Fields:
    found = column_names(schema)
    accepted = accepted_names(found, file.kind, file.aliases).items()
    return {column: served for column, names in accepted if (served := [name for name in names if name in found])}


def _plain(path: Held, fields: Fields, schema: pa.Schema, start: int, size: int) -> Batch:
    """Some rows, read by Polars; where it fails, with care."""
    columns = {name: _column(name, schema).alias(name) for names in fields.values() for name in names}
    try:
        rows = pl.scan_parquet(path, glob=False).slice(start, size).select(columns.values()).collect()
        told = {name: plain(rows[name]) for name in columns}
        served = [first_filled([told[name] for name in names]).alias(column) for column, names in fields.items()]
        return Batch(pl.DataFrame([row_numbers(range(start, start + size)), *served]))
    except UNREADABLE:
        return read_rows(path, fields, start, size)


def _column(name: str, schema: pa.Schema) -> pl.Expr:
    """The column, or the field of a nested one. (In a flattened table a name with a dot is a column's own.)"""
    if name in schema.names:
        return pl.col(name)
    parent, _, field = name.partition(".")
    return pl.col(parent).struct.field(field)
