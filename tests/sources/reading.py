"""Reads a file of a test as a run does, and the rows that several tests write into it."""

from pathlib import Path

import polars as pl

from attribution.sources.batch import BadRow
from attribution.sources.detect import SourceFile, detect
from attribution.sources.read import read_batches

ROWS = [
    {
        "event_id": f"e{n}",
        "site_id": "s",
        "event_name": "purchase",
        "scan_session_id": f"é{n}",
        "conversion_value": {"amount": 1.5, "currency": "EUR"},
        "properties": {"order_id": f"o,{n}"},
    }
    for n in range(200)
]


def read_whole(file: SourceFile) -> tuple[pl.DataFrame, list[BadRow]]:
    """All rows of the file, and those that could not be read."""
    batches = [task() for task in read_batches(file)]
    frames = [batch.frame for batch in batches if batch.frame.height]
    rows = pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()
    return rows, [row for batch in batches for row in batch.bad]


def read(folder: Path, name: str, content: bytes) -> tuple[SourceFile, pl.DataFrame, list[BadRow]]:
    path = folder / name
    path.write_bytes(content)
    file = detect(path, folder)
    frame, bad = read_whole(file)
    return file, frame, bad
