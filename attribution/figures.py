"""Figures: each a function of one report table that returns a Plotly figure. One look for all of them."""

from typing import Final

import plotly.graph_objects as go
import polars as pl

from attribution import terms
from attribution.money import format_amount

BLUE: Final = "#0072B2"
GREY: Final = "#999999"
INK: Final = "#444444"
PALETTE: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
"""Okabe and Ito's colours, which people with colour-blindness can tell apart."""
SYMBOLS: Final = ("circle", "diamond", "square", "x", "triangle-up", "cross", "star", "triangle-down")
"""A second sign beside colour, for print and for the colour-blind."""
SHOWN: Final = 20
"""QR codes in a figure that has a line per code; the table has them all."""
LAYOUT: Final = {
    "template": "plotly_white",
    "font": {"family": "system-ui, sans-serif", "size": 14},
    "margin": {"l": 8, "r": 24, "t": 56, "b": 48},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "showlegend": False,
}


def revenue_per_qr(report: pl.DataFrame, locale: str = "en_US", intervals: pl.DataFrame | None = None) -> go.Figure:
    """Revenue per QR code as bars, the most at the top, the `unlinked` bucket in grey at the bottom.

    Args:
        report: As `schemas.revenue_per_qr`.
        locale: How money is written in labels and hover text.
        intervals: The QR codes' rows of one model, as `schemas.revenue_intervals`; None draws no whiskers.
    """
    rows = report.reverse()
    if intervals is not None:
        bounds = intervals.select("qr_code_id", "revenue_low", "revenue_high")
        rows = rows.join(bounds, on="qr_code_id", how="left", maintain_order="left")
    currency = report["currency"][0] if report.height else ""
    labels = [row["qr_name"] or row["qr_code_id"] for row in rows.iter_rows(named=True)]
    return go.Figure(
        go.Bar(
            x=rows["revenue"].cast(pl.Float64).to_list(),
            y=labels,
            orientation="h",
            marker_color=[GREY if code == terms.UNLINKED else BLUE for code in rows["qr_code_id"]],
            text=[format_amount(amount, currency, locale) for amount in rows["revenue"]],
            textposition="inside" if intervals is not None else "auto",
            customdata=[_hover(row, locale) for row in rows.iter_rows(named=True)],
            hovertemplate="%{customdata}<extra></extra>",
            error_x=_whiskers(rows, "revenue") if intervals is not None else None,
        ),
        layout=go.Layout(
            **LAYOUT,
            title=f"Revenue per QR code ({currency})",
            height=120 + 34 * report.height,
            xaxis={"title": f"Revenue, {currency}", "tickformat": ",.0f"},
            yaxis={"automargin": True},
        ),
    )


def _whiskers(rows: pl.DataFrame, measure: str) -> dict[str, object]:
    """Error bars from a measure to its `…_low` and `…_high`; none where these are not known."""
    value, low, high = (pl.col(name).cast(pl.Float64) for name in (measure, f"{measure}_low", f"{measure}_high"))
    return {
        "type": "data",
        "symmetric": False,
        "array": rows.select((high - value).fill_null(0)).to_series().to_list(),
        "arrayminus": rows.select((value - low).fill_null(0)).to_series().to_list(),
        "color": INK,
        "thickness": 1.5,
    }


