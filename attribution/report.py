"""Report: the flow's tables -> the report tables.

Reads:  `scan_sessions`, `scans`, `qr_codes`, `spend`, `fx`, `conversions`, `touches`, `credits`, `identity_account`.
Writes: every table of `attribution.reports`, each small.
Rule:   each report is one function of its own module; this is the list of them.
Runs on whole tables.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from attribution.costs import cost_items_per_campaign, cost_items_per_qr, priced_spend
from attribution.payback import costs_paid_back, daily_revenue
from attribution.reports.assisted_conversions import assisted_conversions
from attribution.reports.code_comparison import code_comparison
from attribution.reports.conversion_lag import conversion_lag
from attribution.reports.conversion_rates import conversion_rates
from attribution.reports.model_comparison import model_comparison
from attribution.reports.revenue_intervals import revenue_intervals
from attribution.reports.revenue_per_campaign import revenue_per_campaign
from attribution.reports.revenue_per_currency import revenue_per_currency
from attribution.reports.revenue_per_qr import revenue_per_qr
from attribution.reports.top_paths import top_paths
from attribution.reports.unattributed_revenue import unattributed_revenue
from attribution.reports.unconverted_revenue import unconverted_revenue
from attribution.settings import Settings

Tables = Mapping[str, pl.LazyFrame]
NAMES: Final = (
    "revenue_per_qr",
    "revenue_per_campaign",
    "revenue_per_currency",
    "unattributed_revenue",
    "unconverted_revenue",
    "model_comparison",
    "top_paths",
    "assisted_conversions",
    "conversion_lag",
    "conversion_rates",
    "revenue_intervals",
    "code_comparison",
    "people_joined",
)
"""The reports that this stage makes; `data_quality` needs the findings and comes with the audit."""


def report(tables: Tables, settings: Settings) -> dict[str, pl.LazyFrame]:
    """Every report table by name."""
    currency = settings.report.currency
    spend = priced_spend(tables["spend"], tables["qr_codes"], tables["fx"], currency)
    costs, campaign_costs = _costs(tables, spend, settings)
    conversions = tables["conversions"]
    return {
        "revenue_per_qr": revenue_per_qr(
            tables["scan_sessions"],
            tables["scans"],
            tables["qr_codes"],
            conversions,
            tables["credits"],
            costs,
            model=settings.report.model,
            currency=currency,
            has_scans=_has_rows(tables["scans"]),
        ),
        "revenue_per_campaign": revenue_per_campaign(
            tables["scan_sessions"],
            tables["scans"],
            tables["qr_codes"],
            conversions,
            tables["credits"],
            spend,
            campaign_costs,
            model=settings.report.model,
            currency=currency,
            has_scans=_has_rows(tables["scans"]),
        ),
        "revenue_per_currency": revenue_per_currency(conversions),
        "unattributed_revenue": unattributed_revenue(conversions),
        "unconverted_revenue": unconverted_revenue(conversions),
        "model_comparison": model_comparison(tables["credits"], conversions, tables["qr_codes"]),
        "top_paths": top_paths(tables["touches"], conversions, tables["qr_codes"]),
        "assisted_conversions": assisted_conversions(tables["touches"], conversions, tables["qr_codes"]),
        "conversion_lag": conversion_lag(
            tables["scan_sessions"], conversions, window_days=settings.conversions.window_days
        ),
        "people_joined": tables["identity_account"],
        "conversion_rates": conversion_rates(tables["scan_sessions"], conversions),
        **_how_sure(tables, _all_costs(costs, campaign_costs), settings),
    }


def _costs(tables: Tables, spend: pl.LazyFrame, settings: Settings) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """What each QR code and each campaign cost, and when it had come back."""
    chosen, codes = settings.report, tables["qr_codes"]
    per_qr = cost_items_per_qr(spend, codes, tables["scans"], allocate=chosen.allocate_spend, currency=chosen.currency)
    per_campaign = cost_items_per_campaign(spend, codes)
    of_code, of_campaign = (
        daily_revenue(
            codes.select(columns),
            tables["credits"],
            tables["conversions"],
            model=chosen.model,
            time_zone=chosen.time_zone,
        )
        for columns in (["qr_code_id"], ["qr_code_id", "campaign"])
    )
    return costs_paid_back(per_qr, of_code), costs_paid_back(per_campaign, of_campaign)


def _how_sure(tables: Tables, costs: pl.LazyFrame, settings: Settings) -> dict[str, pl.LazyFrame]:
    """The reports that resample people."""
    currency = settings.report.currency
    seed, replicates = settings.report.seed, settings.report.replicates
    earned = (tables["credits"], tables["conversions"], tables["scan_sessions"])
    return {
        "revenue_intervals": revenue_intervals(
            *earned, tables["qr_codes"], costs, currency=currency, seed=seed, replicates=replicates
        ),
        "code_comparison": code_comparison(
            *earned, model=settings.report.model, currency=currency, seed=seed, replicates=replicates
        ),
    }


def _all_costs(per_qr: pl.LazyFrame, per_campaign: pl.LazyFrame) -> pl.LazyFrame:
    """Costs of QR codes and of whole campaigns: `qr_code_id, campaign, cost`, the other id null."""
    none = pl.lit(None, pl.String)
    codes = per_qr.select("qr_code_id", none.alias("campaign"), "cost")
    campaigns = per_campaign.filter(pl.col("campaign").is_not_null())
    return pl.concat([codes, campaigns.select(none.alias("qr_code_id"), "campaign", "cost")])


def _has_rows(table: pl.LazyFrame) -> bool:
    return table.head(1).collect().height > 0
