"""On the driver: a stage that may be split, run bucket by bucket on the cluster."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Final

import polars as pl

from attribution.engines import local, progress
from attribution.engines.needs import Needs, needs
from attribution.engines.spark.buckets import KEYS, ROW, Chosen, Cut, Gather, Part, Reads, Task, cut
from attribution.engines.spark.cluster import Cluster
from attribution.engines.spark.costs import Cost, Costs
from attribution.engines.spark.publish import files_of, publish, staging
from attribution.engines.store import Store
from attribution.settings import Settings
from attribution.stage import Stage, Tables

STRETCH: Final = 262_144
"""Rows that are cut at once: so many of the widest table fit in a few hundred MB."""
NARROW: Final = 8
"""How many times as many rows a bucket holds while only keys are looked at."""


def run_stage(
    cluster: Cluster,
    costs: Costs,
    stage: Stage,
    store: Store,
    settings: Settings,
    report: progress.Report = progress.silent,
) -> None:
    """Run a stage: split by its key on the cluster, or whole on the driver where it has none."""
    cost = costs.of(stage.name)
    if not stage.split_by:
        with cost.timed("whole"):
            local.run_stage(stage, store, settings)
        return
    with staging(store, stage.name) as folder:
        with cost.timed("lookups"):
            lookups = local.collected_lookups(stage, store, settings)
        with cost.timed("plan"):
            plan = _Plan.of(stage, store, settings, lookups, folder, cluster.cores)
        with cost.timed("cluster"):
            first = _keys(cluster, stage, plan, settings, report) if stage.keys and plan.cuts else []
            plan = _narrowed(plan, first, cluster.cores, settings) if stage.keys else plan
            gather = Gather(plan.task)
            parts = cluster.bucketed(cut, plan.cuts, plan.buckets, gather, report, stage.name) if plan.cuts else []
        with cost.timed("publish"):
            for name in stage.writes:
                publish(store, name, _files(parts, name), plan.empty[name], settings)
    _note(cost, plan, parts, first)


def number_of_buckets(rows: int, cores: int, settings: Settings) -> int:
    """As many as keep buckets at their size and every core busy, unless the settings say how many."""
    return settings.spark.buckets or max(cores, ceil(rows / settings.spark.rows_per_bucket))


@dataclass(frozen=True)
class _Plan:
    """Which part of which table goes where."""

    task: Task
    cuts: list[Cut]
    rows: int
    buckets: int
    empty: Mapping[str, pl.DataFrame]

    @classmethod
    def of(
        cls,
        stage: Stage,
        store: Store,
        settings: Settings,
        lookups: Mapping[str, pl.LazyFrame],
        folder: Path,
        cores: int,
    ) -> "_Plan":
        schemas = {name: rows.collect_schema() for name, rows in store.scan_all(stage.reads).items()}
        asked = needs(stage, schemas, lookups, settings)
        reads = {name: _reads(name, files_of(store, name), asked, schemas) for name in asked.of}
        keyed = [name for name in reads if {*stage.split_by} <= {*schemas[name]}]
        beside = {name: reads[name] for name in reads if name not in keyed and _is_beside(name, keyed, schemas)}
        whole = {name: reads[name] for name in reads if name not in keyed and name not in beside}
        heights = {name: [_height(file) for file in reads[name].files] for name in keyed}
        rows = sum(map(sum, heights.values()))
        buckets = number_of_buckets(rows, cores, settings)
        cuts = [
            Cut(
                name, file, start, STRETCH, reads[name], stage.split_by, buckets, beside if ROW in schemas[name] else {}
            )
            for name in keyed
            for file, height in zip(reads[name].files, heights[name], strict=True)
            for start in range(0, height, STRETCH)
        ]
        task = Task(stage.name, settings, schemas, whole | _written(lookups, folder), folder)
        return cls(task, cuts, rows, buckets, asked.empty)


def _keys(cluster: Cluster, stage: Stage, plan: _Plan, settings: Settings, report: progress.Report) -> list[Part]:
    """Which keys matter in which stretch, found from the columns that decide it and nothing else."""
    asked = needs(replace(stage, run=_only_keys(stage)), plan.task.schemas, {}, settings)
    buckets = number_of_buckets(ceil(plan.rows / NARROW), cluster.cores, settings)
    cuts = []
    for place, one in enumerate(plan.cuts):
        need, schema = asked.of[one.name], plan.task.schemas[one.name]
        columns = {name: schema[name] for name in schema if name in {*need.columns, *one.key}}
        reads = replace(one.reads, columns=columns, only=need.only)
        cuts.append(replace(one, reads=reads, buckets=buckets, beside={}, place=place))
    task = replace(plan.task, schemas={}, whole={}, is_keys_only=True)
    return cluster.bucketed(cut, cuts, buckets, Gather(task), report, stage.name)


def _only_keys(stage: Stage) -> Callable[[Tables, Settings], Tables]:
    assert stage.keys is not None  # noqa: S101 - only such stages are asked
    keys = stage.keys
    return lambda tables, _: {KEYS: keys(tables)}


def _narrowed(plan: _Plan, found: list[Part], cores: int, settings: Settings) -> _Plan:
    """The plan for the rows that have a key that matters."""
    files = tuple(_files(found, KEYS))
    if not files:
        return replace(plan, cuts=[])
    buckets = number_of_buckets(sum(part.rows[KEYS] for part in found), cores, settings)
    cuts = [replace(one, buckets=buckets, chosen=Chosen(files, place)) for place, one in enumerate(plan.cuts)]
    return replace(plan, cuts=cuts, buckets=buckets)


def _is_beside(name: str, keyed: list[str], schemas: Mapping[str, pl.Schema]) -> bool:
    """Each row of the table, which lacks the key, names a row of one that has it."""
    return ROW in schemas[name] and any(ROW in schemas[other] for other in keyed)


def _reads(name: str, files: list[Path], asked: Needs, schemas: Mapping[str, pl.Schema]) -> Reads:
    need = asked.of[name]
    return Reads(tuple(files), {column: schemas[name][column] for column in need.columns}, need.only)


def _written(lookups: Mapping[str, pl.LazyFrame], folder: Path) -> dict[str, Reads]:
    """The look-ups as files that every executor can read."""
    written = {}
    for name, rows in lookups.items():
        file = folder / f"lookup-{name}.parquet"
        rows.sink_parquet(file)
        written[name] = Reads((file,), rows.collect_schema())
    return written


def _height(file: Path) -> int:
    return int(pl.scan_parquet(file, glob=False).select(pl.len()).collect().item())


def _files(parts: list[Part], name: str) -> list[Path]:
    ordered = sorted(parts, key=lambda part: part.bucket)
    return [part.files[name] for part in ordered if part.rows[name]]


def _note(cost: Cost, plan: _Plan, parts: list[Part], first: list[Part]) -> None:
    cost.tasks, cost.buckets = len(plan.cuts), plan.buckets
    cost.rows_shuffled = sum(part.rows_in for part in (*first, *parts))
    cost.bytes_shuffled = sum(part.bytes_in for part in (*first, *parts))
    cost.largest_bucket_rows = max((part.rows_in for part in parts), default=0)
