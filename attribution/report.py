"""Report: the flow's tables -> the report tables.

Reads:  `events`, `duplicates`, `scan_sessions`, `scans`, `qr_codes`, `spend`, `fx`, `conversions`, `touches`,
        `credits`, `identity_account`.
Writes: every table of `attribution.reports`, each small.
Rule:   each report is one function of its own module; `PARTS` lists them, with all that each depends on.
Runs on whole tables.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from attribution.report_costs import cost_items, costs_of, costs_of_all, scanned, spend_of
from attribution.report_part import Part
from attribution.reports.assisted_conversions import assisted_conversions
from attribution.reports.campaign_comparison import campaign_comparison
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
from attribution.schemas.people_joined import PeopleJoined
from attribution.settings import Settings
from attribution.stage import Tables

NO_DAYS: Final = (date(1970, 1, 2), date(1970, 1, 1))
"""A range without a day."""
OF_EARNED: Final = ("scan_sessions", "qr_codes", "conversions", "credits")
OF_COSTS: Final = ("scans", "spend", "fx")
CURRENCY: Final = "report.currency"
AS_REPORTED: Final = ("report.model", CURRENCY)
ZONED: Final = (*AS_REPORTED, "report.time_zone")
WITH_COSTS: Final = (*ZONED, "report.allocate_spend")


@dataclass(frozen=True)
class Span:
    """What the reports cover, where that is not all days."""

    days: tuple[date, date] | None = None
    """First and last day, in the reporting zone; None: those of the data."""
    ends_at: datetime | None = None
    """When the last day is over."""
    whole: Tables | None = None
    """The tables of all time, where those given are a period's: a conversion of the period may come from an earlier scan,
    and scans are followed beyond it until they convert, one by one and in cohorts."""


def report(tables: Tables, settings: Settings, span: Span = Span()) -> dict[str, pl.LazyFrame]:
    """Every report table by name.

    Args:
        tables: What the stage reads; only the period's rows, where the reports cover a period.
        settings: Those of the run.
        span: What the reports cover.
    """
    return {name: rows for part in PARTS for name, rows in part.made(tables, settings, span).items()}


def _earned(tables: Tables, settings: Settings, span: Span) -> Tables:
    spend = spend_of(tables, settings)
    costs, campaign_costs = costs_of(tables, spend, settings, is_of_period=span.days is not None)
    sessions, codes, conversions, credited = (tables[name] for name in OF_EARNED)
    scans, cut = scanned(tables), _cut(settings, (span.whole or tables)["scans"])
    return {
        "revenue_per_qr": revenue_per_qr(sessions, scans, codes, conversions, credited, costs, **cut),
        "revenue_per_campaign": revenue_per_campaign(
            sessions, scans, codes, conversions, credited, spend, campaign_costs, **cut
        ),
    }


def _converted(tables: Tables, _: Settings, __: Span) -> Tables:
    conversions = tables["conversions"]
    return {
        "revenue_per_currency": revenue_per_currency(conversions),
        "unattributed_revenue": unattributed_revenue(conversions),
        "unconverted_revenue": unconverted_revenue(conversions),
    }


def _models(tables: Tables, settings: Settings, _: Span) -> Tables:
    of = (tables[name] for name in ("credits", "conversions", "qr_codes"))
    return {"model_comparison": model_comparison(*of, currency=settings.report.currency)}


def _paths(tables: Tables, settings: Settings, _: Span) -> Tables:
    of = (tables["touches"], tables["conversions"], tables["qr_codes"])
    return {
        "top_paths": top_paths(*of, currency=settings.report.currency),
        "assisted_conversions": assisted_conversions(*of),
    }


def _rates(tables: Tables, settings: Settings, span: Span) -> Tables:
    sessions, whole = tables["scan_sessions"], span.whole or tables
    every_session, days = whole["scan_sessions"], settings.conversions.window_days
    return {
        "conversion_lag": conversion_lag(sessions, whole["conversions"], window_days=days, every_session=every_session),
        "conversion_rates": conversion_rates(sessions, tables["conversions"], has_scans=_has_rows(whole["scans"])),
    }


def _how_sure(tables: Tables, settings: Settings, span: Span) -> Tables:
    """The reports that resample people."""
    chosen = settings.report
    costs = costs_of_all(*cost_items(tables, spend_of(tables, settings), settings))
    earned = (tables["credits"], tables["conversions"], tables["scan_sessions"])
    codes, has_scans = tables["qr_codes"], _has_rows((span.whole or tables)["scans"])
    resampled: Any = {"currency": chosen.currency, "seed": chosen.seed, "replicates": chosen.replicates}
    compared: Any = {"model": chosen.model, "has_scans": has_scans} | resampled
    return {
        "revenue_intervals": revenue_intervals(*earned, codes, costs, **resampled),
        "code_comparison": code_comparison(*earned, **compared),
        "campaign_comparison": campaign_comparison(*earned, codes, **compared),
    }


def _people(tables: Tables, _: Settings, __: Span) -> Tables:
    return {"people_joined": PeopleJoined.shaped(tables["identity_account"])}


def _over_time(tables: Tables, settings: Settings, span: Span) -> Tables:
    sessions, scans, codes = tables["scan_sessions"], scanned(tables), tables["qr_codes"]
    earned = (tables["conversions"], tables["credits"])
    zone = settings.report.time_zone
    spend = spend_of(tables, settings)
    first_day, last_day = span.days or days_of_data(sessions, earned[0], spend, time_zone=zone) or NO_DAYS
    zoned: Any = _cut(settings, (span.whole or tables)["scans"]) | {"time_zone": zone}
    return {
        "revenue_over_time": revenue_over_time(
            sessions, scans, *earned, spend, first_day=first_day, last_day=last_day, **zoned
        ),
        "daily_per_qr": daily_per_qr(sessions, scans, codes, *earned, **zoned),
    }


def _traits(tables: Tables, settings: Settings, span: Span) -> Tables:
    whole = span.whole or tables
    earned, every_session = (tables["conversions"], tables["credits"]), whole["scan_sessions"]
    rows = revenue_by_dimension(
        tables["scan_sessions"],
        tables["qr_codes"],
        *earned,
        min_group=settings.audit.min_group,
        every_session=every_session,
        **_cut(settings, whole["scans"]),
    )
    return {"revenue_by_dimension": rows}


def _hours(tables: Tables, settings: Settings, span: Span) -> Tables:
    whole = span.whole or tables
    earned, every_session = (tables["conversions"], tables["credits"]), whole["scan_sessions"]
    zoned: Any = _cut(settings, whole["scans"]) | {"time_zone": settings.report.time_zone}
    rows = scans_by_hour(tables["scan_sessions"], scanned(tables), *earned, every_session=every_session, **zoned)
    return {"scans_by_hour": rows}


def _funnel(tables: Tables, settings: Settings, span: Span) -> Tables:
    of = (tables[name] for name in ("events", "duplicates", "scan_sessions", "conversions"))
    return {"funnel": funnel(*of, steps=settings.report.funnel_steps, ends_at=span.ends_at)}


def _cohorts(tables: Tables, settings: Settings, span: Span) -> Tables:
    whole, chosen = span.whole or tables, settings.report
    followed, every_session = (whole["conversions"], whole["credits"]), whole["scan_sessions"]
    of: Any = {"model": chosen.model, "currency": chosen.currency, "time_zone": chosen.time_zone}
    return {"cohorts": cohorts(tables["scan_sessions"], *followed, every_session=every_session, **of)}


def _cut(settings: Settings, scans: pl.LazyFrame) -> dict[str, Any]:
    chosen = settings.report
    return {"model": chosen.model, "currency": chosen.currency, "has_scans": _has_rows(scans)}


def _has_rows(table: pl.LazyFrame) -> bool:
    return table.head(1).collect().height > 0


PARTS: Final = (
    Part(("revenue_per_qr", "revenue_per_campaign"), (*OF_EARNED, *OF_COSTS), WITH_COSTS, _earned),
    Part(("revenue_per_currency", "unattributed_revenue", "unconverted_revenue"), ("conversions",), (), _converted),
    Part(("model_comparison",), ("credits", "conversions", "qr_codes"), (CURRENCY,), _models),
    Part(("top_paths", "assisted_conversions"), ("touches", "conversions", "qr_codes"), (CURRENCY,), _paths),
    Part(
        ("conversion_lag", "conversion_rates"),
        ("scan_sessions", "conversions", "scans"),
        ("conversions.window_days",),
        _rates,
    ),
    Part(
        ("revenue_intervals", "code_comparison", "campaign_comparison"),
        (*OF_EARNED, *OF_COSTS),
        (*WITH_COSTS, "report.seed", "report.replicates"),
        _how_sure,
    ),
    Part(("people_joined",), ("identity_account",), (), _people),
    Part(("revenue_over_time", "daily_per_qr"), (*OF_EARNED, *OF_COSTS), ZONED, _over_time),
    Part(("revenue_by_dimension",), (*OF_EARNED, "scans"), (*AS_REPORTED, "audit.min_group"), _traits),
    Part(("scans_by_hour",), (*OF_EARNED, "scans"), ZONED, _hours),
    Part(("funnel",), ("events", "duplicates", "scan_sessions", "conversions"), ("report.funnel_steps",), _funnel),
    Part(("cohorts",), OF_EARNED, ZONED, _cohorts),
)
NAMES: Final = tuple(name for part in PARTS for name in part.names)
"""The reports that this stage makes; those of consent and data quality come with the audit."""
