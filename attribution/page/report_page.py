"""Puts the report's page together. All numbers come from the report tables."""

import html
from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl

from attribution.code_names import told_apart
from attribution.figures.drawn import every_figure
from attribution.numbers import format_number
from attribution.page import columns, how_sure
from attribution.page.account import account
from attribution.page.campaigns_told import verdicts
from attribution.page.explore import campaign_options, explored
from attribution.page.headline import answers
from attribution.page.how_sure import changed
from attribution.page.parts import drawn, filled, whole_page
from attribution.page.tables import table
from attribution.page.tiles import tiles
from attribution.periods import ALL
from attribution.settings import Settings

Reports = Mapping[str, pl.DataFrame]
Figures = Mapping[str, go.Figure]
TOP: Final = 10
DAYS_SHOWN: Final = 366
PAYBACK: Final = "payback_day"
SAID: Final = {
    "cost_of_code": "A code's cost, ROAS and ROI cover its own spend and fixed cost, and its campaign's spend if it is the "
    "only code there. Spend on a campaign of several codes is assigned to none of them, unless report.allocate_spend in the "
    "settings distributes it.",
    "paid_back": "<b>Paid back on</b>: the day from which revenue to date covers cost to date, and keeps covering it to the "
    "end of the data. A dash means not yet, or no known cost.",
    "cost": "Spend and fixed cost, at each day's rate. A dash means none is known.",
    "of_cohorts": "",
    "when_lost": "All days count, even those after the last one named at the top of the page.",
}
"""What the page says of costs, and of the days that count."""
SAID_OF_A_PERIOD: Final = {
    "cost_of_code": "A code's cost, ROAS and ROI cover its own spend in the period, and its campaign's if it is the only "
    "code there. Spend on a campaign of several codes is assigned to none of them, unless report.allocate_spend in the "
    "settings distributes it. "
    "Fixed costs are not tied to a period and are left out.",
    "paid_back": "Fixed costs of QR codes are left out.",
    "cost": "Spend in the period, at each day's rate; fixed costs are left out. A dash means none is known.",
    "of_cohorts": " In the first and the last week, only scans on days of the period count.",
    "when_lost": "Days of the period only.",
}
FOOTER: Final = (
    "These figures show which scans came before which conversions; they do not prove that the scans caused them."
)


def page(
    reports: Reports,
    ledger: Mapping[str, Any],
    settings: Settings,
    notebooks: Sequence[str] = (),
    *,
    period: str = "",
    told: Mapping[str, Any] | None = None,
) -> str:
    """The whole page as HTML.

    Args:
        reports: Report tables by name.
        ledger: As `attribution.ledger.ledger` gives it.
        settings: Those of the run.
        notebooks: Names of the executed notebooks beside the page, to link to.
        period: The period that the report is of, in words, for a page in `scheduled/<period>`; empty: all the data.
        told: The summary of that period, as `attribution.schedule.summary` gives it.
    """
    reports = told_apart(reports)
    shown = every_figure(reports, settings)
    of_period = told is not None and told["period"]["name"] != ALL
    main = filled(
        "report.html",
        **_answers(reports, ledger, settings, told),
        **_revenue(reports, settings, shown, of_period=of_period),
        **_time_and_traits(reports, settings, shown),
        **_models(reports, settings, shown),
        **_accounts(reports, ledger, settings),
        **{name: (SAID_OF_A_PERIOD if of_period else SAID)[name] for name in ("of_cohorts", "when_lost")},
        notebooks=_links(notebooks),
        files=_files(reports, settings.report.locale),
        words=_words(settings, of_period=of_period),
        currency=html.escape(settings.report.currency),
        min_group=settings.audit.min_group,
        audit="../../reports/audit.html" if period else "audit.html",
    )
    return whole_page("What did each QR code earn?", _lead(reports, settings, period), main, FOOTER)


def _lead(reports: Reports, settings: Settings, period: str) -> str:
    days = reports["daily_per_qr"]["day"]
    span = period or (" to ".join(str(day) for day in (days.min(), days.max())) if days.len() else "no day")
    parts = [
        f"<strong>{html.escape(span)}</strong>, days in <strong>{html.escape(settings.report.time_zone)}</strong>",
        f"model <strong>{html.escape(settings.report.model)}</strong>",
        f"money in <strong>{html.escape(settings.report.currency)}</strong> at each day's rate",
        f"attribution window <strong>{settings.conversions.window_days} days</strong>",
    ]
    if period:
        parts.append("rows, ledger and data quality cover the whole run")
    return " · ".join(parts)


def _answers(
    reports: Reports, ledger: Mapping[str, Any], settings: Settings, told: Mapping[str, Any] | None
) -> dict[str, str]:
    money = (settings.report.currency, settings.report.locale)
    daily = reports["daily_per_qr"]
    return {
        "tiles": tiles(reports, ledger, *money, told=told),
        "answers": answers(reports, ledger, settings.report.model, *money, told=told),
        "daily": explored(daily, reports["revenue_per_qr"], *money),
        "campaigns": campaign_options(daily),
        "first_day": str(daily["day"].min() or ""),
        "last_day": str(daily["day"].max() or ""),
    }


