"""In the executors: rows cut by the key into chunks, and a bucket's chunks handed to the stage's own function."""

import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl

from attribution.engines.bucketed import BUCKET, bucket_of, completed
from attribution.engines.store import PACKED
from attribution.flow import SORTED_BY, stage_named
from attribution.settings import Settings
from attribution.stage import Stage

LARGE: Final = 1 << 20
"""From how many bytes a chunk goes to the local disk as it is; smaller ones are put together first."""
HELD: Final = 16 << 20
"""Bytes of small chunks that are held before they are put together in a file."""
KEYS: Final = "keys"
PLACE: Final = "place"
"""Which stretch a row comes from, where a stage first asks which keys matter."""
ROW: Final = "row_id"
"""The column by which a table without the key may name the event that a row belongs to."""


@dataclass(frozen=True)
class Reads:
    """Which part of a table is read: files, columns (of these types), and rows."""

    files: tuple[Path, ...]
    columns: Mapping[str, pl.DataType]
    only: pl.Expr | None = None

    def rows(self) -> pl.LazyFrame:
        """These rows and columns; an empty table where there is no file."""
        if not self.files:
            return pl.LazyFrame(schema=self.columns)
        rows = pl.scan_parquet(list(self.files), glob=False)
        return (rows if self.only is None else rows.filter(self.only)).select(list(self.columns))


@dataclass(frozen=True)
class Chosen:
    """The keys that matter in a stretch, from the files that list them by stretch."""

    files: tuple[Path, ...]
    place: int

    def of(self, rows: pl.LazyFrame, key: tuple[str, ...]) -> pl.LazyFrame:
        """The rows that have one of the keys."""
        listed = pl.scan_parquet(list(self.files), glob=False).filter(pl.col(PLACE) == self.place)
        return rows.join(listed, on=key, how="semi", nulls_equal=True)


@dataclass(frozen=True)
class Cut:
    """A stretch of rows of one file that is to be cut by the key."""

    name: str
    file: Path
    start: int
    rows: int
    reads: Reads
    key: tuple[str, ...]
    buckets: int
    beside: Mapping[str, Reads] = field(default_factory=dict)
    """Tables without the key that name the rows of this one: they go where their row goes."""
    place: int | None = None
    """Added to each row, to tell the stretches apart."""
    chosen: Chosen | None = None
    """The rows of this stretch that are wanted; None: all."""


@dataclass(frozen=True)
class Task:
    """What each bucket of a stage is made with."""

    stage: str
    settings: Settings
    schemas: Mapping[str, pl.Schema]
    whole: Mapping[str, Reads]
    """Tables without the key, and look-ups: every bucket gets them whole."""
    folder: Path
    is_keys_only: bool = False
    """Whether to find only which keys matter to the stage, in which stretches, instead of running it."""


@dataclass(frozen=True)
class Part:
    """What a stage made of one bucket: rows by table, in files of this attempt."""

    bucket: int
    files: Mapping[str, Path]
    rows: Mapping[str, int]
    rows_in: int
    bytes_in: int


def cut(work: Cut) -> Iterator[tuple[int, str, bytes]]:
    """The chunks of the stretch: `bucket, table, rows` as Parquet, which is smaller than Arrow and as quick."""
    wanted = {*work.reads.columns, *work.key, *([ROW] if work.beside else [])}
    stretch = pl.scan_parquet(work.file, glob=False).slice(work.start, work.rows)
    wanted_rows = stretch if work.reads.only is None else stretch.filter(work.reads.only)
    chosen = wanted_rows if work.chosen is None else work.chosen.of(wanted_rows, work.key)
    number = bucket_of(work.key, work.buckets).cast(pl.Int64).alias(BUCKET)
    rows = chosen.select(*sorted(wanted), number).collect()
    place = [] if work.place is None else [pl.lit(work.place, pl.UInt32).alias(PLACE)]
    yield from _chunks(work.name, rows.select(BUCKET, *work.reads.columns, *place))
    if not work.beside or rows.is_empty():
        return
    places = rows.select(ROW, BUCKET)
    lowest, highest = places.select(low=pl.col(ROW).min(), high=pl.col(ROW).max()).row(0)
    for name, reads in work.beside.items():
        near = reads.rows().filter(pl.col(ROW).is_between(lowest, highest))
        yield from _chunks(name, near.join(places.lazy(), on=ROW, how="inner").collect())


