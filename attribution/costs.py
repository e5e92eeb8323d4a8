"""What each QR code and campaign cost, in the reporting currency.

A QR code's cost is its own fixed cost and spend. Spend on a campaign belongs to a code only where that code is the
campaign's only one; with several it is shared out as `report.allocate_spend` says, or, by default, not at all. A cost
of which a part has no rate into the reporting currency is not known.
"""

from typing import Literal

import polars as pl

from attribution.fx import reporting_amount, total
from attribution.money import AMOUNT, minor_digits

Allocate = Literal["none", "scans", "equal"]


def priced_spend(spend: pl.LazyFrame, qr_codes: pl.LazyFrame, fx: pl.LazyFrame, currency: str) -> pl.LazyFrame:
    """Every item of cost: `qr_code_id, campaign, date, amount, currency, amount_reporting`. One row per item.

    A QR code's fixed cost has no day of its own: it is converted at the latest rate. An item without a currency is in
    the reporting one; `amount_reporting` is null where there is no rate.
    """
    latest = fx.select(pl.col("date").max())
    fixed = (
        qr_codes.filter(pl.col("cost").is_not_null())
        .join(latest, how="cross")
        .select("qr_code_id", pl.lit(None, pl.String).alias("campaign"), "date", amount="cost", currency="currency")
    )
    items = pl.concat([spend.select("qr_code_id", "campaign", "date", "amount", "currency"), fixed])
    return reporting_amount(items.with_columns(pl.col("currency").fill_null(currency)), fx, currency, day="date")


def cost_per_qr(
    priced: pl.LazyFrame, qr_codes: pl.LazyFrame, scans: pl.LazyFrame, *, allocate: Allocate, currency: str
) -> pl.LazyFrame:
    """`qr_code_id, cost`: one row per QR code that has a cost, in the reporting currency."""
    own = priced.filter(pl.col("qr_code_id").is_not_null()).select("qr_code_id", cost="amount_reporting")
    per_campaign = (
        priced.filter(pl.col("qr_code_id").is_null(), pl.col("campaign").is_not_null())
        .group_by("campaign")
        .agg(campaign_cost=_known_total("amount_reporting"))
    )
    members = qr_codes.select("qr_code_id", "campaign").join(
        scans.group_by("qr_code_id").agg(scans=pl.len()), on="qr_code_id", how="left"
    )
    shared = per_campaign.join(members, on="campaign", how="inner").with_columns(
        weight={"none": pl.lit(1), "equal": pl.lit(1), "scans": pl.col("scans").fill_null(0)}[allocate].cast(pl.Int64),
        members=pl.len().over("campaign"),
    )
    if allocate == "none":
        parts = shared.filter(pl.col("members") == 1).select("qr_code_id", cost="campaign_cost")
    else:
        parts = _shared_out(shared, minor_digits(currency)).select("qr_code_id", "cost")
    return pl.concat([own, parts]).group_by("qr_code_id").agg(cost=_known_total("cost"))


def _known_total(column: str) -> pl.Expr:
    """The sum, null where one of the parts is."""
    return pl.when(pl.col(column).is_not_null().all()).then(total(pl.col(column)).cast(AMOUNT))


def _shared_out(shared: pl.LazyFrame, digits: int) -> pl.LazyFrame:
    """Each campaign's cost in whole minor units by weight; the largest remainders get what is left, ties by id."""
    units = (pl.col("campaign_cost") * 10**digits).cast(pl.Int64)
    all_weights = pl.col("weight").sum().over("campaign")
    floor, remainder = (units * pl.col("weight")) // all_weights, (units * pl.col("weight")) % all_weights
    left = units - floor.sum().over("campaign")
    place = pl.int_range(pl.len()).over("campaign", order_by=[-remainder, "qr_code_id"])
    in_units = floor + (place < left).cast(pl.Int64)
    cost = (in_units.cast(AMOUNT) / pl.lit(10**digits).cast(AMOUNT)).cast(AMOUNT)
    return shared.filter(all_weights > 0).with_columns(cost=cost)
