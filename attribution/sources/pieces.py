"""A large file in pieces that can be read apart, on different machines, with the same rows as in one go."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from attribution.sources import delimited, ndjson
from attribution.sources.archives import is_compressed
from attribution.sources.batch import Reader
from attribution.sources.blocks import BLOCK, READ, Block, line_blocks, read_head
from attribution.sources.detect import SourceFile
from attribution.sources.parquet import rows_at_once
from attribution.sources.read import read_batches
from attribution.sources.text import is_as_it_stands

BATCHES: Final = 4
"""Blocks of text, or batches of Parquet rows, that make a piece."""
BY_BLOCK: Final = {"ndjson": ndjson.read, "delimited": delimited.read}


@dataclass(frozen=True)
class Span:
    """A block that is still to be read from the file."""

    first_row: int
    start: int
    size: int
    problem: str


@dataclass(frozen=True)
class Piece:
    """What is read at once: blocks of text, or batches by number; neither: the whole file."""

    spans: tuple[Span, ...] = ()
    batches: tuple[int, int] | None = None


WHOLE: Final = Piece()


def is_large_text(file: SourceFile) -> bool:
    """The file can be cut at line ends, and is worth it. What only becomes text when read from its beginning cannot."""
    if file.format not in BY_BLOCK or file.path.stat().st_size <= BATCHES * BLOCK:
        return False
    with file.path.open("rb") as opened:
        first = opened.read(READ)
    return not is_compressed(first) and is_as_it_stands(first)


def pieces(file: SourceFile) -> list[Piece]:
    """The file's pieces, in file order. A large text file is read once for this, for its line ends only."""
    if file.format == "parquet":
        return _of_parquet(file)
    if not is_large_text(file):
        return [WHOLE]
    is_table = file.format == "delimited"
    blocks = line_blocks(file.path, delimiter=delimited.Header.of(read_head(file.path)).delimiter if is_table else "")
    spans = (Span(block.first_row, block.start, len(block.data), block.problem) for block in blocks)
    found = []
    while some := tuple(islice(spans, BATCHES)):
        found.append(Piece(spans=some))
    return found


def read_piece(file: SourceFile, piece: Piece) -> Reader:
    """The piece's rows in blocks, as tasks; the same as `read_batches` gives for that part of the file."""
    if piece.spans:
        return BY_BLOCK[file.format](file, _blocks(file, piece.spans))
    tasks = read_batches(file)
    return tasks if piece.batches is None else islice(tasks, *piece.batches)


def _of_parquet(file: SourceFile) -> list[Piece]:
    try:
        rows = pq.read_metadata(file.path).num_rows
    except (pa.ArrowException, OSError, UnicodeEncodeError):
        return [WHOLE]
    batches = -(-rows // rows_at_once(file.path, rows))
    return [Piece(batches=(first, first + BATCHES)) for first in range(0, batches, BATCHES)] or [WHOLE]


def _blocks(file: SourceFile, spans: tuple[Span, ...]) -> Iterator[Block]:
    with file.path.open("rb") as opened:
        for span in spans:
            opened.seek(span.start)
            yield Block(span.first_row, opened.read(span.size), span.problem, span.start)
