"""How sure each QR code's and campaign's revenue and ROAS are, under every model."""

import polars as pl

from attribution.fx import total
from attribution.keys import expr_distinct
from attribution.money import TOTAL
from attribution.schemas.revenue_intervals import RevenueIntervals
from attribution.uncertainty.bounds import revenue_bounds
from attribution.uncertainty.contributions import CAMPAIGN, QR_CODE, buyers, credited, numbered
from attribution.uncertainty.wilson import LEVEL


def revenue_intervals(
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    conversions: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    spend_costs: pl.LazyFrame,
    *,
    currency: str,
    seed: int,
    replicates: int = 2_000,
    level: float = LEVEL,
) -> pl.LazyFrame:
    """Revenue and ROAS with intervals by a bootstrap over the people of the period.

    Args:
        credits, conversions, scan_sessions, qr_codes: The tables of these names.
        spend_costs: `qr_code_id, campaign, cost`: one row per QR code (campaign null) or campaign (QR code null) that
            has a cost, in the reporting currency; null where it is not known.
        currency: The reporting currency.
        seed: Of the resamples. The same tables, in any row order, give the same intervals for a seed.
        replicates: How many resamples.
        level: The share of intervals that should hold the truth.

    Returns:
        As `schemas.revenue_intervals`, by model, QR codes first, most revenue first. Reads its tables.
    """
    persons = buyers(conversions).collect().lazy()
    costs = _costs(spend_costs)
    entities = _entities(credits, scan_sessions, qr_codes, costs).collect()
    models = credits.select(pl.col("model").unique().sort()).collect()["model"].to_list()
    bounds = revenue_bounds(
        numbered(credited(credits, persons), entities, qr_codes, models),
        entities,
        models,
        converting=persons.select(pl.col("rank").n_unique()).collect().item(),
        people=_people(scan_sessions, persons),
        seed=seed,
        replicates=replicates,
        level=level,
    )
    estimates = _estimates(credits, qr_codes)
    named = (
        bounds.lazy()
        .join(estimates, on=["scope", "id", "model"], how="left")
        .join(costs, on=["scope", "id"], how="left")
        .join(
            qr_codes.select(pl.lit(QR_CODE).alias("scope"), "campaign", id="qr_code_id"), on=["scope", "id"], how="left"
        )
        .with_columns(
            pl.col("revenue").fill_null(pl.lit(0).cast(TOTAL)),
            qr_code_id=pl.when(scope=QR_CODE).then("id"),
            campaign=pl.when(scope=CAMPAIGN).then("id").otherwise("campaign"),
            currency=pl.lit(currency),
            level=pl.lit(level),
        )
    )
    ordered = named.with_columns(_ratios()).sort(
        "model", pl.col("scope") == CAMPAIGN, "revenue", "id", descending=[False, False, True, False]
    )
    return RevenueIntervals.shaped(ordered)


def _people(scan_sessions: pl.LazyFrame, persons: pl.LazyFrame) -> int:
    """Who scanned or converted: in a period's tables who converts may have scanned before it."""
    named = pl.concat([table.select("person_id") for table in (scan_sessions, persons)])
    return int(named.select(expr_distinct(pl.col("person_id"))).collect(engine="streaming").item())


def _entities(
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    scan_sessions: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    costs: pl.LazyFrame,
) -> pl.LazyFrame:
    """`scope, id`: QR codes that the list, a scan, a credit or a cost names, and campaigns of the list and of costs."""
    codes = [table.select(id="qr_code_id") for table in (credits, scan_sessions, qr_codes)]
    campaigns = qr_codes.select(pl.lit(CAMPAIGN).alias("scope"), id="campaign")
    both = pl.concat(
        [pl.concat(codes).select(pl.lit(QR_CODE).alias("scope"), "id"), campaigns, costs.select("scope", "id")]
    )
    return both.drop_nulls().unique().sort("scope", "id")


def _estimates(credits: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:  # noqa: A002
    """`scope, id, model, revenue`: exact sums."""
    of_code = credits.select(pl.lit(QR_CODE).alias("scope"), "model", "amount_reporting", id="qr_code_id")
    of_campaign = credits.join(qr_codes.select("qr_code_id", "campaign"), on="qr_code_id", how="inner").select(
        pl.lit(CAMPAIGN).alias("scope"), "model", "amount_reporting", id="campaign"
    )
    both = pl.concat([of_code, of_campaign])
    return both.group_by("scope", "id", "model").agg(revenue=total(pl.col("amount_reporting")).cast(TOTAL))


def _costs(spend_costs: pl.LazyFrame) -> pl.LazyFrame:
    is_code = pl.col("qr_code_id").is_not_null()
    scope = pl.when(is_code).then(pl.lit(QR_CODE)).otherwise(pl.lit(CAMPAIGN))
    return spend_costs.select(scope.alias("scope"), "cost", id=pl.coalesce("qr_code_id", "campaign"))


def _ratios() -> list[pl.Expr]:
    """ROAS and its bounds: the revenue's, over a cost that is taken as certain."""
    has_cost, cost = pl.col("cost") > 0, pl.col("cost").cast(pl.Float64)
    names = {"revenue": "roas", "revenue_low": "roas_low", "revenue_high": "roas_high"}
    return [pl.when(has_cost).then(pl.col(of).cast(pl.Float64) / cost).alias(name) for of, name in names.items()]
