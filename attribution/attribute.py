"""Attribute: `touches`, `conversions`, `scan_sessions` -> `credits`.

Reads:  `touches`, `conversions`, `scan_sessions`.
Writes: `credits`, one row per attributed conversion, model and touch that gets credit or money.
Rule:   every model spreads exactly 1 conversion and exactly the conversion's money over its touches, by largest
        remainder: credit in steps of 10^-12, money in whole minor units. `scan_session` gives all to the tied touch;
        Markov and Shapley learn a value per QR code from everybody's paths and share it out within each journey.
        Path options drop touches before anything is weighed; `scan_session` keeps its tied touch whatever they say.
May be split by `conversion_id`, given the values of the models that learn.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import polars as pl

from attribution.keys import expr_key
from attribution.models import LearnedModel, Model, PathOptions, expr_largest_remainder, read_paths
from attribution.money import AMOUNT, CREDIT, CREDIT_PLACES, TOTAL, minor_digits
from attribution.schemas.credits import Credits
from attribution.terms import SCAN_SESSION_MODEL

WHOLE: Final = 10**CREDIT_PLACES
SCANS_AT_ONCE: Final = 10_000_000
"""How many scan sessions are searched for paths at once."""
AS_TOUCHED: Final = PathOptions()


def attribute(
    touches: pl.LazyFrame,
    conversions: pl.LazyFrame,
    paths: pl.LazyFrame,
    *,
    models: Sequence[Model],
    currency: str,
    options: PathOptions = AS_TOUCHED,
) -> pl.LazyFrame:
    """Share every attributed conversion and its money out to its touches, under every model.

    Args:
        touches: As `schemas.touches`.
        conversions: As `schemas.conversions`.
        paths: What models learn from, as `journey_paths` gives it.
        models: The models besides `scan_session`, which is always there.
        currency: The reporting currency, whose minor unit is not split.
        options: What is done to every path before any model but `scan_session` sees it.

    Returns:
        As `schemas.credits`, in the order of model, conversion and position (that of `touches`). Per conversion and
        model the credits sum to exactly 1, the money to exactly the conversion's; touches whose credit and money both
        round to 0 are left out.
    """
    amounts = conversions.select("conversion_id", "amount_reporting")
    journey = touches.join(amounts, on="conversion_id", how="left").rename({"touch_count": "n"})
    journey = (
        journey.sort("conversion_id", "position")
        .with_columns(
            touchpoint=pl.col("qr_code_id"),
            conversion=pl.col("conversion_id"),
            conversion_id=pl.col("conversion_id").rle_id(),
            place=pl.col("position"),
        )
        .cache()
    )
    tied = journey.filter("is_tied").with_columns(weight=pl.lit(1.0), model=pl.lit(SCAN_SESSION_MODEL))
    left = journey if options == AS_TOUCHED else _left(journey, options).cache()
    weighed = [tied, *(_weighed(left, model, paths, options) for model in models)]
    spread = [
        _spread(rows, minor_digits(currency)).with_columns(conversion_id="conversion", position="place")
        for rows in weighed
    ]
    return pl.concat([Credits.shaped(rows) for rows in spread])


def _left(journey: pl.LazyFrame, options: PathOptions) -> pl.LazyFrame:
    """The touches that the options keep, at least one per conversion, renumbered."""
    keeps = pl.map_batches(
        [pl.col("conversion_id"), pl.col("touchpoint")],
        lambda columns: options.keeps(columns[0], columns[1]),
        return_dtype=pl.Boolean,
    )
    kept = journey.with_columns(keeps=keeps).filter("keeps")
    return kept.with_columns(
        position=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("conversion_id", order_by="place"),
        n=pl.len().over("conversion_id").cast(pl.Int64),
    )


def _weighed(journey: pl.LazyFrame, model: Model, paths: pl.LazyFrame, options: PathOptions) -> pl.LazyFrame:
    if isinstance(model, LearnedModel):
        # floats: values are relative, and whole units of very large sums would not fit
        in_floats = paths.with_columns(pl.col("revenue").cast(pl.Float64))
        values = model.touchpoint_values(options.apply(read_paths(in_floats)))
        journey = journey.join(values.lazy(), on="touchpoint", how="left", maintain_order="left").with_columns(
            pl.col("value").fill_null(0.0)
        )
    return journey.with_columns(weight=model.weight(), model=pl.lit(model.name))


def _spread(rows: pl.LazyFrame, digits: int) -> pl.LazyFrame:
    """Weights as exact credit and money; `rows` in the order of conversion and position."""
    group, weight = pl.col("conversion_id"), pl.col("weight")
    unit = 10**digits
    cents = (pl.col("amount_reporting").cast(TOTAL) * unit).cast(pl.Int64)
    spread = (
        rows.filter(weight > 0)
        .with_columns(whole=pl.lit(WHOLE, pl.Int64))
        .with_columns(
            credit_units=expr_largest_remainder(group, weight, pl.col("whole")),
            money_units=expr_largest_remainder(group, weight, cents.fill_null(0)),
        )
        .filter((pl.col("credit_units") != 0) | (pl.col("money_units") != 0))
    )
    money = (pl.col("money_units").cast(TOTAL) / pl.lit(unit).cast(TOTAL)).cast(AMOUNT)
    return spread.with_columns(
        credit=(pl.col("credit_units").cast(pl.Decimal(38, CREDIT_PLACES)) / WHOLE).cast(CREDIT),
        amount_reporting=pl.when(pl.col("amount_reporting").is_not_null()).then(money),
    )


def journey_paths(
    touches: pl.LazyFrame, conversions: pl.LazyFrame, scan_sessions: pl.LazyFrame, *, lookback_days: int
) -> pl.LazyFrame:
    """The distinct paths that models learn from.

    A converting path is the QR codes of a conversion's touches. A refund is no journey: it adds to no count, but its
    path is listed, so that its QR codes are known. A non-converting path is what a person without any conversion scanned
    in the lookback before their last scan.

    Returns:
        One row per distinct path: `path` (QR codes, oldest first), `conversions`, `non_conversions`, `revenue`
        (reporting currency). Reads its tables when called.
    """
    is_journey = ~pl.col("is_refund")
    won = (
        touches.group_by("conversion_id")
        .agg(path=pl.col("qr_code_id").sort_by("position"))
        .join(conversions.select("conversion_id", "is_refund", "amount_reporting"), on="conversion_id", how="inner")
        .group_by("path")
        .agg(
            conversions=is_journey.sum().cast(pl.Int64),
            revenue=pl.col("amount_reporting").filter(is_journey).fill_null(0).sum(),
        )
    )
    lost = _without_conversion(conversions, scan_sessions, lookback_days)
    both = won.join(lost, on="path", how="full", coalesce=True)
    return both.with_columns(
        pl.col("conversions", "non_conversions").fill_null(0), pl.col("revenue").fill_null(0).cast(TOTAL)
    ).sort("path")


def _without_conversion(conversions: pl.LazyFrame, scan_sessions: pl.LazyFrame, lookback_days: int) -> pl.LazyFrame:
    """Paths of people who never converted, one share of the people at a time: many people have few distinct paths."""
    person = expr_key(pl.col("person_id")).alias("person")
    converted = conversions.select(person).drop_nulls().unique()
    scans = (
        scan_sessions.filter("is_known", pl.col("qr_code_id").is_not_null())
        .select(person, "qr_code_id", "scanned_at", "scan_session_id")
        .join(converted, on="person", how="anti")
    )
    rows = scan_sessions.select(pl.len()).collect(engine="streaming").item()
    parts = -(-rows // SCANS_AT_ONCE) or 1
    whose = [pl.col("person") % parts == part for part in range(parts)] if parts > 1 else [pl.lit(value=True)]
    counted = [_paths_of(scans.filter(theirs), lookback_days).collect(engine="streaming") for theirs in whose]
    summed = pl.concat(counted).lazy().group_by("path").agg(pl.col("non_conversions").sum())
    return summed.with_columns(pl.col("non_conversions").cast(pl.Int64))


def _paths_of(scans: pl.LazyFrame, lookback_days: int) -> pl.LazyFrame:
    """`path, non_conversions`: what these people scanned. Most scanned once, so only the others' scans are put in order."""
    grouped = scans.group_by("person").agg(
        scans=pl.len(), latest_at=pl.col("scanned_at").max(), qr_code_id=pl.col("qr_code_id").first()
    )
    people = grouped.collect(engine="streaming").lazy()
    once = people.filter(pl.col("scans") == 1).group_by(path=pl.concat_list("qr_code_id")).agg(non_conversions=pl.len())
    often = people.filter(pl.col("scans") > 1).select("person", "latest_at")
    recent = scans.join(often, on="person", how="inner").filter(
        pl.col("scanned_at") >= pl.col("latest_at") - timedelta(days=lookback_days)
    )
    in_order = pl.col("qr_code_id").sort_by("scanned_at", "scan_session_id")
    paths = recent.group_by("person").agg(path=in_order).group_by("path").agg(non_conversions=pl.len())
    return pl.concat([once, paths])
