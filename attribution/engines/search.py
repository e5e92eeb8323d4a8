"""Whether a file holds an id, whatever its format: what an erasure is verified by."""

import itertools
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from attribution.erasure import Named
from attribution.sources.archives import GZIP_MAGIC, ZSTD_MAGIC, BrokenArchiveError
from attribution.sources.blocks import decompressed
from attribution.sources.detect import ZIP_MAGIC
from attribution.sources.unpacked import Held, TooLargeError, as_source, held

PARQUET: Final = b"PAR1"
NOT_OPENED: Final = (
    PARQUET,
    GZIP_MAGIC,
    ZSTD_MAGIC,
    ZIP_MAGIC,
    b"PK\x05\x06",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
)
"""How tables and archives begin (an empty zip, bzip2, xz and 7z too) that are not opened as members of a zip archive."""
CHUNK: Final = 1 << 20
ROWS: Final = 10_000
"""Rows of which nested values are searched at once."""
UUID_BYTES: Final = 16


def files_that_hold(folder: Path, value: str) -> list[str]:
    """The files below the folder in which the value can be read, in any letter case, by path below the folder.

    Text is searched decompressed, as UTF-8 and UTF-16, also that of the members of a zip archive. What cannot be read to
    its end counts, and so does a zip archive with a table or another archive inside: nobody can show that it does not
    hold the value.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path.relative_to(folder).as_posix() for path in files if holds(path, value)]


def tables_that_hold(folder: Path, named: Named) -> list[str]:
    """The tables below the folder that name the person in a column of ids, by path below the folder.

    For a value that may mean other things too (`1001`), which a search of texts would find everywhere.
    """
    tables = [path for path in sorted(folder.rglob("*")) if path.is_file() and _begins(path) == PARQUET]
    return [path.relative_to(folder).as_posix() for path in tables if _column_holds(path, named)]


def _column_holds(path: Path, named: Named) -> bool:
    try:
        rows = pl.scan_parquet(held(path), glob=False)
        theirs = named.stands_in(rows.collect_schema().names())
        return theirs is not None and rows.filter(theirs).head(1).collect(engine="streaming").height > 0
    except (BrokenArchiveError, TooLargeError, pl.exceptions.PolarsError):
        return True


def _begins(path: Path) -> bytes:
    """The first bytes of the file, decompressed where it is compressed; none where it is broken."""
    try:
        return next(decompressed(path), b"")[: len(PARQUET)]
    except BrokenArchiveError:
        return b""


def holds(path: Path, value: str) -> bool:
    """Whether the value can be read in the file, in any letter case, or nobody can show that it cannot."""
    begins, sought = _begins(path), value.lower()
    if begins == PARQUET:
        return _table_holds(path, sought)
    return _archive_holds(path, sought) if begins == ZIP_MAGIC else _text_holds(path, sought)


def _archive_holds(path: Path, value: str) -> bool:
    """Whether a workbook or another zip archive holds the value; what cannot be read counts."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(value in name.lower() or _member_holds(archive, name, value) for name in archive.namelist())
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError):
        return True


def _member_holds(archive: zipfile.ZipFile, name: str, value: str) -> bool:
    with archive.open(name) as member:
        content = iter(lambda: member.read(CHUNK), b"")
        first = next(content, b"")
        return first.startswith(NOT_OPENED) or _any_holds(itertools.chain([first], content), value)


def _table_holds(path: Path, value: str) -> bool:
    try:
        table = held(path)
        rows = pl.scan_parquet(table, glob=False)
        texts = [name for name, dtype in rows.collect_schema().items() if dtype == pl.String]
        found = rows.select(pl.col(name).str.to_lowercase().str.contains(value, literal=True).any() for name in texts)
        return (bool(texts) and any(found.collect(engine="streaming").row(0))) or _nested_holds(table, value)
    except (
        BrokenArchiveError,
        TooLargeError,
        pl.exceptions.PolarsError,
        pa.ArrowException,
        OSError,
        ValueError,
        OverflowError,
    ):
        return True


def _nested_holds(table: Held, value: str) -> bool:
    """Whether a column other than plain text or numbers does: objects, lists, maps, dictionaries, bytes (also of a UUID)."""
    with pq.ParquetFile(as_source(table)) as parquet:
        odd = [field.name for field in parquet.schema_arrow if not _is_plain(field.type)]
        batches = parquet.iter_batches(ROWS, columns=odd) if odd else ()
        return any(value in text.lower() for batch in batches for row in batch.to_pylist() for text in _texts(row))


def _is_plain(kind: pa.DataType) -> bool:
    """A text, which Polars has searched, or a number, a time or nothing."""
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_primitive, pa.types.is_decimal, pa.types.is_null)
    return any(test(kind) for test in tests)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, Mapping):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
        yield str(UUID(bytes=value)) if len(value) == UUID_BYTES else ""
    else:
        yield str(value)


def _text_holds(path: Path, value: str) -> bool:
    try:
        return _any_holds(decompressed(path), value)
    except BrokenArchiveError:
        return True


def _any_holds(chunks: Iterable[bytes], value: str) -> bool:
    """Whether a text that comes in chunks has the value, in one of the encodings that a text may be in."""
    sought = [value.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    overlap = max(map(len, sought))
    before = b""
    for chunk in chunks:
        data = before + chunk.lower()
        if any(one in data for one in sought):
            return True
        before = data[-overlap:]
    return False
