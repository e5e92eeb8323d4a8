"""One JSON object a line. A block is decoded at once; a block that fails at that is read line by line.

Every scalar is read as text (a JSON number as its shortest decimal text, exact up to 15 significant digits), nested
objects field by field as `json_layout` says, the free objects `metadata` and `properties` as JSON text.
"""

from collections.abc import Iterable
from functools import partial
from typing import Final

import polars as pl

from attribution import terms
from attribution.sources.batch import BadRow, Batch, Reader, bad_batch
from attribution.sources.blocks import Block, line_blocks, read_head
from attribution.sources.detect import SourceFile
from attribution.sources.json_layout import LINE, Layout, WrongKindError, as_object

BOM: Final = b"\xef\xbb\xbf"
SPACE: Final = " \t\r"


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
    """One block: all lines at once, or, where one of them breaks that, line by line."""
    lines = _numbered(pl.scan_lines(block.data.removeprefix(BOM)), block.first_row)
    is_object = LINE.str.starts_with("{") & LINE.str.ends_with("}")
    try:
        frame, cut = pl.collect_all(
            [
                lines.filter(is_object)
                .with_columns(record=LINE.str.json_decode(layout.dtype))
                .select(layout.columns()),
                lines.filter(~is_object).select("row_number"),
            ]
        )
    except pl.exceptions.PolarsError:
        return _parse_line_by_line(block, layout)
    return Batch(frame, tuple(BadRow(row, "malformed_json") for row in cut["row_number"]))


def _numbered(lines: pl.LazyFrame, first_row: int) -> pl.LazyFrame:
    """Non-empty lines with their 1-based number in the file."""
    numbered = lines.with_row_index("row_number", offset=first_row)
    return numbered.with_columns(LINE.str.strip_chars(SPACE)).filter(LINE != "")


def _parse_line_by_line(block: Block, layout: Layout) -> Batch:
    good: list[dict[str, object]] = []
    bad: list[BadRow] = []
    for row, raw in enumerate(block.data.split(b"\n"), block.first_row):
        line = raw.removeprefix(BOM).strip(SPACE.encode())
        if not line:
            continue
        record = as_object(line)
        if record is None:
            bad.append(BadRow(row, "malformed_json"))
            continue
        try:
            good.append({"row_number": row, **layout.flatten(record)})
        except WrongKindError as wrong:
            bad.append(BadRow(row, "wrong_kind", terms.QUARANTINED, wrong.column))
    schema = {"row_number": pl.UInt32, **dict.fromkeys(layout.fields, pl.String)}
    return Batch(pl.DataFrame(good, schema=schema), tuple(bad))
