"""The attribution models beside each other."""

import plotly.graph_objects as go
import polars as pl

from attribution.figures.look import LAYOUT, PALETTE, SHOWN, SYMBOLS
from attribution.money import format_amount


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
