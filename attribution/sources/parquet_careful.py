"""Parquet that Polars does not read as it is, read by Arrow: what neither can read costs only the rows that hold it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import compute

from attribution.sources.batch import BadRow, Batch, bad_batch
from attribution.sources.parquet_types import UNREADABLE, as_series, first_filled, is_readable, plain
from attribution.sources.unpacked import Held, as_source

Fields = Mapping[str, Sequence[str]]
"""Canonical column -> input columns, dotted for a field of a nested one. Of several the first with a value counts."""
AT_ONCE: Final = 16_384
"""Rows that are decoded at once."""


def needs_care(schema: pa.Schema) -> bool:
    """Polars would refuse the whole file, or panic."""
    return len(set(schema.names)) < len(schema.names) or not all(is_readable(field.type) for field in schema)


def read_rows(path: Held, fields: Fields, start: int, size: int) -> Batch:
    """Some rows of a file.

    Args:
        path: The file.
        fields: The columns.
        start: The first row's place, from 0.
        size: How many rows.

    Returns:
        The rows. A row is bad where its row group, or a value in it, cannot be read.
    """
    wanted = {name for names in fields.values() for name in names}
    tops = wanted | {name.partition(".")[0] for name in wanted}
    tables, numbers, bad = [], [], []
    for group, first, part in _parts(path, start, start + size):
        try:
            tables.append(_decoded(path, group, range(part.start - first, part.stop - first), tops))
            numbers.append(row_numbers(part))
        except UNREADABLE:
            bad += [BadRow(place + 1, "unreadable_rows") for place in part]
    return _batch(pa.concat_tables(tables), pl.concat(numbers), fields, bad) if tables else bad_batch(bad)


def row_numbers(places: range) -> pl.Series:
    """`row_number` of the rows at these places, which count from 0."""
    return pl.int_range(places.start + 1, places.stop + 1, dtype=pl.UInt32, eager=True).alias("row_number")


def sampled_bytes(path: Held, places: int, sample: int) -> tuple[int, int]:
    """The bytes of the first rows of some row groups, and how many rows that are."""
    with pq.ParquetFile(as_source(path)) as parquet:
        groups = range(0, parquet.num_row_groups, -(-parquet.num_row_groups // places))
        read = [rows for group in groups for rows in islice(parquet.iter_batches(sample, row_groups=[group]), 1)]
    return sum(rows.nbytes for rows in read), sum(rows.num_rows for rows in read)


def _parts(path: Held, start: int, stop: int) -> Iterator[tuple[int, int, range]]:
    """The row groups that have rows between these places: each group's number, its first place and those of the rows."""
    first, metadata = 0, pq.read_metadata(as_source(path))
    for group in range(metadata.num_row_groups):
        end = first + metadata.row_group(group).num_rows
        if part := range(max(start, first), min(stop, end)):
            yield group, first, part
        first = end


def _decoded(path: Held, group: int, wanted: range, names: set[str]) -> pa.Table:
    """The wanted rows of a row group.

    Raises:
        ArrowException, OSError: They cannot be decoded, or are not there.
    """
    found, place = [], 0
    with pq.ParquetFile(as_source(path)) as parquet:
        columns = [name for name in dict.fromkeys(parquet.schema_arrow.names) if name in names]
        for rows in parquet.iter_batches(AT_ONCE, row_groups=[group], columns=columns):
            first = max(wanted.start - place, 0)
            found.append(rows.slice(first, max(0, wanted.stop - place - first)))
            place += rows.num_rows
            if place >= wanted.stop:
                return pa.Table.from_batches(found)
    raise pa.ArrowInvalid


def _batch(table: pa.Table, rows: pl.Series, fields: Fields, bad: list[BadRow]) -> Batch:
    lost: dict[int, str] = {}
    columns = []
    for column, names in fields.items():
        found = []
        for values in (values for name in names for values in _columns(table, name)):
            try:
                found.append(plain(as_series(values)))
            except UNREADABLE:
                found.append(pl.repeat(None, len(rows), dtype=pl.String, eager=True))
                lost |= dict.fromkeys(rows.filter(pl.Series(values.is_valid().to_numpy())), column)
        columns.append(first_filled(found).alias(column))
    frame = pl.DataFrame([rows, *columns]).filter(~rows.is_in(list(lost)))
    bad += [BadRow(number, "unreadable_value", column=column) for number, column in lost.items()]
    return Batch(frame, tuple(sorted(bad, key=lambda row: row.row_number)))


def _columns(table: pa.Table, name: str) -> list[pa.ChunkedArray]:
    """The columns of the name, mostly one, or the field of a nested one."""
    if places := table.schema.get_all_field_indices(name):
        return [table.column(place) for place in places]
    parent, _, field = name.partition(".")
    return [compute.struct_field(table.column(place), field) for place in table.schema.get_all_field_indices(parent)]
