"""One JSON object a line. A block is decoded at once; of a block that fails at that, the parts that fail are read line by line.

Every scalar is read as text (a JSON number as its shortest decimal text, exact up to 15 significant digits), nested
objects field by field as `json_layout` says, the free objects `metadata` and `properties` as JSON text.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

import polars as pl

from attribution import terms
from attribution.json_text import all_mended
from attribution.sources.batch import BadRow, Batch, Reader, bad_batch
from attribution.sources.blocks import Block, line_blocks, read_head
from attribution.sources.detect import SourceFile
from attribution.sources.json_layout import Layout, WrongKindError, as_object
from attribution.sources.json_twins import without_twins
from attribution.sources.text import BOM

SPACE: Final = " \t\r"
PART: Final = 512 << 10
"""Bytes of a block that are tried at once where decoding the whole block failed."""


def read(file: SourceFile, blocks: Iterable[Block] | None = None) -> Reader:
    """The file's blocks, or some of them, as parse tasks, in file order."""
    head = read_head(file.path).removeprefix(BOM).splitlines()
    return tasks(line_blocks(file.path) if blocks is None else blocks, Layout.of(map(as_object, head), file))


def tasks(blocks: Iterable[Block], layout: Layout) -> Reader:
    """A parse task for each block of lines."""
    for block in blocks:
        if block.problem:
            yield partial(bad_batch, [BadRow(block.first_row, block.problem)])
        else:
            yield partial(parse, block, layout)


def parse(block: Block, layout: Layout) -> Batch:
    """One block: all lines at once, or, where one of them breaks that, those around it line by line."""
    try:
        return _at_once(block, layout)
    except pl.exceptions.PolarsError:
        parts = [_in_part(part, layout) for part in _parts(block)]
    return Batch(pl.concat(part.frame for part in parts), tuple(bad for part in parts for bad in part.bad))


def _in_part(part: Block, layout: Layout) -> Batch:
    try:
        return _at_once(part, layout)
    except pl.exceptions.PolarsError:
        return _line_by_line(part, layout)


def _parts(block: Block) -> Iterator[Block]:
    """The block in parts of whole lines."""
    start, row = 0, block.first_row
    while start < len(block.data):
        end = block.data.find(b"\n", start + PART) + 1 or len(block.data)
        yield Block(row, block.data[start:end])
        row += block.data.count(b"\n", start, end)
        start = end


def _at_once(block: Block, layout: Layout) -> Batch:
    lines = _numbered(block)
    is_object = _is_object(lines)
    if is_object.all():
        return Batch(layout.read(lines))
    others = lines.filter(~is_object).with_columns(pl.col("line").str.strip_chars(SPACE)).filter(pl.col("line") != "")
    is_padded = _is_object(others)
    whole = lines.filter(is_object)
    if is_padded.any():
        whole = pl.concat([whole, others.filter(is_padded)]).sort("row_number")
    cut = others.filter(~is_padded)["row_number"]
    return Batch(layout.read(whole), tuple(BadRow(row, "malformed_json") for row in cut))


def _numbered(block: Block) -> pl.DataFrame:
    """The lines with their 1-based number in the file."""
    lines = pl.scan_lines(block.data.removeprefix(BOM)).with_row_index("row_number", offset=block.first_row).collect()
    return lines.with_columns(all_mended(lines["line"]))


def _is_object(lines: pl.DataFrame) -> pl.Series:
    """What begins and ends as an object: a line that is cut off does not, nor one with space around it."""
    return lines["line"].str.starts_with("{") & lines["line"].str.ends_with("}")


def _line_by_line(block: Block, layout: Layout) -> Batch:
    good: list[dict[str, object]] = []
    bad: list[BadRow] = []
    free = layout.free
    for row, raw in enumerate(block.data.split(b"\n"), block.first_row):
        line = raw.removeprefix(BOM).strip(SPACE.encode())
        if not line:
            continue
        record = as_object(line)
        if record is None:
            bad.append(BadRow(row, "malformed_json"))
            continue
        try:
            good.append({"row_number": row, **layout.flatten(without_twins(line, free) or record)})
        except WrongKindError as wrong:
            bad.append(BadRow(row, "wrong_kind", terms.QUARANTINED, wrong.column))
    schema = {"row_number": pl.UInt32, **dict.fromkeys(layout.fields, pl.String)}
    return Batch(pl.DataFrame(good, schema=schema), tuple(bad))
