"""Report: the flow's tables -> the report tables.

Reads:  `scan_sessions`, `scans`, `qr_codes`, `spend`, `fx`, `conversions`, `credits`.
Writes: every table of `attribution.reports`, each small.
Rule:   each report is one function of its own module; this is the list of them.
Runs on whole tables.
"""

from collections.abc import Mapping

import polars as pl

from attribution.costs import cost_per_qr, priced_spend
from attribution.reports.revenue_per_currency import revenue_per_currency
from attribution.reports.revenue_per_qr import revenue_per_qr
from attribution.reports.unattributed_revenue import unattributed_revenue
from attribution.reports.unconverted_revenue import unconverted_revenue
from attribution.settings import Settings


def report(tables: Mapping[str, pl.LazyFrame], settings: Settings) -> dict[str, pl.LazyFrame]:
    """Every report table by name."""
    currency = settings.report.currency
    spend = priced_spend(tables["spend"], tables["qr_codes"], tables["fx"], currency)
    costs = cost_per_qr(
        spend, tables["qr_codes"], tables["scans"], allocate=settings.report.allocate_spend, currency=currency
    )
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
        "revenue_per_currency": revenue_per_currency(conversions),
        "unattributed_revenue": unattributed_revenue(conversions),
        "unconverted_revenue": unconverted_revenue(conversions),
    }


def _has_rows(table: pl.LazyFrame) -> bool:
    return table.head(1).collect().height > 0
