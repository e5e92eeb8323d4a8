"""Files that tasks wrote become a table under its name: only files that the driver was told of are part of it."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl

from attribution import terms
from attribution.engines.store import TASKS, Store, put
from attribution.flow import SORTED_BY
from attribution.settings import Settings

CREDITS: Final = "credits"


@contextmanager
def staging(store: Store, name: str) -> Iterator[Path]:
    """A folder beside the tables for the files of a stage's tasks, gone after the block with all that was left in it."""
    folder = store.table(name).parent / TASKS / f"{name}-{uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder.resolve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another stage's folder may still be there
            folder.parent.rmdir()


def files_of(store: Store, name: str) -> list[Path]:
    """The files of a written table, in order."""
    path = store.table(name).resolve()
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


def publish(store: Store, name: str, files: Sequence[Path], empty: pl.DataFrame, settings: Settings) -> None:
    """Make the files a table: one file, in the order of the local engine, or a folder where it has many rows.

    Args:
        store: The output folder.
        name: The table.
        files: What the tasks wrote, in order; they are moved or read.
        empty: The table without rows.
        settings: `spark.rows_per_file` is the most rows of a single file.
    """
    if not files:
        store.write_table(name, empty.lazy())
        return
    rows = pl.scan_parquet(list(files), glob=False)
    if rows.select(pl.len()).collect().item() <= settings.spark.rows_per_file:
        store.write_table(name, in_order(rows, name, settings))
        return
    staged = store.staging_path(name)
    staged.mkdir()
    for place, file in enumerate(files):
        file.replace(staged / f"{place:06d}.parquet")
    put(staged, store.table(name))


def in_order(rows: pl.LazyFrame, name: str, settings: Settings) -> pl.LazyFrame:
    """The rows in the order in which the local engine writes the table."""
    if name == CREDITS:
        models = pl.Enum([terms.SCAN_SESSION_MODEL, *settings.attribute.models])
        return rows.sort(pl.col("model").cast(models), "conversion_id", "position")
    return rows.sort(SORTED_BY[name]) if name in SORTED_BY else rows
