"""One JSON array of objects. Where the array breaks off, its whole elements before the break are read."""

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


def read(file: SourceFile) -> Reader:
    """The array's elements as parse tasks; `row_number` is the element's 1-based place."""
    lines, complete = _elements(file)
    layout = Layout.of(map(as_object, lines[:SAMPLE]), file)
    return ndjson.tasks(_blocks(lines, complete=complete), layout)


def head_records(data: bytes) -> list[dict[str, object]]:
    """The objects that the first bytes of an array hold whole."""
    return [value for value in _salvage(data.decode(errors="replace"))[0] if isinstance(value, dict)]


def _elements(file: SourceFile) -> tuple[list[bytes], bool]:
    data, complete = read_all(file.path)
    try:
        return [bytes(raw).replace(b"\n", b" ") for raw in msgspec.json.decode(data, type=list[msgspec.Raw])], complete
    except (msgspec.DecodeError, UnicodeDecodeError):
        values, whole = _salvage(data.decode(errors="replace"))
        return [msgspec.json.encode(value) for value in values], whole and complete


def _blocks(lines: list[bytes], *, complete: bool) -> Iterator[Block]:
    for start in range(0, len(lines), ELEMENTS):
        yield Block(start + 1, b"\n".join(lines[start : start + ELEMENTS]))
    if not complete:
        yield Block(len(lines) + 1, b"", "unreadable_rest")


def _salvage(text: str) -> tuple[list[object], bool]:
    """The elements before the first one that cannot be read, and whether the array was whole."""
    decoder = json.JSONDecoder()
    values: list[object] = []
    place = text.find("[") + 1
    while True:
        place = _skip(text, place)
        if place >= len(text) or text[place] == "]":
            return values, place < len(text)
        try:
            value, place = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError):
            return values, False
        values.append(value)


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n,":
        place += 1
    return place
