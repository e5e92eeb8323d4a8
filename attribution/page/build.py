"""Puts the page together: headline numbers, figure, tables, ledger. All numbers come from the report tables."""

import html
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from attribution import figures, terms
from attribution.money import format_amount
from attribution.page import how_sure
from attribution.page.parts import drawn, filled, tile_list, whole_page
from attribution.page.tables import table
from attribution.settings import Settings

Reports = Mapping[str, pl.DataFrame]


def metrics(per_qr: pl.DataFrame, ledger: Mapping[str, Any]) -> dict[str, Any]:
    """The headline numbers as plain JSON: what `dvc metrics show` prints. Money is decimal text.

    Args:
        per_qr: As `schemas.revenue_per_qr`.
        ledger: As `attribution.ledger.ledger` gives it.
    """
    earned = per_qr.filter(pl.col("qr_code_id") != terms.UNLINKED)
    rows = ledger["rows"]
    return {
        "revenue": str(sum(earned["revenue"], Decimal(0))),
        "revenue_unlinked": str(sum(per_qr["revenue"], Decimal(0)) - sum(earned["revenue"], Decimal(0))),
        "conversions": earned["conversions"].sum(),
        "scan_sessions": per_qr["scan_sessions"].sum(),
        "qr_codes": earned.height,
        "rows_read": rows["read"],
        "rows_analysed": rows["analysed"],
        "rows_rejected": rows["malformed"] + rows["quarantined"],
        "rows_duplicate": rows["duplicates"],
        "balanced": ledger["balanced"],
    }


def page(reports: Reports, ledger: Mapping[str, Any], settings: Settings, notebooks: Sequence[str] = ()) -> str:
    """The whole page as HTML.

    Args:
        reports: Report tables by name.
        ledger: As `attribution.ledger.ledger` gives it.
        settings: Those of the run.
        notebooks: Names of the executed notebooks beside the page, to link to.
    """
    per_qr = reports["revenue_per_qr"]
    currency, locale, model = settings.report.currency, settings.report.locale, settings.report.model
    campaigns = how_sure.per_campaign(reports, model)
    main = filled(
        "report.html",
        tiles=_tiles(per_qr, ledger, currency, locale),
        figure=drawn(figures.revenue_per_qr(per_qr, locale, _bounds(reports, model)), with_library=True),
        returns=drawn(figures.return_on_spend(campaigns, locale)),
        per_campaign=table(campaigns, how_sure.CAMPAIGN_COLUMNS, currency, locale),
        sure=table(how_sure.per_code(reports, model), how_sure.COLUMNS, currency, locale),
        comparison=drawn(figures.model_comparison(reports["model_comparison"], currency, locale)),
        lag=drawn(figures.conversion_lag(reports["conversion_lag"])),
        paths=table(reports["top_paths"].head(TOP), PATHS, currency, locale),
        per_qr=table(per_qr, PER_QR, currency, locale),
        unattributed=table(reports["unattributed_revenue"], UNATTRIBUTED, currency, locale),
        unconverted=_unconverted(reports["unconverted_revenue"], locale),
        quality=table(reports["data_quality"], QUALITY, currency, locale),
        ledger=_ledger(ledger),
        notebooks=_links(notebooks),
        currency=html.escape(currency),
    )
    lead = (
        f"Model <strong>{html.escape(model)}</strong> · money in <strong>{html.escape(currency)}</strong> at each day's rate · "
        f"attribution window <strong>{settings.conversions.window_days} days</strong> · times in "
        f'<strong>{html.escape(settings.report.time_zone)}</strong> · <a href="audit.html">Audit</a>'
    )
    footer = (
        "These figures say which scans came before which conversions; they do not prove that the scans caused them."
    )
    return whole_page("What did each QR code earn?", lead, main, footer, locale)


PER_QR = {
    "qr_name": "QR code",
    "campaign": "Campaign",
    "scans": "Scans",
    "scan_sessions": "Sessions",
    "conversions": "Conversions",
    "conversions_per_session_pct": "Conv. per session, %",
    "revenue": "Revenue",
    "revenue_per_scan": "Revenue per scan",
    "cost": "Cost",
    "roas": "ROAS",
    "roi": "ROI",
    "cost_per_conversion": "Cost per conv.",
}
UNATTRIBUTED = {
    "unattributed_reason": "Reason",
    "tie": "Tie",
    "currency": "Currency",
    "conversions": "Conversions",
    "refunds": "Refunds",
    "amount": "Amount",
    "amount_reporting": "In reporting currency",
}
PATHS = {
    "path": "Journey, oldest scan first",
    "touches": "Scans",
    "conversions": "Conversions",
    "revenue": "Revenue",
    "median_days": "Days, median",
}
TOP = 10
QUALITY = {
    "stage": "Stage",
    "rule": "Rule",
    "severity": "Severity",
    "column": "Field",
    "rows": "Rows",
    "files": "Files",
}


def _bounds(reports: Reports, model: str) -> pl.DataFrame:
    return reports["revenue_intervals"].filter(pl.col("model") == model, pl.col("scope") == "qr_code")


def _tiles(per_qr: pl.DataFrame, ledger: Mapping[str, Any], currency: str, locale: str) -> str:
    headline = metrics(per_qr, ledger)
    rows = ledger["rows"]
    tiles = [
        ("Revenue attributed", format_amount(Decimal(headline["revenue"]), currency, locale), "to QR codes"),
        ("Conversions", f"{headline['conversions']:,.6g}", f"from {headline['scan_sessions']:,} scan sessions"),
        (
            "QR code unknown",
            format_amount(Decimal(headline["revenue_unlinked"]), currency, locale),
            "the unlinked bucket",
        ),
        ("Rows analysed", f"{rows['analysed']:,}", f"of {rows['read']:,} read"),
        ("Ledger", "balanced" if ledger["balanced"] else "DOES NOT BALANCE", "every row and every cent"),
    ]
    return tile_list(tiles)


def _unconverted(report: pl.DataFrame, locale: str) -> str:
    if not report.height:
        return "<p>All money could be converted.</p>"
    names = {"qr_code_id": "QR code", "currency": "Currency", "conversions": "Conversions", "amount": "Amount"}
    return table(report, names, "", locale)


def _links(notebooks: Sequence[str]) -> str:
    if not notebooks:
        return ""
    items = "".join(
        f'<li><a href="notebooks/{name}.html">{html.escape(name.replace("_", " "))}</a></li>' for name in notebooks
    )
    return f'<section aria-labelledby="notebooks"><h2 id="notebooks">Notebooks</h2><ul>{items}</ul></section>'


def _ledger(ledger: Mapping[str, Any]) -> str:
    rows = ledger["rows"]
    parts = [
        ("read", rows["read"]),
        ("malformed", rows["malformed"]),
        ("quarantined", rows["quarantined"]),
        ("duplicates", rows["duplicates"]),
        *((f"excluded: {reason}", count) for reason, count in rows["excluded"].items()),
        ("analysed", rows["analysed"]),
    ]
    listed = "".join(f'<tr><th scope="row">{name}</th><td class="number">{count:,}</td></tr>' for name, count in parts)
    checks = "".join(
        f"<li>{'✓' if check['holds'] else '✗'} {html.escape(check['name'])}: {check['left']} = {check['right']}</li>"
        for check in ledger["checks"]
    )
    return f'<table class="ledger"><tbody>{listed}</tbody></table><ul class="checks">{checks}</ul>'