def _revenue(reports: Reports, settings: Settings, shown: Figures, *, of_period: bool) -> dict[str, str]:
    money = (settings.report.currency, settings.report.locale)
    costs, hidden = (SAID_OF_A_PERIOD, PAYBACK) if of_period else (SAID, None)
    of_code, of_campaign = (
        {name: heading for name, heading in listed.items() if name != hidden}
        for listed in (columns.PER_QR, how_sure.CAMPAIGN_COLUMNS)
    )
    model, per_qr = settings.report.model, changed(reports, "revenue_per_qr")
    campaigns = how_sure.per_campaign(reports, model)
    return {
        "figure": drawn("revenue_per_qr", shown["revenue_per_qr"], with_library=True),
        "per_qr": table(per_qr, of_code, *money),
        "sure": table(how_sure.per_code(reports, model), how_sure.headings(reports), *money),
        "returns": drawn("return_on_spend", shown["return_on_spend"]),
        "campaign_verdicts": verdicts(reports, settings.report.locale),
        "per_campaign": table(campaigns, of_campaign, *money),
        "visit": how_sure.visit(reports),
        "cost_of_code": costs["cost_of_code"],
        "paid_back": costs["paid_back"],
    }


def _time_and_traits(reports: Reports, settings: Settings, shown: Figures) -> dict[str, str]:
    money = (settings.report.currency, settings.report.locale)
    times, traits = reports["revenue_over_time"], changed(reports, "revenue_by_dimension")

    def per(grain: str) -> str:
        return table(times.filter(pl.col("grain") == grain).tail(DAYS_SHOWN), columns.OVER_TIME, *money)

    folded = [
        _folded(
            heading, table(traits.filter(pl.col("dimension") == name), columns.DIMENSION | {"value": heading}, *money)
        )
        for name, heading in columns.DIMENSIONS.items()
    ]
    return {
        "over_time": drawn("revenue_over_time", shown["revenue_over_time"]),
        "grains": _folded("By month", per("month")) + _folded("By week", per("week")) + _folded("By day", per("day")),
        "countries": drawn("revenue_by_country", shown["revenue_by_country"]),
        "devices": drawn("revenue_by_device", shown["revenue_by_device"]),
        "traits": "".join(folded),
        "hours": drawn("scans_by_hour", shown["scans_by_hour"]),
        "funnel_figure": drawn("funnel", shown["funnel"]),
        "funnel": table(changed(reports, "funnel"), columns.FUNNEL, *money),
        "cohorts": drawn("cohorts", shown["cohorts"]),
    }


def _models(reports: Reports, settings: Settings, shown: Figures) -> dict[str, str]:
    money = (settings.report.currency, settings.report.locale)
    by_model = how_sure.per_model(reports, settings.report.model)
    models = {name: name for name in by_model.columns if name not in how_sure.OF_CODE}
    return {
        "comparison": drawn("model_comparison", shown["model_comparison"]),
        "by_model": _folded(
            "Every QR code under every model", table(by_model, how_sure.MODEL_COLUMNS | models, *money)
        ),
        "journeys": drawn("journeys", shown["journeys"]),
        "paths": table(changed(reports, "top_paths").head(TOP), columns.PATHS, *money),
        "top": str(TOP),
        "assisted": table(changed(reports, "assisted_conversions"), columns.ASSISTED, *money),
        "lag": drawn("conversion_lag", shown["conversion_lag"]),
    }


def _accounts(reports: Reports, ledger: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    money = (settings.report.currency, settings.report.locale)
    unconverted, joined = reports["unconverted_revenue"], reports["people_joined"]
    uncounted = reports["uncounted_revenue"]
    return {
        "unattributed": table(changed(reports, "unattributed_revenue"), columns.UNATTRIBUTED, *money),
        "unconverted": table(unconverted, columns.UNCONVERTED, "", settings.report.locale)
        if unconverted.height
        else "<p>All amounts could be converted.</p>",
        "quality": table(reports["data_quality"], columns.QUALITY, *money),
        "uncounted": table(uncounted, columns.UNCOUNTED, "", settings.report.locale)
        if uncounted.height
        else "<p>No copy, test or fraud row carries money.</p>",
        "joined": "<h3>People joined across devices</h3>" + table(joined, columns.JOINED, *money)
        if joined.height
        else "",
        "ledger": account(ledger, settings.report.locale),
    }


def _words(settings: Settings, *, of_period: bool) -> str:
    """What the words on the page mean, with the settings of the run."""
    chosen, converts = settings.report, settings.conversions
    said = {
        "time_zone": chosen.time_zone,
        "model": chosen.model,
        "currency": chosen.currency,
        "event_names": ", ".join(converts.event_names),
        "valued": ", or any with a value" if converts.with_value else "",
        "window_days": converts.window_days,
        "clock_skew_minutes": converts.clock_skew_minutes,
        "min_group": settings.audit.min_group,
        "cost": (SAID_OF_A_PERIOD if of_period else SAID)["cost"],
    }
    return filled("words.html", **{name: html.escape(str(value)) for name, value in said.items()})


def _folded(heading: str, content: str) -> str:
    return f"<details><summary>{html.escape(heading)}</summary>{content}</details>"


def _links(notebooks: Sequence[str]) -> str:
    if not notebooks:
        return ""
    items = "".join(f'<li><a href="notebooks/{name}.html">{_titled(name)}</a></li>' for name in notebooks)
    return f"<h3>Notebooks</h3><ul>{items}</ul>"


def _files(reports: Reports, locale: str) -> str:
    """Every report with the links to its files."""
    rows = "".join(
        f'<tr><th scope="row">{_titled(name)}</th><td class="number">{format_number(report.height, locale)}</td>'
        f'<td><a href="{name}.csv" aria-label="{_titled(name)}, CSV">CSV</a></td>'
        f'<td><a href="{name}.parquet" aria-label="{_titled(name)}, Parquet">Parquet</a></td></tr>'
        for name, report in reports.items()
    )
    head = '<tr><th scope="col">Report</th><th scope="col" class="number">Rows</th><th scope="col" colspan="2">Files</th></tr>'
    return f'<table class="ledger"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def _titled(name: str) -> str:
    """A file's name in words."""
    said = name.replace("_", " ").replace("qr", "QR").replace("roi", "ROI")
    return html.escape(said[:1].upper() + said[1:])