def _chunks(name: str, rows: pl.DataFrame) -> Iterator[tuple[int, str, bytes]]:
    for (number,), chunk in rows.partition_by(BUCKET, include_key=False, as_dict=True).items():
        file = io.BytesIO()
        chunk.write_parquet(file, **PACKED, statistics=False)
        yield int(number), name, file.getvalue()


@dataclass(frozen=True)
class Gather:
    """Runs the stage on every bucket that reaches it."""

    task: Task

    def __call__(self, chunks: Iterator[tuple[int, str, bytes]]) -> Iterator[Part]:
        """The results of the partition's buckets, one after another."""
        with tempfile.TemporaryDirectory(prefix="attribution-", dir=_local_folder()) as folder:
            spools: dict[int, dict[str, _Spool]] = {}
            counted: dict[int, list[int]] = {}
            for bucket, name, data in chunks:
                tables = spools.setdefault(bucket, {})
                spool = tables.setdefault(name, _Spool(Path(folder) / f"{bucket}-{name}"))
                sums = counted.setdefault(bucket, [0, 0])
                sums[0] += spool.add(data)
                sums[1] += len(data)
            for bucket in sorted(spools):
                yield _run(self.task, bucket, spools.pop(bucket), *counted[bucket])


class _Spool:
    """A bucket's rows of one table, in files on the local disk; the last few in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames: list[pl.DataFrame] = []
        self.files: list[Path] = []
        self.size = 0

    def add(self, chunk: bytes) -> int:
        """Keep a chunk; returns how many rows it has."""
        if len(chunk) >= LARGE:
            self._next_file().write_bytes(chunk)
            return int(pl.scan_parquet(self.files[-1], glob=False).select(pl.len()).collect().item())
        self.frames.append(pl.read_parquet(io.BytesIO(chunk)))
        self.size += len(chunk)
        rows = self.frames[-1].height
        if self.size > HELD:
            pl.concat(self.frames).write_parquet(self._next_file(), compression="snappy", statistics=False)
            self.frames.clear()
            self.size = 0
        return rows

    def _next_file(self) -> Path:
        self.files.append(self.path.with_name(f"{self.path.name}-{len(self.files)}.parquet"))
        return self.files[-1]

    def rows(self) -> pl.LazyFrame:
        """All rows that were added."""
        kept = [pl.concat(self.frames).lazy()] if self.frames else []
        return pl.concat([*([pl.scan_parquet(self.files, glob=False)] if self.files else []), *kept])


def _run(task: Task, bucket: int, spools: Mapping[str, _Spool], rows_in: int, bytes_in: int) -> Part:
    stage = stage_named(task.stage)
    tables = {name: reads.rows() for name, reads in task.whole.items()}
    for name, schema in task.schemas.items():
        if name not in tables:
            rows = spools[name].rows() if name in spools else pl.LazyFrame(schema=schema)
            tables[name] = completed(rows, schema)
    made = _keys(stage, spools) if task.is_keys_only else stage.run(tables, task.settings)
    files = {name: task.folder / f"{name}-{bucket:06d}-{uuid4().hex}.parquet" for name in made}
    sinks = [
        (rows.sort(SORTED_BY[name]) if name in SORTED_BY else rows).sink_parquet(files[name], lazy=True, **PACKED)
        for name, rows in made.items()
    ]
    pl.collect_all(sinks, engine="streaming")
    counts = {name: pl.scan_parquet(file, glob=False).select(pl.len()).collect().item() for name, file in files.items()}
    return Part(bucket, files, counts, rows_in, bytes_in)


def _keys(stage: Stage, spools: Mapping[str, _Spool]) -> dict[str, pl.LazyFrame]:
    """The bucket's keys that matter, once for each stretch that has them, in the order of the stretches."""
    assert stage.keys is not None  # noqa: S101 - the driver asks such stages only
    tables = {name: spool.rows() for name, spool in spools.items()}
    key, matter = [*stage.split_by], stage.keys(tables)
    rows = pl.concat([rows.select(PLACE, *key) for rows in tables.values()])
    return {KEYS: rows.join(matter, on=key, how="semi", nulls_equal=True).unique().sort(PLACE, *key)}


def _local_folder() -> str | None:
    """Spark's own scratch folder, where it names one."""
    named = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0]
    return named if named and Path(named).is_dir() else None
