"""What each person brought each QR code and each campaign under each model: the small sparse table to resample.

Most people scanned one code, so all models give them the same: their money is listed once, under `ALIKE`, and is added to
every model's sums.
"""

from typing import Final

import polars as pl

from attribution.money import SCALE, TOTAL
from attribution.row_kinds import is_attributed

QR_CODE: Final = "qr_code"
CAMPAIGN: Final = "campaign"
SCOPES: Final = (QR_CODE, CAMPAIGN)
ALIKE: Final = 0
"""The model number of what is the same under every model; the models are numbered from 1."""
MINOR: Final = 10**SCALE


def buyers(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """`conversion_id, person_id, rank`: one row per attributed conversion or refund; ranks number the people by id, from 0."""
    attributed = conversions.filter(is_attributed())
    person = pl.coalesce("person_id", "scan_session_id", "conversion_id")
    return attributed.select("conversion_id", person_id=person, rank=person.rank("dense").cast(pl.UInt32) - 1)


def credited(credits: pl.LazyFrame, persons: pl.LazyFrame) -> pl.LazyFrame:  # noqa: A002 - the table's name
    """`person_id, rank, qr_code_id, model, units`: one row per credit with money.

    Args:
        credits: As `schemas.credits`.
        persons: As `buyers` gives them.

    Returns:
        `units` are 1/10,000 of the reporting currency: whole numbers, whose sums do not depend on an order.
    """
    units = (pl.col("amount_reporting").cast(TOTAL) * MINOR).cast(pl.Int64)
    return (
        credits.filter(pl.col("amount_reporting").is_not_null(), pl.col("qr_code_id").is_not_null())
        .join(persons, on="conversion_id", how="inner")
        .select("person_id", "rank", "qr_code_id", "model", units=units)
    )


def numbered(money: pl.LazyFrame, entities: pl.DataFrame, qr_codes: pl.LazyFrame, models: list[str]) -> pl.DataFrame:
    """`rank, entity, model, units`: one row per person, QR code or campaign, and model, where it is not 0.

    What all models agree on is listed once, as `ALIKE`.

    Args:
        money: As `credited` gives it.
        entities: `scope, id`: a QR code's or campaign's place is its number.
        qr_codes: As `schemas.qr_codes`: the campaign that a QR code's money belongs to.
        models: A model's place, from 1, is its number.
    """
    numbers = pl.LazyFrame({"model": models}, schema={"model": pl.String}).with_row_index("number", offset=1)
    summed = (
        money.join(_entities_of_code(entities.lazy(), qr_codes), on="qr_code_id")
        .join(numbers, on="model")
        .group_by("rank", "entity", pl.col("number").cast(pl.Int16).alias("model"))
        .agg(pl.col("units").sum())
        .filter(pl.col("units") != 0)
    )
    is_same = (pl.len() == len(models)) & (pl.col("units").min() == pl.col("units").max())
    by_person = summed.group_by("rank", "entity").agg(pl.col("model", "units"), is_same=is_same).collect()
    once = by_person.filter("is_same").select(
        "rank", "entity", pl.col("units").list.first(), model=pl.lit(ALIKE, pl.Int16)
    )
    apart = by_person.filter(~pl.col("is_same")).explode("model", "units").select(once.columns)
    return pl.concat([once, apart]).sort("entity", "model", "rank")


def _entities_of_code(entities: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:
    """`qr_code_id, entity`: its own number and its campaign's."""
    every = entities.with_row_index("entity")
    own = every.filter(scope=QR_CODE).select("entity", qr_code_id="id")
    campaigns = every.filter(scope=CAMPAIGN).select("entity", campaign="id")
    of_campaign = qr_codes.select("qr_code_id", "campaign").join(campaigns, on="campaign")
    return pl.concat([own, of_campaign.select(own.collect_schema().names())])
