"""Parquet files of one schema, end to end in one file: their row groups are copied as they are, no value is decoded.

A Parquet file is its row groups and then a footer that says where each column of each begins. The joined file has the
row groups of all, and one footer in which those places are moved. The footer is a Thrift struct in compact protocol
(parquet-format, "Metadata"; Thrift, "Compact Protocol"); what is not a place is kept as it was read, known or not.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from attribution.engines.thrift import Field, decode, encode

MAGIC: Final = b"PAR1"
CHUNK: Final = 8 << 20
TAIL: Final = 8
"""Bytes after the footer: its length and the magic."""
FILE_SCHEMA, FILE_ROWS, FILE_ROW_GROUPS = 2, 3, 4
GROUP_COLUMNS, GROUP_OFFSET, GROUP_ORDINAL = 1, 5, 7
CHUNK_OFFSET, CHUNK_META = 2, 3
PAGE_INDEXES: Final = frozenset({4, 5, 6, 7})
"""Dropped: a column chunk's page indexes hold places of their own, and readers do without them."""
META_PLACES: Final = frozenset({9, 10, 11, 14})
"""Where data, index and dictionary pages and the bloom filter begin."""


def join(parts: Sequence[Path], target: Path) -> None:
    """Write the rows of all parts, in their order, to the target.

    Args:
        parts: At least one Parquet file; all of one schema.
        target: The file to write.

    Raises:
        ValueError: A part is no Parquet file, or its schema differs from the first part's.
    """
    whole: list[Field] | None = None
    groups: list[list[Field]] = []
    rows = 0
    with target.open("wb") as out:
        out.write(MAGIC)
        for path in parts:
            with path.open("rb") as part:
                footer, end = _footer(part, path)
                whole = whole or footer
                if _value(footer, FILE_SCHEMA) != _value(whole, FILE_SCHEMA):
                    message = f"{path}: has another schema than {parts[0]}"
                    raise ValueError(message)
                moved = out.tell() - len(MAGIC)
                _copy(part, out, len(MAGIC), end)
            rows += _value(footer, FILE_ROWS)
            groups += [_moved_group(group, moved) for group in _value(footer, FILE_ROW_GROUPS)[1]]
        if whole is None:
            message = "no part to join"
            raise ValueError(message)
        new = {FILE_ROWS: rows, FILE_ROW_GROUPS: (_value(whole, FILE_ROW_GROUPS)[0] or 12, groups)}
        data = encode([(number, kind, new.get(number, value)) for number, kind, value in whole])
        out.write(data + len(data).to_bytes(4, "little") + MAGIC)


def _footer(part: BinaryIO, path: Path) -> tuple[list[Field], int]:
    """The part's footer, and where it begins."""
    size = part.seek(0, os.SEEK_END)
    part.seek(max(0, size - TAIL))
    tail = part.read(TAIL)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or length + TAIL + len(MAGIC) > size:
        message = f"{path}: is no whole Parquet file"
        raise ValueError(message)
    start = size - TAIL - length
    part.seek(start)
    return decode(part.read(length)), start


def _copy(part: BinaryIO, out: BinaryIO, start: int, end: int) -> None:
    out.flush()
    place = start
    while place < end:
        copied = _copied(part, out, place, end - place)
        if not copied:
            message = "a part became shorter while it was copied"
            raise ValueError(message)
        place += copied
    out.seek(0, os.SEEK_END)


def _copied(part: BinaryIO, out: BinaryIO, place: int, length: int) -> int:
    """Copy up to `length` bytes; returns how many. By the system where it can: not all can between all file systems."""
    try:
        return os.copy_file_range(part.fileno(), out.fileno(), length, offset_src=place)
    except (AttributeError, OSError):
        part.seek(place)
        return os.write(out.fileno(), part.read(min(length, CHUNK)))


def _moved_group(group: list[Field], moved: int) -> list[Field]:
    kind, columns = _value(group, GROUP_COLUMNS)
    new: dict[int, Any] = {GROUP_COLUMNS: (kind, [_moved_chunk(chunk, moved) for chunk in columns])}
    kept = [field for field in group if field[0] != GROUP_ORDINAL]
    return [
        (number, kind, value + moved if number == GROUP_OFFSET else new.get(number, value))
        for number, kind, value in kept
    ]


def _moved_chunk(chunk: list[Field], moved: int) -> list[Field]:
    meta = [
        (number, kind, value + moved if number in META_PLACES else value)
        for number, kind, value in _value(chunk, CHUNK_META)
    ]
    new = {CHUNK_META: meta}
    return [
        (number, kind, value + moved if number == CHUNK_OFFSET else new.get(number, value))
        for number, kind, value in chunk
        if number not in PAGE_INDEXES
    ]


def _value(fields: list[Field], wanted: int) -> Any:  # noqa: ANN401
    return next(value for number, _, value in fields if number == wanted)
