"""Report tables as HTML: money for the locale, a dash for what is not known; page.js makes their headings sort them."""

import html
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

import polars as pl

from attribution import terms
from attribution.money import format_amount
from attribution.numbers import format_number, format_percent

SHARES = ("roi",)
OF_SCANS = ("scans", "revenue_per_scan", "cost_per_scan")
"""Columns that nothing is known of without a scan export: they are left out then."""


def table(report: pl.DataFrame, names: Mapping[str, str], currency: str, locale: str) -> str:
    """The report's columns that `names` lists, under those headings.

    Args:
        report: Any report table; its own `currency` column says what money is in, else `currency` does.
        names: Column -> heading.
        currency: Of money columns in a report without a `currency` column, and of `…_reporting` columns.
        locale: How numbers are written.
    """
    if not report.height:
        return "<p>Nothing to list.</p>"
    columns = [name for name in names if name in report.columns and not _lacks_scans(report, name)]
    is_number = {name: report.schema[name].is_numeric() for name in columns}
    head = "".join(f'<th scope="col"{_number(is_number[name])}>{html.escape(names[name])}</th>' for name in columns)
    shown = {
        name: partial(_cell, name=name, is_number=is_number[name], currency=currency, locale=locale) for name in columns
    }
    first, *others = columns
    body = "".join(
        f"<tr>{_headed(shown[first](row))}{''.join(shown[name](row) for name in others)}</tr>"
        for row in report.iter_rows(named=True)
    )
    label = html.escape(", ".join(names[name] for name in columns[:3]))
    inner = f'<table class="sortable"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{inner}</div>'


def _lacks_scans(report: pl.DataFrame, name: str) -> bool:
    return name in OF_SCANS and "scans" in report.columns and report["scans"].is_null().all()


def _number(is_number: bool) -> str:  # noqa: FBT001
    return ' class="number"' if is_number else ""


def _headed(cell: str) -> str:
    """The cell as the heading of its row."""
    return f'<th scope="row"{cell.removeprefix("<td").removesuffix("</td>")}</th>'


def _cell(row: Mapping[str, object], *, name: str, is_number: bool, currency: str, locale: str) -> str:
    value = row[name]
    if name == "qr_name" and value is None:
        value = row["qr_code_id"] if row["qr_code_id"] != terms.UNLINKED else terms.NO_CODE
    own = row.get("currency") if not name.endswith("_reporting") else None
    text = _text(value, name, str(own or currency), locale)
    key = f' data-value="{value}"' if is_number and value is not None else ""
    shown = html.escape(text)
    return f"<td{_number(is_number)}{key}>{shown if is_number else f'<div>{shown}</div>'}</td>"


def _text(value: object, name: str, currency: str, locale: str) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format_amount(value, currency, locale)
    if isinstance(value, float):
        return format_percent(value, locale) if name in SHARES else format_number(value, locale)
    return format_number(value, locale) if isinstance(value, int) else str(value)
