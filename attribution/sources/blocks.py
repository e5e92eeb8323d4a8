"""Text files as blocks of whole lines, decompressed as they are read.

A broken archive gives every line up to the break; what follows is reported once, not raised. A line over
`MAX_LINE` is skipped without being held in memory.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from attribution.sources.archives import BrokenArchiveError, is_compressed, members
from attribution.sources.quotes import last_line_end
from attribution.sources.text import as_text

BLOCK: Final = 24 << 20
"""Bytes of text handed on at once. From 32 MiB on, the C library maps memory for each, which costs as much as reading it."""
MAX_LINE: Final = 16 << 20
"""Bytes beyond which a line cannot be an event: the platform's own limit for its largest field is 10 KB."""
READ: Final = 1 << 20
HEAD: Final = 1 << 16
TWO_LINES: Final = re.compile(rb"(\s*\S[^\n]*\n){2}")


@dataclass(frozen=True)
class Block:
    """Whole lines. `first_row` is the 1-based number of the first; `problem` says why this is a gap instead of lines."""

    first_row: int
    data: bytes
    problem: str = ""
    start: int = 0
    """Where its bytes begin in the text; also in the file, where that is text as it stands (`text.is_as_it_stands`)."""


def decompressed(path: Path) -> Iterator[bytes]:
    """The file's bytes, through gzip or zstd where its first bytes say so (any number of members).

    Raises:
        BrokenArchiveError: After the last readable byte of a truncated or corrupt archive.
    """
    with path.open("rb") as file:
        data = file.read(READ)
        if not is_compressed(data):
            while data:
                yield data
                data = file.read(READ)
            return
        yield from members(data, partial(file.read, READ))


def is_archive(path: Path) -> bool:
    """Whether the file is packed with gzip or zstd."""
    with path.open("rb") as file:
        return is_compressed(file.read(4))


def read_head(path: Path) -> bytes:
    """The first bytes of the text: `HEAD` of them, or as many more as hold two whole lines.

    All, where the file is shorter or breaks off; about `MAX_LINE` at most. (Whatever keeps logs short may have cut off the
    first line.)
    """
    head, end = bytearray(), 0
    with suppress(BrokenArchiveError):
        for data in as_text(decompressed(path)):
            is_first_look = len(head) < HEAD
            head += data
            if len(head) < HEAD or not (is_first_look or b"\n" in data or len(head) > MAX_LINE):
                continue
            two = TWO_LINES.match(head)
            end = max(HEAD, two.end()) if two else 0
            if end or len(head) > MAX_LINE:
                break
    return bytes(head[:end] if end else head)


def read_all(path: Path) -> tuple[bytes, bool]:
    """The whole text, and whether it is complete."""
    parts: list[bytes] = []
    try:
        parts.extend(as_text(decompressed(path)))
    except BrokenArchiveError:
        return b"".join(parts), False
    return b"".join(parts), True


def is_whole(path: Path) -> bool:
    """Whether the file, if it is an archive, can be decompressed to its end; that reads all of it."""
    if not is_archive(path):
        return True
    try:
        for _ in decompressed(path):
            pass
    except BrokenArchiveError:
        return False
    return True


def line_blocks(path: Path, *, delimiter: str = "") -> Iterator[Block]:
    """The file as blocks that end at a line's end.

    Args:
        path: Any text file, compressed or not.
        delimiter: What divides the values of a line; if given, a line break inside a quoted value ends no line.

    Yields:
        Blocks in file order; a block with a `problem` (`line_too_long`, `unreadable_rest`) stands for one lost row.
    """
    cutter = _Cutter(delimiter)
    try:
        for data in as_text(decompressed(path)):
            yield from cutter.feed(data)
    except BrokenArchiveError:
        yield from cutter.flush(drop_partial_line=True)
        yield Block(cutter.row, b"", "unreadable_rest")
        return
    yield from cutter.flush()


class _Cutter:
    """Cuts a stream of bytes into blocks of whole lines and counts the rows."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter.encode()
        self.row = 1
        self.place = 0
        self.pending = b""
        self.waiting: list[bytes] = []
        self.size = 0
        self.skipping = False

    def feed(self, data: bytes) -> Iterator[Block]:
        if self.skipping:
            end = data.find(b"\n")
            self.place += end + 1 if end >= 0 else len(data)
            if end < 0:
                return
            self.skipping, data = False, data[end + 1 :]
        self.waiting.append(data)
        self.size += len(data)
        if self.size < BLOCK:
            return
        end = 0 if self.delimiter else data.rfind(b"\n") + 1
        if end:
            self.waiting[-1] = data[:end]
            self._gather()
            yield self._block(self.pending)
            self.pending = data[end:]
        else:
            self._gather()
            yield from self._cut()
        self.size = len(self.pending)

    def _cut(self) -> Iterator[Block]:
        """What is pending, up to its last line's end; a line that is already too long becomes a gap.

        No value is as long as that either: a quote that is still open by then was a stray one.
        """
        end, is_long = last_line_end(self.pending, self.delimiter), len(self.pending) > MAX_LINE
        end = end or (self.pending.rfind(b"\n") + 1 if is_long else 0)
        if end:
            yield self._block(self.pending[:end])
            self.pending = self.pending[end:]
        elif is_long:
            yield Block(self.row, b"", "line_too_long", self.place)
            self.row += 1
            self.place += len(self.pending)
            self.pending, self.skipping = b"", True

    def _gather(self) -> None:
        """Put together bytes that came in pieces: once, not with every piece."""
        self.pending = b"".join((self.pending, *self.waiting))
        self.waiting.clear()
        self.size = len(self.pending)

    def flush(self, *, drop_partial_line: bool = False) -> Iterator[Block]:
        self._gather()
        if drop_partial_line:
            self.pending = self.pending[: self.pending.rfind(b"\n") + 1]
        if self.pending:
            yield self._block(self.pending)

    def _block(self, data: bytes) -> Block:
        block = Block(self.row, data, start=self.place)
        self.place += len(data)
        self.row += data.count(b"\n") + (not data.endswith(b"\n"))
        return block
