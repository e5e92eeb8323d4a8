"""The single entry to the readers: a file's rows as parse tasks."""

from collections.abc import Callable, Mapping
from typing import Final

from attribution.sources import delimited, json_array, ndjson, parquet
from attribution.sources.batch import Reader
from attribution.sources.detect import SourceFile

READERS: Final[Mapping[str, Callable[[SourceFile], Reader]]] = {
    "ndjson": ndjson.read,
    "json_array": json_array.read,
    "delimited": delimited.read,
    "parquet": parquet.read,
}


def read_batches(file: SourceFile) -> Reader:
    """The file's rows in blocks, as tasks that may run side by side."""
    return READERS[file.format](file)
