"""The one door to the readers: a file's rows as parse tasks, or a small file's rows at once."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import polars as pl

from attribution.sources import delimited, json_array, ndjson, parquet
from attribution.sources.batch import BadRow, Batch, Reader, Task
from attribution.sources.detect import SourceFile

READERS_AT_ONCE: Final = 2
READERS: Final[Mapping[str, Callable[[SourceFile], Reader]]] = {
    "ndjson": ndjson.read,
    "json_array": json_array.read,
    "delimited": delimited.read,
    "parquet": parquet.read,
}


def read_batches(file: SourceFile) -> Reader:
    """The file's rows in blocks, as tasks that may run side by side."""
    return READERS[file.format](file)


def _run(task: Task) -> Batch:
    return task()


def read_small(file: SourceFile) -> tuple[pl.DataFrame, list[BadRow]]:
    """All rows of a file that fits in memory (scans, QR codes, spend, rates), and those that could not be read."""
    with ThreadPoolExecutor(READERS_AT_ONCE) as pool:
        batches = list(pool.map(_run, read_batches(file)))
    frames = [batch.frame for batch in batches if batch.frame.height]
    bad = [row for batch in batches for row in batch.bad]
    return (pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()), bad
