"""CSV, TSV and what spreadsheets save: any of , ; tab |, UTF-8 with or without BOM, UTF-16, Windows-1252.

A row with too few or too many fields is malformed; only that row is lost. `row_number` is the line of the file where the
row begins.
"""

import csv
import io
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl
import pyarrow as pa
from pyarrow import csv as pa_csv

from attribution.parse import NULL_TEXTS
from attribution.sources import decimal_comma
from attribution.sources.aliases import accepted_names
from attribution.sources.batch import BadRow, Batch, Reader, bad_batch
from attribution.sources.blocks import MAX_LINE, Block, line_blocks, read_head
from attribution.sources.detect import SourceFile
from attribution.sources.quotes import MAX_RECORD_LINES
from attribution.sources.text import BOM

DELIMITERS: Final = (",", "\t", ";", "|")
DECLARED: Final = re.compile(r'"?sep=([^\w\s"\x00-\x08\x80-\U0010ffff]|\t)"?', re.IGNORECASE)
"""The line that spreadsheets write before the header to say what divides the values."""
BLANK: Final = ' \t\r",;|'
"""What an empty line may consist of."""
NULLS: Final = (*NULL_TEXTS, "NULL")
"""What stands for null in a table of text. (JSON and Parquet have a null of their own: there `NULL` is a word.)"""


Served = Mapping[str, Sequence[str]]
"""Canonical column -> names in the header. Of several the first with a value counts."""


@dataclass(frozen=True)
class Header:
    """The first line with a name in it: its fields in order and the delimiter between them."""

    names: tuple[str, ...]
    delimiter: str
    lines: int = 1
    """How many lines there are up to its own: rows begin after them."""

    @classmethod
    def of(cls, head: bytes) -> "Header":
        """The header in the first bytes of a file; no names where there is none that can be read."""
        declared = ""
        for number, line in enumerate(head.decode("utf-8", errors="replace").lstrip("\ufeff").split("\n"), 1):
            if told := DECLARED.fullmatch(line.rstrip("\r")):
                declared = told[1]
            elif line.strip(BLANK):
                delimiter = declared or max(DELIMITERS, key=line.count)
                return cls(_fields(line.rstrip("\r"), delimiter), delimiter, number)
        return cls((), DELIMITERS[0])


