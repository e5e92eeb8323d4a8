"""What each QR code and campaign cost, in the reporting currency.

A QR code's cost is its own fixed cost and spend. Spend on a campaign belongs to a code only where that code is the
campaign's only one; with several it is shared out as `report.allocate_spend` says, or, by default, not at all. A cost
is not known where part of it has no rate into the reporting currency, or is shared by scans and no code has any.
"""

from typing import Final, Literal

import polars as pl

from attribution.fx import reporting_amount, total
from attribution.money import TOTAL, minor_digits

Allocate = Literal["none", "scans", "equal"]
SHARED: Final = ("campaign", "date")
"""What is shared out in one go: a campaign's spend of one day."""


def priced_spend(spend: pl.LazyFrame, qr_codes: pl.LazyFrame, fx: pl.LazyFrame, currency: str) -> pl.LazyFrame:
    """Every item of cost: `qr_code_id, campaign, date, amount, currency, amount_reporting`. One row per item.

    A QR code's fixed cost has no day of its own: `date` is null, and it is converted at the latest rate, even of a defunct
    currency. An item without a currency is in the reporting one; `amount_reporting` is null where there is no rate.
    """
    rates = fx.filter(pl.col("rate").is_not_null())
    fixed = (
        qr_codes.filter(pl.col("cost").is_not_null())
        .join(rates.select(pl.col("date").max()), how="cross")
        .select("qr_code_id", pl.lit(None, pl.String).alias("campaign"), "date", "currency", amount="cost")
    )
    dated = _priced(spend, fx, currency)
    return pl.concat([dated, _priced(fixed, rates, currency).with_columns(date=pl.lit(None, pl.Date))])


def _priced(items: pl.LazyFrame, fx: pl.LazyFrame, currency: str) -> pl.LazyFrame:
    told = items.select("qr_code_id", "campaign", "date", "amount", pl.col("currency").fill_null(currency))
    return reporting_amount(told, fx, currency, pl.col("date"))


def cost_items_per_qr(
    priced: pl.LazyFrame, qr_codes: pl.LazyFrame, scans: pl.LazyFrame, *, allocate: Allocate, currency: str
) -> pl.LazyFrame:
    """`qr_code_id, date, cost`: what falls on each QR code, in the reporting currency; one row per code and item.

    Args:
        priced: As `priced_spend` gives it.
        qr_codes: As `schemas.qr_codes`.
        scans: As `schemas.scans`: the weights of `allocate="scans"`.
        allocate: How spend on a campaign with several QR codes is shared out, each day separately.
        currency: The reporting currency, ISO 4217.

    Returns:
        `date` is null for a fixed cost; `cost` where there is no rate, or where scans decide and no code has any.
    """
    own = priced.filter(pl.col("qr_code_id").is_not_null()).select(
        "qr_code_id", "date", cost=pl.col("amount_reporting").cast(TOTAL)
    )
    per_day = (
        priced.filter(pl.col("qr_code_id").is_null(), pl.col("campaign").is_not_null())
        .group_by(SHARED)
        .agg(campaign_cost=_known_total("amount_reporting"))
    )
    members = qr_codes.select("qr_code_id", "campaign").join(
        scans.group_by("qr_code_id").agg(scans=pl.len()), on="qr_code_id", how="left"
    )
    weight = {"none": pl.lit(1), "equal": pl.lit(1), "scans": pl.col("scans").fill_null(0)}[allocate]
    weighted = members.with_columns(weight=weight.cast(pl.Int64), members=pl.len().over("campaign"))
    shared = per_day.join(weighted, on="campaign", how="inner")
    parts = [shared.filter(pl.col("members") == 1).with_columns(cost="campaign_cost")]
    if allocate != "none":
        parts.append(_shared_out(shared.filter(pl.col("members") > 1), minor_digits(currency)))
    return pl.concat([own, *(part.select("qr_code_id", "date", "cost") for part in parts)])


def cost_items_per_campaign(priced: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:
    """`campaign, date, cost`: what falls on each campaign, in the reporting currency; one row per item.

    What was spent on the campaign, in full, and its QR codes' own spend and fixed cost. An item on a QR code belongs to
    that code's campaign, whatever campaign the item names; `campaign` is null for QR codes without one.
    """
    own = qr_codes.select("qr_code_id", own_campaign="campaign")
    is_code = pl.col("qr_code_id").is_not_null()
    return (
        priced.filter(is_code | pl.col("campaign").is_not_null())
        .join(own, on="qr_code_id", how="left")
        .select(
            pl.when(is_code).then("own_campaign").otherwise("campaign").alias("campaign"),
            "date",
            cost="amount_reporting",
        )
    )


def cost_per(entity: str, items: pl.LazyFrame) -> pl.LazyFrame:
    """`<entity>, cost`: one row per QR code or campaign that has a cost; null where one of its items is not known."""
    return items.group_by(entity).agg(cost=_known_total("cost"))


def _known_total(column: str) -> pl.Expr:
    """The sum, null where one of the parts is."""
    return pl.when(pl.col(column).is_not_null().all()).then(total(pl.col(column)).cast(TOTAL))


def _shared_out(shared: pl.LazyFrame, digits: int) -> pl.LazyFrame:
    """Each campaign's cost of a day, shared by weight in whole minor units; the largest remainders get the rest, ties by id.

    Where no code has a weight, every share is null.
    """
    units = (pl.col("campaign_cost") * 10**digits).cast(pl.Int128)
    all_weights = pl.col("weight").sum().over(SHARED).cast(pl.Int128)
    weighed = units * pl.col("weight").cast(pl.Int128)
    floor, remainder = weighed // all_weights, (weighed % all_weights).cast(pl.Int64)
    left = units - floor.sum().over(SHARED)
    place = pl.int_range(pl.len()).over(SHARED, order_by=[-remainder, "qr_code_id"])
    in_units = floor + (place < left).cast(pl.Int128)
    cost = (in_units.cast(TOTAL) / pl.lit(10**digits).cast(TOTAL)).cast(TOTAL)
    return shared.with_columns(cost=pl.when(all_weights > 0).then(cost))
