"""Report: the flow's tables -> the report tables.

Reads:  `events`, `duplicates`, `scan_sessions`, `scans`, `qr_codes`, `spend`, `fx`, `conversions`, `touches`,
        `credits`, `identity_account`.
Writes: every table of `attribution.reports`, each small.
Rule:   each report is one function of its own module; this is the list of them.
Runs on whole tables.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from attribution.costs import cost_items_per_campaign, cost_items_per_qr, priced_spend
from attribution.payback import costs_paid_back, daily_revenue
from attribution.reports.assisted_conversions import assisted_conversions
from attribution.reports.code_comparison import code_comparison
from attribution.reports.cohorts import cohorts
from attribution.reports.conversion_lag import conversion_lag
from attribution.reports.conversion_rates import conversion_rates
from attribution.reports.daily_per_qr import daily_per_qr
from attribution.reports.funnel import funnel
from attribution.reports.model_comparison import model_comparison
from attribution.reports.revenue_by_dimension import revenue_by_dimension
from attribution.reports.revenue_intervals import revenue_intervals
from attribution.reports.revenue_over_time import days_of_data, revenue_over_time
from attribution.reports.revenue_per_campaign import revenue_per_campaign
from attribution.reports.revenue_per_currency import revenue_per_currency
from attribution.reports.revenue_per_qr import revenue_per_qr
from attribution.reports.scans_by_hour import scans_by_hour
from attribution.reports.top_paths import top_paths
from attribution.reports.unattributed_revenue import unattributed_revenue
from attribution.reports.unconverted_revenue import unconverted_revenue
from attribution.settings import Settings

Tables = Mapping[str, pl.LazyFrame]
NO_DAYS: Final = (date(1970, 1, 2), date(1970, 1, 1))
"""A range without a day."""
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
    "revenue_over_time",
    "daily_per_qr",
    "revenue_by_dimension",
    "scans_by_hour",
    "funnel",
    "cohorts",
)
"""The reports that this stage makes; `data_quality` needs the findings and comes with the audit."""


def report(
    tables: Tables, settings: Settings, *, days: tuple[date, date] | None = None, whole: Tables | None = None
) -> dict[str, pl.LazyFrame]:
    """Every report table by name.

    Args:
        tables: What the stage reads; of a period only, where the report is of a period.
        settings: Those of the run.
        days: First and last day of the period, in the reporting zone; None: those of the data.
        whole: The tables of all time, where `tables` holds a period's: a conversion of the period may come from an
            earlier scan, and cohorts are followed beyond it.
    """
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
        **_when_and_where(tables, spend, settings, days=days, whole=whole or tables),
        **_how_sure(tables, _all_costs(costs, campaign_costs), settings),
    }


def _when_and_where(
    tables: Tables, spend: pl.LazyFrame, settings: Settings, *, days: tuple[date, date] | None, whole: Tables
) -> dict[str, pl.LazyFrame]:
    """The reports that are cut by time, by traits of the scan, or followed step by step."""
    sessions, scans, codes = (tables[name] for name in ("scan_sessions", "scans", "qr_codes"))
    earned = (tables["conversions"], tables["credits"])
    cut: Any = {
        "model": settings.report.model,
        "currency": settings.report.currency,
        "has_scans": _has_rows(whole["scans"]),
    }
    zoned: Any = {**cut, "time_zone": settings.report.time_zone}
    first_day, last_day = days or days_of_data(sessions, earned[0], time_zone=settings.report.time_zone) or NO_DAYS
    every_session = whole["scan_sessions"]
    followed = (whole["scan_sessions"], whole["conversions"], whole["credits"])
    return {
        "revenue_over_time": revenue_over_time(
            sessions, scans, *earned, spend, first_day=first_day, last_day=last_day, **zoned
        ),
        "daily_per_qr": daily_per_qr(sessions, scans, codes, *earned, **zoned),
        "revenue_by_dimension": revenue_by_dimension(
            sessions, codes, *earned, min_group=settings.audit.min_group, every_session=every_session, **cut
        ),
        "scans_by_hour": scans_by_hour(sessions, scans, *earned, every_session=every_session, **zoned),
        "funnel": funnel(
            tables["events"], tables["duplicates"], sessions, earned[0], steps=settings.report.funnel_steps
        ),
        "cohorts": cohorts(
            *followed,
            model=settings.report.model,
            currency=settings.report.currency,
            time_zone=settings.report.time_zone,
        ),
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