def _fields(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(name.strip() for name in next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return ()


def read(file: SourceFile, blocks: Iterable[Block] | None = None) -> Reader:
    """The file's blocks, or some of them, as parse tasks, in file order."""
    header = Header.of(read_head(file.path))
    accepted = accepted_names(header.names, file.kind, file.aliases).items()
    columns = list(zip(header.names, _unique(header.names), strict=True))
    served = {
        column: found
        for column, names in accepted
        if (found := [unique for name in names for written, unique in columns if written == name])
    }
    for block in line_blocks(file.path, delimiter=header.delimiter) if blocks is None else blocks:
        if block.problem:
            yield partial(bad_batch, [BadRow(block.first_row, block.problem)])
        else:
            yield partial(parse, block, header, served)


def parse(block: Block, header: Header, served: Served) -> Batch:
    """One block: all rows at once, or one by one where lines and rows are not the same."""
    data, first = _utf8(block.data), block.first_row
    if first <= header.lines:
        data, first = _after_lines(data, header.lines + 1 - first), header.lines + 1
    bad: list[BadRow] = []
    table = _arrow_table(data, header, first, bad) if data.strip() else None
    if table is None and not data.strip():
        return bad_batch([])
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    if table is None or table.num_rows + len(bad) != lines:
        return _parse_row_by_row(data, first, header, served)
    rows = pl.int_range(first, first + lines, dtype=pl.UInt32, eager=True).alias("row_number")
    kept = rows.filter(~rows.is_in([row.row_number for row in bad])) if bad else rows
    frame = pl.DataFrame(pl.from_arrow(table)).with_columns(kept)
    if blank := _blank_lines(data, first):
        frame = frame.filter(~pl.col("row_number").is_in(blank))
        bad = [row for row in bad if row.row_number not in blank]
    return Batch(_canonical(frame, served, header.delimiter), tuple(bad))


def _after_lines(data: bytes, count: int) -> bytes:
    """What follows the first `count` lines."""
    place = 0
    for _ in range(count):
        place = data.find(b"\n", place) + 1 or len(data)
    return data[place:]


def _blank_lines(data: bytes, first: int) -> set[int]:
    """The numbers of lines with nothing in them, which are no rows; mostly there are none."""
    if not (data.startswith((b"\n", b"\r\n")) or b"\n\n" in data or b"\n\r\n" in data):
        return set()
    return {number for number, line in enumerate(data.split(b"\n"), first) if line in {b"", b"\r"}}


def _utf8(data: bytes) -> bytes:
    data = data.removeprefix(BOM)
    try:
        _as_one_text(data).validate(full=True)
    except pa.ArrowInvalid:
        return b"\n".join(_line_as_utf8(line) for line in data.split(b"\n"))
    return data


def _line_as_utf8(line: bytes) -> bytes:
    """The line as UTF-8: one that is not is taken for Windows-1252."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace").encode()
    return line


def _as_one_text(data: bytes) -> pa.Array:
    """The bytes as one Arrow text: Arrow checks for UTF-8 some ten times faster than Python, and copies nothing."""
    ends = pa.py_buffer(struct.pack("<qq", 0, len(data)))
    return pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data))


def _arrow_table(data: bytes, header: Header, first: int, bad: list[BadRow]) -> pa.Table | None:
    def note(row: pa_csv.InvalidRow) -> str:
        bad.append(BadRow(first + row.number - 1, "field_count"))
        return "skip"

    try:
        return pa_csv.read_csv(
            io.BytesIO(data),
            read_options=pa_csv.ReadOptions(
                use_threads=False, column_names=_unique(header.names), block_size=len(data) + 1
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=header.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(_unique(header.names), pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None


def _unique(names: Sequence[str]) -> list[str]:
    return [name if name not in names[:place] else f"{name}#{place}" for place, name in enumerate(names)]


def _parse_row_by_row(data: bytes, first: int, header: Header, served: Served) -> Batch:
    good: list[tuple[object, ...]] = []
    bad: list[BadRow] = []
    for row, fields in _records(_lines(data.decode()), header.delimiter):
        if fields == []:
            continue
        if fields and len(fields) == len(header.names):
            good.append((first + row, *fields))
        else:
            bad.append(BadRow(first + row, "field_count"))
    schema = {"row_number": pl.UInt32, **dict.fromkeys(_unique(header.names), pl.String)}
    return Batch(_canonical(pl.DataFrame(good, schema=schema, orient="row"), served, header.delimiter), tuple(bad))


def _lines(text: str) -> list[str]:
    """The text's lines with their ends; only a line feed ends a line, whatever else Unicode calls one."""
    return [line + "\n" for line in text.removesuffix("\n").split("\n")]


def _records(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Rows with the offset of their first line; None for a line with a stray quote, which costs that line only."""
    place = 0
    csv.field_size_limit(MAX_LINE)
    while place < len(lines):
        reader = csv.reader(lines[place : place + MAX_RECORD_LINES], delimiter=delimiter, strict=True)
        try:
            fields = next(reader, [])
        except csv.Error:
            yield place, None
            place += 1
            continue
        yield place, fields
        place += reader.line_num


def _canonical(frame: pl.DataFrame, served: Served, delimiter: str) -> pl.DataFrame:
    """Canonical columns, with all that exports write for null as null; of several names the first with a value counts."""
    value = pl.col(pl.String)
    names = {name for found in served.values() for name in found}
    told = frame.select("row_number", *names).with_columns(pl.when(~value.is_in(NULLS)).then(value))
    columns = told.select("row_number", *(pl.coalesce(found).alias(column) for column, found in served.items()))
    return (
        columns.with_columns(decimal_comma.with_points([*served])) if delimiter == decimal_comma.DELIMITER else columns
    )
