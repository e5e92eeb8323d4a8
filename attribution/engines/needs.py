"""What a stage reads of its tables, taken from its own query plan, so that only that is shipped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl
from polars.io.plugins import register_io_source

from attribution.settings import Settings
from attribution.stage import Stage, Tables


@dataclass(frozen=True)
class Need:
    """The columns of a table that are read, and which rows."""

    columns: tuple[str, ...]
    only: pl.Expr | None
    """A row for which this is not true is not looked at; None: every row is."""


@dataclass(frozen=True)
class Needs:
    """What a stage reads, and what it writes for tables without rows."""

    of: Mapping[str, Need]
    empty: Mapping[str, pl.DataFrame]


def needs(stage: Stage, schemas: Mapping[str, pl.Schema], lookups: Tables, settings: Settings) -> Needs:
    """Run the stage on tables without rows and see what its optimised plan asks of each.

    It runs in memory, where both sides of every join are read: the streaming engine skips what meets an empty side.

    Args:
        stage: The stage.
        schemas: The columns of each table that it reads.
        lookups: As the stage's `lookups` made them.
        settings: Those of the run.
    """
    asked: dict[str, list[tuple[list[str] | None, pl.Expr | None]]] = {name: [] for name in schemas}

    def source(
        name: str,
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,  # noqa: ARG001
        batch_size: int | None,  # noqa: ARG001
    ) -> Iterator[pl.DataFrame]:
        asked[name].append((with_columns, predicate))
        nothing = pl.DataFrame(schema=schemas[name])
        yield nothing.select(with_columns) if with_columns else nothing

    tables = {name: register_io_source(partial(source, name), schema=schema) for name, schema in schemas.items()}
    made = stage.run({**tables, **lookups}, settings)
    frames = pl.collect_all(list(made.values()), engine="in-memory")
    found = {name: _need(schemas[name], reads) for name, reads in asked.items() if reads}
    return Needs(found, dict(zip(made, frames, strict=True)))


def _need(schema: pl.Schema, reads: list[tuple[list[str] | None, pl.Expr | None]]) -> Need:
    wanted: set[str] = set()
    for columns, predicate in reads:
        wanted |= set(schema if columns is None else columns)
        wanted |= set() if predicate is None else set(predicate.meta.root_names())
    only = [predicate for _, predicate in reads]
    every = any(predicate is None for predicate in only)
    kept = (
        None
        if every
        else pl.any_horizontal(predicate.fill_null(value=False) for predicate in only if predicate is not None)
    )
    return Need(tuple(name for name in schema if name in wanted), kept)
