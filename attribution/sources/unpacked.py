"""Parquet inside a gzip or zstd archive. It is read from its end, so it is unpacked first: in memory, never onto a disk."""

import io
from pathlib import Path
from typing import Final

import pyarrow as pa

from attribution.sources.blocks import decompressed, is_archive

Held = Path | bytes
"""A file where it lies or, of one in an archive or of a name that is no UTF-8, what it holds."""
MOST: Final = 2 << 30
"""Bytes that are unpacked into memory; of more the file is to be unpacked by its owner."""


class TooLargeError(Exception):
    """More than `MOST` bytes."""


def held(path: Path) -> Held:
    """The file, unpacked where it is an archive. One whose name is no UTF-8, which no reader of Parquet opens, is held too.

    Raises:
        BrokenArchiveError: It is damaged or cut off.
        TooLargeError: It holds more than `MOST` bytes.
    """
    if not is_archive(path) and _is_utf8(path):
        return path
    found = io.BytesIO()
    for data in decompressed(path):
        if found.tell() + len(data) > MOST:
            raise TooLargeError
        found.write(data)
    return found.getvalue()


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def as_source(file: Held) -> Path | pa.BufferReader:
    """The file as Arrow takes it."""
    return pa.BufferReader(file) if isinstance(file, bytes) else file
