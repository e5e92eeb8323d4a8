"""The payback day: the day from which a QR code or campaign has earned what it cost."""

from typing import Final

import polars as pl

from attribution.costs import cost_per
from attribution.days import expr_day
from attribution.earned import earned
from attribution.fx import total
from attribution.money import TOTAL

COST: Final = pl.col("cost").cast(TOTAL)
REVENUE: Final = pl.col("revenue").cast(TOTAL)


def daily_revenue(
    entity_of_code: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    conversions: pl.LazyFrame,
    *,
    model: str,
    time_zone: str,
) -> pl.LazyFrame:
    """`<entity>, date, revenue`: one row per QR code or campaign and day with money, refunds on their own day.

    Args:
        entity_of_code: `qr_code_id` and, for campaigns, one more column: the campaign that a QR code's revenue belongs to.
        credits, conversions: The tables of these names.
        model: The attribution model whose credits count.
        time_zone: The zone in which days are cut.
    """
    entity = entity_of_code.collect_schema().names()[-1]
    return (
        earned(credits, conversions, model=model)
        .filter(pl.col("revenue").is_not_null())
        .join(entity_of_code, on="qr_code_id", how="left")
        .group_by(entity, date=expr_day("converted_at", time_zone))
        .agg(revenue=total(pl.col("revenue")))
    )


def costs_paid_back(items: pl.LazyFrame, revenue: pl.LazyFrame | None) -> pl.LazyFrame:
    """What each QR code or campaign cost, and when it had earned that back.

    Args:
        items: `<entity>, date, cost`: one row per item of cost; without a date it counts from the beginning.
        revenue: `<entity>, date, revenue`, as `daily_revenue` gives it; None where revenue or costs are not complete.

    Returns:
        `<entity>, cost, payback_day`: one row per entity that has a cost. The payback day is the first day, not before
        the first dated cost, from which to the end of the data the revenue to date covers the cost to date; null where
        it does not at the end, where the cost is not known or 0, or where the revenue is not known.
    """
    entity = items.collect_schema().names()[0]
    costs = cost_per(entity, items)
    if revenue is None:
        return costs.with_columns(payback_day=pl.lit(None, pl.Date))
    known = items.join(costs.filter(pl.col("cost") > 0), on=entity, how="semi", nulls_equal=True)
    begun = known.group_by(entity).agg(first_cost_on=pl.col("date").min())
    out, back = (rows.select(entity, "date", amount=amount) for rows, amount in ((known, -COST), (revenue, REVENUE)))
    balances = (
        pl.concat([out, back])
        .join(begun, on=entity, how="inner", nulls_equal=True)
        .group_by(entity, "first_cost_on", "date")
        .agg(total(pl.col("amount")))
        .with_columns(balance=pl.col("amount").cum_sum().over(entity, order_by="date"))
    )
    return costs.join(_first_day_covered(entity, balances), on=entity, how="left", nulls_equal=True)


def _first_day_covered(entity: str, balances: pl.LazyFrame) -> pl.LazyFrame:
    """`<entity>, payback_day`: the first day after the last one whose balance was below 0."""
    day, first = pl.col("date"), pl.col("first_cost_on")
    last_short = day.filter(pl.col("balance") < 0).max().over(entity)
    covered = balances.filter(
        pl.col("balance") >= 0,
        (day > last_short) | last_short.is_null(),
        (day >= first) | first.is_null(),
    )
    return covered.group_by(entity).agg(payback_day=day.min())
