"""What each person brought each QR code and each campaign under each model: the small sparse table to resample.

Most people scanned one code, so all models give them the same: their money stands once, under `ALIKE`, and is added to
every model's sums.
"""

from typing import Final

import polars as pl

from attribution.money import SCALE

QR_CODE: Final = "qr_code"
CAMPAIGN: Final = "campaign"
SCOPES: Final = (QR_CODE, CAMPAIGN)
ALIKE: Final = 0
"""The model number of what is the same under every model; the models are numbered from 1."""
MINOR: Final = 10**SCALE


def people_of(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """`person_id`: one row per person of the period, also of those who only scanned."""
    return scan_sessions.select("person_id").unique()


def credited(credits: pl.LazyFrame, conversions: pl.LazyFrame) -> pl.LazyFrame:  # noqa: A002 - the table's name
    """`person_id, qr_code_id, model, units`: one row per credit with money, `units` of 1/10,000 of the currency."""
    persons = conversions.select(
        "conversion_id", person_id=pl.coalesce("person_id", "scan_session_id", "conversion_id")
    )
    units = (pl.col("amount_reporting").cast(pl.Decimal(38, SCALE)) * MINOR).cast(pl.Int64)
    return (
        credits.filter(pl.col("amount_reporting").is_not_null(), pl.col("qr_code_id").is_not_null())
        .join(persons, on="conversion_id", how="inner")
        .select("person_id", "qr_code_id", "model", units=units)
    )


def per_person(credited_rows: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:
    """`person_id, scope, id, model, units`: one row per person, QR code or campaign, and model, where not 0."""
    campaigns = qr_codes.select("qr_code_id", "campaign").drop_nulls()
    of_code = credited_rows.select("person_id", pl.lit(QR_CODE).alias("scope"), "model", "units", id="qr_code_id")
    of_campaign = credited_rows.join(campaigns, on="qr_code_id", how="inner").select(
        "person_id", pl.lit(CAMPAIGN).alias("scope"), "model", "units", id="campaign"
    )
    both = pl.concat([of_code, of_campaign])
    return both.group_by("person_id", "scope", "id", "model").agg(pl.col("units").sum()).filter(pl.col("units") != 0)


def numbered(rows: pl.DataFrame, entities: pl.DataFrame, models: list[str]) -> pl.DataFrame:
    """`rank, entity, model, units`: the rows of `per_person` by number, with what all models agree on once, as `ALIKE`.

    Args:
        rows: As `per_person`.
        entities: `scope, id`: their place is their number.
        models: Their place, from 1, is their number.
    """
    persons = rows.select(pl.col("person_id").unique().sort()).with_row_index("rank")
    numbers = pl.DataFrame({"model": models}, schema={"model": pl.String}).with_row_index("number", offset=1)
    known = (
        rows.lazy()
        .join(persons.lazy(), on="person_id")
        .join(entities.with_row_index("entity").lazy(), on=["scope", "id"])
        .join(numbers.lazy(), on="model")
        .select(pl.col("rank", "entity").cast(pl.Int64), pl.col("number").cast(pl.Int64).alias("model"), "units")
    )
    alike = known.group_by("rank", "entity").agg(
        pl.col("model", "units"), is_alike=(pl.len() == len(models)) & (pl.col("units").min() == pl.col("units").max())
    )
    once = alike.filter("is_alike").select(
        "rank", "entity", model=pl.lit(ALIKE, pl.Int64), units=pl.col("units").list.first()
    )
    apart = alike.filter(~pl.col("is_alike")).drop("is_alike").explode("model", "units")
    return pl.concat([once, apart.select(once.collect_schema().names())]).sort("entity", "model", "rank").collect()
