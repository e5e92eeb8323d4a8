"""A stage that may be split, bucket by bucket on one machine: what does not fit in memory at once goes through in parts.

Each table with the stage's key is written once, in parts by a hash or a range of the key: only the columns and rows that
the stage reads, or stretches of it condensed to fewer rows (`stage.Stage.condense`). The stage's own function runs on one
part after another, and the sorted results are merged, or put end to end where they are ranges of the order: the same rows in
the same order as from the whole tables, since a stage may be split by its key (`stage.Stage.split_by`).
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from attribution.engines.needs import Need, needs
from attribution.engines.ranges import expr_range, sampled_bounds
from attribution.engines.store import Store, write_parquet
from attribution.settings import Settings
from attribution.slices import PLACE, at_places, gathered, in_slices
from attribution.stage import Stage, Tables

SEED: Final = 3
"""Of the hash that says which bucket a key belongs to; different from that of `event_key`."""
BUCKET: Final = "bucket"
KEYS: Final = "keys.parquet"
WIDER: Final = 4
"""How many rows of other tables one row with a key that matters counts as: it is read with all its columns."""
NARROW: Final = 3
"""How many buckets' rows are searched at once for the keys that matter, which takes few columns."""
ROW_KEY: Final = "row_id"
"""Identifies rows in the tables of stages with keys that matter."""
GATHERED: Final = 500_000
"""How many rows with keys that matter are cut into buckets at once."""
CONDENSED_SLICES: Final = 2
"""How many slices make a stretch that is condensed at once: longer ones leave fewer rows and need more memory."""


