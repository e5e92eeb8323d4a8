"""Readers: one module per kind of file, all of one shape.

`files` lists a folder, `detect` tells what each file is by its content, `aliases` maps the names found to
the canonical raw columns, and `ndjson`, `json_array`, `delimited` and `parquet` read a file as batches:
text (or typed, for Parquet) columns under canonical names, plus the rows that could not be read.
"""

from attribution.sources.batch import Batch
from attribution.sources.detect import SourceFile, detect
from attribution.sources.files import list_files
from attribution.sources.read import read_batches

__all__ = ["Batch", "SourceFile", "detect", "list_files", "read_batches"]
