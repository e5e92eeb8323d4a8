"""Files: exports by month in any format, appended to while the world is made, byte for byte the same each time."""

import gzip
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Protocol, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from attribution.simulate.shapes import STORED_COLUMNS
from attribution.simulate.truth import TRUTH_FILE
from attribution.simulate.world import Compress, Format

ROWS_A_FILE = 5_000_000
SUFFIX = {"none": "", "gzip": ".gz", "zstd": ".zst"}
OURS = ("events-*", "browser-*", "server-*", "scans.csv", "qr_codes.csv", "spend.csv", "fx.csv", TRUTH_FILE)


class Sink(Protocol):
    """An open file of rows."""

    def write(self, rows: pl.DataFrame | pl.Series) -> None:
        """Appends a block of rows."""

    def close(self) -> None:
        """Ends the file."""


class TextSink:
    """Lines in a file, plain or compressed, or the elements of one JSON array."""

    def __init__(self, path: Path, compress: Compress, *, header: str = "", is_array: bool = False) -> None:
        self._files = ExitStack()
        file: IO[bytes] = self._files.enter_context(path.open("wb"))
        if compress == "gzip":
            file = cast(
                "IO[bytes]", self._files.enter_context(gzip.GzipFile("", "wb", compresslevel=5, fileobj=file, mtime=0))
            )
        if compress == "zstd":
            file = cast("IO[bytes]", self._files.enter_context(zstandard.ZstdCompressor(level=3).stream_writer(file)))
        self._file, self._is_array, self._is_first = file, is_array, True
        self._file.write(header.encode())

    def write(self, rows: pl.DataFrame | pl.Series) -> None:
        """Appends one line per entry of a text series."""
        lines = rows.to_frame().to_series() if isinstance(rows, pl.Series) else rows.to_series()
        if self._is_array:
            lines = pl.select(pl.concat_str(pl.lit(",\n"), lines)).to_series()
        else:
            lines = pl.select(pl.concat_str(lines, pl.lit("\n"))).to_series()
        data = contiguous(lines)
        self._file.write(b"[\n" + bytes(data[2:]) if self._is_array and self._is_first else data)
        self._is_first = False

    def close(self) -> None:
        """Ends the array, if it is one, and the file."""
        if self._is_array:
            self._file.write(b"[]\n" if self._is_first else b"\n]\n")
        self._files.close()


class ParquetSink:
    """Stored rows in a Parquet file, one row group per block."""

    def __init__(self, path: Path, compress: Compress) -> None:
        self._path, self._codec = path, compress
        self._writer: pq.ParquetWriter | None = None

    def write(self, rows: pl.DataFrame | pl.Series) -> None:
        """Appends a row group."""
        table = cast("pl.DataFrame", rows).to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._path, table.schema, compression=self._codec, use_dictionary=DICTIONARY
            )
        self._writer.write_table(table)

    def close(self) -> None:
        """Writes the footer."""
        if self._writer is not None:
            self._writer.close()


DICTIONARY = [name for name in STORED_COLUMNS if not name.endswith(("event_id", "_time")) and name != "page_url"]


def contiguous(lines: pl.Series) -> memoryview:
    """The bytes of all entries, end to end."""
    array = lines.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    texts = cast("pa.LargeStringArray", array.cast(pa.large_string()))
    _, offsets, data = texts.buffers()
    edges = memoryview(offsets).cast("q")
    return memoryview(data)[edges[texts.offset] : edges[texts.offset + len(texts)]]


class MonthFiles:
    """The files of one kind of export: a new one each month, and after every `ROWS_A_FILE` rows within a month."""

    def __init__(self, folder: Path, stem: str, file_format: Format, compress: Compress) -> None:
        self._folder, self._stem, self._format, self._compress = folder, stem, file_format, compress
        self._sink: Sink | None = None
        self._month, self._part, self._rows = "", 1, 0

    def append(self, month: str, rows: pl.DataFrame | pl.Series) -> None:
        """Appends rows to the file of the month (`YYYY-MM`); months must come in order."""
        if month != self._month:
            self._month, self._part = month, 1
            self._open()
        elif self._rows + len(rows) > ROWS_A_FILE:
            self._part += 1
            self._open()
        cast("Sink", self._sink).write(rows)
        self._rows += len(rows)

    def close(self) -> None:
        """Ends the open file."""
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def _open(self) -> None:
        self.close()
        self._rows = 0
        part = f"-{self._part:04d}" if self._part > 1 else ""
        name = f"{self._stem}-{self._month}{part}.{self._format}"
        if self._format == "parquet":
            self._sink = ParquetSink(self._folder / name, self._compress)
            return
        header = ",".join(STORED_COLUMNS) + "\n" if self._format == "csv" else ""
        path = self._folder / (name + SUFFIX[self._compress])
        self._sink = TextSink(path, self._compress, header=header, is_array=self._format == "json")


def prepare(folder: Path) -> None:
    """Makes the folder; where it holds an earlier world, that world's files are removed.

    Raises:
        FileExistsError: the folder holds files, but no earlier world.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / TRUTH_FILE).exists():
        if any(folder.iterdir()):
            message = f"{folder} is not empty and holds no simulated world ({TRUTH_FILE}); choose a new or empty folder"
            raise FileExistsError(message)
        return
    remove: Callable[[Path], None] = Path.unlink
    for pattern in OURS:
        for path in folder.glob(pattern):
            remove(path)
