"""One JSON array of objects, or several in a row. Where it breaks off, its whole elements before the break are read."""

import json
from collections.abc import Iterator
from typing import Final

import msgspec

from attribution.sources import ndjson
from attribution.sources.batch import Reader
from attribution.sources.blocks import Block, read_all
from attribution.sources.detect import SourceFile
from attribution.sources.json_layout import Layout, as_object

ELEMENTS: Final = 20_000
"""Elements handed on at once."""
SAMPLE: Final = 200
SPACE: Final = "\ufeff \t\r\n\v\f,"
"""What may come between elements and arrays; a byte order mark where files that begin with one were joined."""


def read(file: SourceFile) -> Reader:
    """The array's elements as parse tasks; `row_number` is the element's 1-based place."""
    lines, complete = _elements(file)
    layout = Layout.of(map(as_object, lines[:SAMPLE]), file)
    return ndjson.tasks(_blocks(lines, complete=complete), layout)


def head_records(data: bytes) -> list[dict[str, object]]:
    """The objects that the first bytes of an array hold whole."""
    values = map(as_object, _salvage(data.decode(errors="replace"))[0])
    return [value for value in values if value is not None]


def _elements(file: SourceFile) -> tuple[list[bytes], bool]:
    data, complete = read_all(file.path)
    try:
        return [_line(bytes(raw)) for raw in msgspec.json.decode(data, type=list[msgspec.Raw])], complete
    except (msgspec.DecodeError, UnicodeDecodeError):
        lines, whole = _salvage(data.decode(errors="replace"))
        return lines, whole and complete


def _line(element: bytes) -> bytes:
    return element.replace(b"\n", b" ")


def _blocks(lines: list[bytes], *, complete: bool) -> Iterator[Block]:
    for start in range(0, len(lines), ELEMENTS):
        yield Block(start + 1, b"\n".join(lines[start : start + ELEMENTS]))
    if not complete:
        yield Block(len(lines) + 1, b"", "unreadable_rest")


def _salvage(text: str) -> tuple[list[bytes], bool]:
    """The elements, as lines, before the first one that cannot be read, and whether that was the end.

    They are as written, except that a number that is none (`NaN`) becomes null.

    One array may follow another; objects between and after them count as elements as well.
    """
    constants: list[str] = []
    decoder = json.JSONDecoder(parse_constant=constants.append)
    lines: list[bytes] = []
    inside, place = False, 0
    while (place := _skip(text, place)) < len(text):
        if text[place] == ("]" if inside else "["):
            inside, place = not inside, place + 1
            continue
        if not inside and text[place] != "{":
            return lines, False
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return lines, False
        lines.append(_line((json.dumps(value) if constants else text[place:end]).encode()))
        constants.clear()
        place = end
    return lines, not inside


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in SPACE:
        place += 1
    return place
