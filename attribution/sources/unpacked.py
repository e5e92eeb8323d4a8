"""Parquet inside a gzip or zstd archive. It is read from its end, so it is unpacked first: in memory, never onto a disk."""

import io
from pathlib import Path
from typing import Final

import pyarrow as pa

from attribution.sources.blocks import decompressed, is_archive

Held = Path | bytes
"""A file's path or, for one in an archive or with a name that is not UTF-8, its content."""
MOST: Final = 2 << 30
"""Most bytes that are unpacked into memory; a larger file has to be unpacked by its owner."""


class TooLargeError(Exception):
    """More than `MOST` bytes."""


def held(path: Path) -> Held:
    """The file; in memory, unpacked, where it is an archive or has a name that is not UTF-8, which no Parquet reader opens.

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