def return_on_spend(campaigns: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """Revenue per unit of spend of each campaign, with its interval; the line is where the spend has just come back.

    Args:
        campaigns: As `page.how_sure.per_campaign` gives it.
        locale: How money is written in hover text.
    """
    rows = campaigns.filter(pl.col("roas").is_not_null()).sort("roas")
    currency = campaigns["currency"][0] if campaigns.height else ""
    hover = [
        f"<b>{row['campaign']}</b><br>Revenue: {format_amount(row['revenue'], currency, locale)}"
        f"<br>Cost: {format_amount(row['cost'], currency, locale)}<br>ROAS: {row['roas']:.2f}"
        for row in rows.iter_rows(named=True)
    ]
    figure = go.Figure(
        go.Scatter(
            x=rows["roas"].to_list(),
            y=rows["campaign"].to_list(),
            mode="markers",
            marker={"size": 13, "color": BLUE},
            error_x=_whiskers(rows, "roas"),
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
        ),
        layout=go.Layout(
            **LAYOUT,
            title="Revenue per unit of spend (ROAS)",
            height=150 + 34 * rows.height,
            xaxis={"title": "ROAS", "rangemode": "tozero"},
            yaxis={"automargin": True},
        ),
    )
    figure.add_vline(x=1, line_dash="dash", line_color=GREY)
    return figure


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


def model_comparison(report: pl.DataFrame, currency: str, locale: str = "en_US") -> go.Figure:
    """Revenue per QR code under every model: a dot per model on one line per code, so that a wide line is a warning.

    Args:
        report: As `reports.model_comparison` gives it.
        currency: The reporting currency.
        locale: How money is written in hover text.
    """
    codes = (
        report.group_by("qr_code_id").agg(pl.col("revenue").max()).sort("revenue").tail(SHOWN)["qr_code_id"].to_list()
    )
    rows = report.filter(pl.col("qr_code_id").is_in(codes))
    labels = {code: name or code for code, name in rows.select("qr_code_id", "qr_name").unique().rows()}
    figure = go.Figure(
        layout=go.Layout(
            **{**LAYOUT, "showlegend": True},
            title=f"Revenue per QR code under every model ({currency})",
            height=170 + 34 * len(codes),
            xaxis={"title": f"Revenue, {currency}", "tickformat": ",.0f"},
            yaxis={"automargin": True, "categoryorder": "array", "categoryarray": [labels[code] for code in codes]},
            legend={"orientation": "h", "y": -0.25},
        )
    )
    for place, (model, mine) in enumerate(rows.group_by("model", maintain_order=True)):
        figure.add_scatter(
            x=mine["revenue"].cast(pl.Float64).to_list(),
            y=[labels[code] for code in mine["qr_code_id"]],
            mode="markers",
            name=str(model[0]),
            marker={"size": 11, "color": PALETTE[place % len(PALETTE)], "symbol": SYMBOLS[place % len(SYMBOLS)]},
            text=[format_amount(amount, currency, locale) for amount in mine["revenue"]],
            hovertemplate="%{y}<br>" + str(model[0]) + ": %{text}<extra></extra>",
        )
    return figure


def conversion_lag(report: pl.DataFrame) -> go.Figure:
    """The share of scan sessions that have converted, by days since the scan; recent scans count while observed.

    Args:
        report: As `reports.conversion_lag` gives it.
    """
    return go.Figure(
        go.Scatter(
            x=report["day"].to_list(),
            y=report["converted_share"].to_list(),
            mode="lines",
            line={"shape": "hv", "color": BLUE, "width": 3},
            customdata=report["sessions_at_risk"].to_list(),
            hovertemplate="by the end of day %{x}: %{y:.2%}<br>%{customdata:,} sessions observed<extra></extra>",
        ),
        layout=go.Layout(
            **LAYOUT,
            title="How long after the scan people convert",
            height=340,
            xaxis={"title": "Days since the scan"},
            yaxis={"title": "Sessions converted", "tickformat": ".1%", "rangemode": "tozero"},
        ),
    )


def consent_by_day(shares: pl.DataFrame) -> go.Figure:
    """The share of scan sessions under each consent, by day; days too small to show are gaps.

    Args:
        shares: The rows of `schemas.consent_shares` of the dimension `day`.
    """
    figure = go.Figure(
        layout=go.Layout(
            **{**LAYOUT, "showlegend": True},
            title="Scan sessions by consent",
            height=360,
            barmode="stack",
            xaxis={"title": "Day"},
            yaxis={"title": "Share, %", "range": [0, 100]},
            legend={"orientation": "h", "y": -0.25},
        )
    )
    for place, consent in enumerate(reversed(terms.STRICTEST_FIRST)):
        mine = shares.filter(pl.col("consent") == consent, ~pl.col("is_suppressed"))
        figure.add_bar(
            x=mine["value"].to_list(),
            y=mine["scan_sessions_pct"].to_list(),
            name=consent,
            marker_color=PALETTE[place],
            hovertemplate="%{x}: %{y:.1f} % " + consent + "<extra></extra>",
        )
    return figure
