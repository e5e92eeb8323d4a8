"""Figures: each a function of one report table that returns a Plotly figure. One look for all of them."""

from typing import Final

import plotly.graph_objects as go
import polars as pl

from attribution import terms
from attribution.money import format_amount

BLUE: Final = "#0072B2"
GREY: Final = "#999999"
"""Okabe and Ito's colours, which people with colour-blindness can tell apart."""
LAYOUT: Final = {
    "template": "plotly_white",
    "font": {"family": "system-ui, sans-serif", "size": 14},
    "margin": {"l": 8, "r": 24, "t": 56, "b": 48},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "showlegend": False,
}


def revenue_per_qr(report: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """Revenue per QR code as bars, the most at the top, the `unlinked` bucket in grey at the bottom.

    Args:
        report: As `schemas.revenue_per_qr`.
        locale: How money is written in labels and hover text.
    """
    rows = report.reverse()
    currency = report["currency"][0] if report.height else ""
    labels = [row["qr_name"] or row["qr_code_id"] for row in rows.iter_rows(named=True)]
    return go.Figure(
        go.Bar(
            x=rows["revenue"].cast(pl.Float64).to_list(),
            y=labels,
            orientation="h",
            marker_color=[GREY if code == terms.UNLINKED else BLUE for code in rows["qr_code_id"]],
            text=[format_amount(amount, currency, locale) for amount in rows["revenue"]],
            textposition="auto",
            customdata=[_hover(row, locale) for row in rows.iter_rows(named=True)],
            hovertemplate="%{customdata}<extra></extra>",
        ),
        layout=go.Layout(
            **LAYOUT,
            title=f"Revenue per QR code ({currency})",
            height=120 + 34 * report.height,
            xaxis={"title": f"Revenue, {currency}", "tickformat": ",.0f"},
            yaxis={"automargin": True},
        ),
    )


def _hover(row: dict[str, object], locale: str) -> str:
    currency = str(row["currency"])
    lines = [
        f"<b>{row['qr_name'] or row['qr_code_id']}</b>",
        f"Campaign: {row['campaign'] or '–'}",
        f"Revenue: {format_amount(row['revenue'], currency, locale)}",  # type: ignore[arg-type]
        f"Conversions: {row['conversions']:g}",
        f"Scan sessions: {row['scan_sessions']}",
        f"Cost: {format_amount(row['cost'], currency, locale)}",  # type: ignore[arg-type]
    ]
    return "<br>".join(lines)
