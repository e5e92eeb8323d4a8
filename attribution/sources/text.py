"""The text of a file as UTF-8 with line feeds, however a spreadsheet or a shell wrote it."""

import codecs
from collections.abc import Iterator
from itertools import chain
from typing import Final

BOM: Final = b"\xef\xbb\xbf"
"""The byte order mark that spreadsheets put before UTF-8; it stays in the text."""
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def as_text(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A file's bytes with UTF-16 made UTF-8, and carriage returns made line feeds where they alone end its lines."""
    return _with_line_feeds(_as_utf8(pieces))


def is_as_it_stands(first: bytes) -> bool:
    """Whether `as_text` changes nothing in a file that begins with these bytes."""
    return not first.startswith(UTF16_MARKS) and not _ends_in_returns(first)


def _as_utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    if not first.startswith(UTF16_MARKS):
        yield first
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    for piece in chain([first], pieces):
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


def _with_line_feeds(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    if not _ends_in_returns(first):
        yield first
        yield from pieces
        return
    for piece in chain([first], pieces):
        yield piece.replace(b"\r", b"\n")


def _ends_in_returns(first: bytes) -> bool:
    """The first line ends in a carriage return alone, and so do most. (A line feed may be part of a quoted value.)"""
    place = first.find(b"\r")
    if place < 0 or first.find(b"\n", 0, place + 2) >= 0:
        return False
    return first.count(b"\r") > first.count(b"\n")
