"""Bounds of what each QR code and campaign earned under each model, by resampling people."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl

from attribution.money import SCALE, TOTAL
from attribution.uncertainty.contributions import ALIKE, MINOR
from attribution.uncertainty.intervals import BOOTSTRAP_T, SKEWNESS, Flags, Moments, bootstrap_t, skewness_corrected
from attribution.uncertainty.resample import GROUPS, Entries, Floats, resampled_people, resampled_sums
from attribution.uncertainty.weights import random_groups

COLUMNS_AT_ONCE: Final = 2_000
"""Columns (QR code or campaign x model) whose replicates are held at once: 64 MB at 2,000 replicates."""
BOUNDS: Final = {
    "scope": pl.String(),
    "id": pl.String(),
    "model": pl.String(),
    "converting_people": pl.Int64(),
    "effective_people": pl.Float64(),
    "revenue_low": TOTAL,
    "revenue_high": TOTAL,
    "method": pl.String(),
    "too_few": pl.Boolean(),
}


def revenue_bounds(
    given: pl.DataFrame,
    entities: pl.DataFrame,
    models: list[str],
    *,
    converting: int,
    people: int,
    seed: int,
    replicates: int,
    level: float,
) -> pl.DataFrame:
    """The bounds of every sum.

    Args:
        given: As `contributions.numbered`.
        entities: `scope, id` of each QR code and campaign, one row each.
        models: The models' names.
        converting: How many people have a rank.
        people: How many people the period has, with a rank or not.
        seed, replicates: Of the resamples.
        level: The share of intervals that should hold the truth.

    Returns:
        One row per entity and model with the columns of `BOUNDS`; bounds are null where nobody brought anything.
    """
    everyone, is_grouped = max(people, converting, 1), converting > GROUPS
    units, known = (GROUPS, GROUPS) if is_grouped else (everyone, converting)
    drawn = resampled_people(known, units - known, seed=seed, replicates=replicates)
    scale = units / np.maximum(drawn, 1)
    parts = [pl.DataFrame(schema=BOUNDS)]
    for part, chosen in _blocks(given, entities, len(models)):
        counts, moments = _moments(chosen, len(models), part.height, everyone)
        given_by = _by_groups(chosen, len(models), seed) if is_grouped else chosen
        totals, squares = _replicates(given_by, len(models), part.height, seed, replicates) * scale
        low, high = bootstrap_t(moments, totals, squares, level, units=units)
        low_corrected, high_corrected = skewness_corrected(moments, level)
        corrected = moments.is_few | moments.is_all_but_few
        named = part.join(pl.DataFrame({"model": models}, schema={"model": pl.String}), how="cross")
        ends = np.where(corrected, low_corrected, low), np.where(corrected, high_corrected, high)
        parts.append(_table(named, counts, moments, *ends, corrected))
    return pl.concat(parts)


def _blocks(given: pl.DataFrame, entities: pl.DataFrame, models: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Some entities at a time, and their rows with `column` numbered from 0: per entity first `ALIKE`, then the models."""
    at_once = max(1, COLUMNS_AT_ONCE // (models + 1))
    for first in range(0, entities.height, at_once):
        part = entities.slice(first, at_once)
        chosen = given.filter(pl.col("entity").is_between(first, first + at_once, closed="left"))
        column = (pl.col("entity").cast(pl.Int64) - first) * (models + 1) + pl.col("model")
        yield part, chosen.select(pl.col("rank").cast(pl.Int64), column.alias("column"), "units")


def _by_groups(chosen: pl.DataFrame, models: int, seed: int) -> pl.DataFrame:
    """The same for random groups of people, numbered in place of ranks. Of a group nothing is `ALIKE`: it may mix people."""
    place = pl.col("column") % (models + 1)
    group = pl.Series(random_groups(seed, chosen["rank"].to_numpy(), GROUPS))
    grouped = _added_up(chosen.with_columns(rank=group))
    alike = grouped.filter(place == ALIKE).join(pl.DataFrame({"model": range(1, models + 1)}), how="cross")
    of_models = alike.with_columns(column=pl.col("column") + pl.col("model")).drop("model")
    return _added_up(pl.concat([grouped.filter(place != ALIKE), of_models])).sort("column", "rank")


def _added_up(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("rank", "column").agg(pl.col("units").sum())


def _values(chosen: pl.DataFrame) -> Floats:
    return chosen["units"].to_numpy() / MINOR


def _replicates(chosen: pl.DataFrame, models: int, entities: int, seed: int, replicates: int) -> Floats:
    """Resampled sums and sums of squares, by entity and model."""
    value = _values(chosen)
    entries = Entries(chosen["rank"].to_numpy(), chosen["column"].to_numpy(), np.stack([value, value**2]))
    sums = resampled_sums(entries, columns=entities * (models + 1), seed=seed, replicates=replicates)
    by_model = sums.reshape(2, entities, models + 1, replicates)
    return (by_model[:, :, 1:] + by_model[:, :, :1]).reshape(2, entities * models, replicates)


def _moments(chosen: pl.DataFrame, models: int, entities: int, people: int) -> tuple[Floats, Moments]:
    """How many people brought anything, and the moments, by entity and model."""
    value, column = _values(chosen), chosen["column"].to_numpy()
    shape = (entities, models + 1)

    def added(of: Floats) -> Floats:
        sums = np.bincount(column, weights=of, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
        return (sums[:, 1:] + sums[:, :1]).reshape(-1)

    least = np.zeros(shape[0] * shape[1])
    np.minimum.at(least, column, value)
    by_model = least.reshape(shape)
    moments = Moments(
        people=people,
        total=added(value),
        absolute=added(np.abs(value)),
        squares=added(value**2),
        cubes=added(value**3),
        least=np.minimum(by_model[:, 1:], by_model[:, :1]).reshape(-1),
    )
    return added(np.ones(len(value))), moments


def _table(
    named: pl.DataFrame, counts: Floats, moments: Moments, low: Floats, high: Floats, corrected: Flags
) -> pl.DataFrame:
    found = named.with_columns(
        converting_people=pl.Series(counts).cast(pl.Int64),
        effective_people=pl.Series(moments.effective_people),
        revenue_low=pl.Series(low),
        revenue_high=pl.Series(high),
        too_few=pl.Series(moments.is_few),
        method=pl.when(pl.Series(corrected)).then(pl.lit(SKEWNESS)).otherwise(pl.lit(BOOTSTRAP_T)),
    )
    known = pl.col("converting_people") > 0
    bounds = pl.col("revenue_low", "revenue_high")
    return found.with_columns(
        pl.when(known).then(bounds.round(SCALE).cast(TOTAL, strict=False)),
        method=pl.when(known).then("method"),
    ).select(*BOUNDS)