def number_of_buckets(stage: Stage, tables: Tables, settings: Settings, sorted_by: Mapping[str, Sequence[str]]) -> int:
    """How many buckets the stage's tables with its key need together; 1: it is run whole.

    Only what is written in an order (`sorted_by`) can be merged again. Where whole tables would be too long, only the rows
    that the stage looks at count, unless it has keys that matter, whose rows are counted on the way, or is condensed.
    """
    if not stage.split_by or not all(name in sorted_by for name in stage.writes):
        return 1
    most = settings.local.rows_per_bucket
    rows = _count(tables[name] for name in _keyed(stage, tables))
    if rows > most and stage.keys is None and stage.condense is None:
        asked = _asked(stage, tables, settings)
        rows = _count(
            tables[name] if need.only is None else tables[name].filter(need.only) for name, need in asked.items()
        )
    return -(-rows // most) or 1


def _keyed(stage: Stage, tables: Tables) -> list[str]:
    """The tables with the stage's key, among those it reads."""
    return [name for name in stage.reads if {*stage.split_by} <= {*tables[name].collect_schema()}]


def _asked(stage: Stage, tables: Tables, settings: Settings) -> dict[str, Need]:
    """What the stage looks at in the tables with its key; tables that it does not look at are left out."""
    read = {name: tables[name].collect_schema() for name in stage.reads}
    lookups = {name: rows for name, rows in tables.items() if name not in read}
    asked = needs(stage, read, lookups, settings).of
    return {name: asked[name] for name in _keyed(stage, tables) if name in asked}


def _count(tables: Iterable[pl.LazyFrame]) -> int:
    counts = pl.collect_all([rows.select(pl.len()) for rows in tables], engine="streaming")
    return sum(int(count.item()) for count in counts)


@dataclass
class Bucketed:
    """A stage cut into buckets (fewer of them where few keys matter), its parts in a folder of its own."""

    stage: Stage
    settings: Settings
    tables: Tables
    """The stage's whole tables and look-ups."""
    buckets: int
    folder: Path
    bounds: list[str] | None = None
    """Where buckets begin, if they are ranges of the key; the first has no bound."""

    def run(self, sorted_by: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, list[Path], bool]]:
        """The tables that the stage writes, in sorted parts, and whether these are in order end to end."""
        schemas = {name: rows.collect_schema() for name, rows in self.tables.items()}
        keyed = _asked(self.stage, self.tables, self.settings)
        first_sorted_by = {(sorted_by[name][0],) for name in self.stage.writes}
        if is_in_order := first_sorted_by == {self.stage.split_by}:
            self._range(self.tables[name] for name in keyed)
        found = self._find(keyed) if self.stage.keys else {}
        for name, need in keyed.items():
            if name != self.stage.condenses:
                self._cut(name, need, found.get(name))
        cut = {name: schemas[name] for name in keyed} | self._condense()
        for bucket in range(self.buckets):
            tables = {name: self._part(name, bucket, schema) for name, schema in cut.items()}
            for name, rows in self.stage.run({**self.tables, **tables}, self.settings).items():
                write_parquet(rows.sort(sorted_by[name]), self._made(name, bucket))
        for name in self.stage.writes:
            yield name, [self._made(name, bucket) for bucket in range(self.buckets)], is_in_order

    def _range(self, keyed: Iterable[pl.LazyFrame]) -> None:
        """Make the buckets ranges of the key."""
        self.bounds = sampled_bounds(keyed, self.stage.split_by[0], self.buckets)
        self.buckets = len(self.bounds) + 1

    def _find(self, keyed: Mapping[str, Need]) -> dict[str, pl.DataFrame]:
        """Place and `ROW_KEY` of the rows with a key that matters, by table; sets as many buckets as these need."""
        self._find_keys(keyed)
        found = {name: self._with_keys(self.tables[name]) for name in keyed}
        rows = sum(frame.height for frame in found.values())
        self.buckets = -(-rows * WIDER // self.settings.local.rows_per_bucket) or 1
        return found

    def _find_keys(self, keyed: Mapping[str, Need]) -> None:
        """Write the keys that matter, found from the few columns that decide it."""
        assert self.stage.keys is not None  # noqa: S101 - the caller has looked
        found, parts = [], -(-self.buckets // NARROW)
        for part in range(parts):
            is_here = bucket_of(self.stage.split_by, parts) == part
            here = {name: self.tables[name].filter(is_here) for name in keyed}
            found.append(self.stage.keys({**self.tables, **here}).collect(engine="streaming"))
        pl.concat(found).write_parquet(self.folder / KEYS)

    def _with_keys(self, rows: pl.LazyFrame) -> pl.DataFrame:
        key = list(self.stage.split_by)
        placed = rows.select(*key, ROW_KEY).with_row_index(PLACE)
        keys = pl.scan_parquet(self.folder / KEYS, glob=False)
        found = placed.join(keys, on=key, how="semi", nulls_equal=True, build_side="force_right")
        return found.select(PLACE, ROW_KEY).collect(engine="streaming")

    def _cut(self, name: str, need: Need, found: pl.DataFrame | None) -> None:
        """Write the table in parts; where keys matter, only the rows found to have one, gathered some at a time."""
        columns = list(dict.fromkeys([*need.columns, *self.stage.split_by]))
        rows = self.tables[name]
        told_by = need.only.meta.root_names() if need.only is not None else []
        looked_at = rows.select(*dict.fromkeys([*columns, *told_by]))
        parts = [looked_at] if found is None else gathered(at_places(looked_at, found, ROW_KEY), GATHERED)
        for number, part in enumerate(parts):
            asked = part if need.only is None else part.filter(need.only)
            self._write(name, number, asked.select(columns))

    def _condense(self) -> dict[str, pl.Schema]:
        """Write what the stage's longest table condenses to, stretch by stretch; returns its schemas by name."""
        if self.stage.condense is None:
            return {}
        whole, made = self.stage.condenses, {}
        for number, stretch in enumerate(in_slices(self.tables[whole], CONDENSED_SLICES)):
            told = self.stage.condense({**self.tables, whole: stretch})
            frames = pl.collect_all(list(told.values()), engine="streaming")
            for name, rows in zip(told, frames, strict=True):
                self._write(name, number, rows.lazy())
                made[name] = rows.schema
        return made

    def _write(self, name: str, number: int, rows: pl.LazyFrame) -> None:
        by_bucket = pl.PartitionBy(self.folder / name / str(number), key=BUCKET, include_key=False)
        cut = rows.with_columns(self._bucket().alias(BUCKET))
        cut.sink_parquet(by_bucket, engine="streaming", compression="lz4", statistics=False, mkdir=True)

    def _bucket(self) -> pl.Expr:
        if self.bounds is not None:
            return expr_range(self.stage.split_by[0], self.bounds)
        return bucket_of(self.stage.split_by, self.buckets)

    def _part(self, name: str, bucket: int, schema: pl.Schema) -> pl.LazyFrame:
        files = sorted((self.folder / name).glob(f"*/{BUCKET}={bucket}/*.parquet"))
        rows = pl.scan_parquet(files, glob=False, hive_partitioning=False) if files else pl.LazyFrame(schema=schema)
        return completed(rows, schema)

    def _made(self, name: str, bucket: int) -> Path:
        return self.folder / f"{name}-{bucket}.parquet"


@contextmanager
def bucketed(stage: Stage, settings: Settings, tables: Tables, buckets: int, store: Store) -> Iterator[Bucketed]:
    """The stage in buckets; their folder, beside the tables, is gone when the block ends."""
    folder = store.staging_path(f"{stage.name}.buckets")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield Bucketed(stage, settings, tables, buckets, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bucket_of(key: Sequence[str], buckets: int) -> pl.Expr:
    """Which bucket a row belongs to, on every engine."""
    return pl.struct(key).hash(seed=SEED) % buckets


def completed(rows: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """The rows with every column of the table; columns that the stage does not look at are null."""
    found = rows.collect_schema()
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in found]
    return rows.with_columns(missing).select(list(schema))
