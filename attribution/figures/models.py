"""The attribution models beside each other."""

import plotly.graph_objects as go
import polars as pl

from attribution.figures.look import (
    GREY,
    LEGEND_HEIGHT,
    MONEY,
    PALETTE,
    SHOWN,
    SYMBOLS,
    bars_height,
    floats,
    laid_out,
    legend,
    names_axis,
    plain,
    shortened,
    told,
    with_most,
)
from attribution.money import format_amount


def model_comparison(report: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """Revenue per QR code under every model as dumbbells: a mark per model, and a bar from the least to the most, so that
    a long bar is a warning. Of many codes, the `SHOWN` with most revenue under any model.

    Args:
        report: As `schemas.model_comparison`.
        locale: How money and counts are written.
    """
    currency = told(report, "currency")
    codes = (
        report.group_by("qr_code_id")
        .agg(pl.col("revenue").max())
        .sort("revenue", "qr_code_id")
        .tail(SHOWN)["qr_code_id"]
        .to_list()
    )
    rows = report.filter(pl.col("qr_code_id").is_in(codes))
    labels = {code: name or code for code, name in rows.select("qr_code_id", "qr_name").unique().rows()}
    height = bars_height(len(codes)) + LEGEND_HEIGHT
    figure = go.Figure(
        layout=laid_out(
            with_most(f"Revenue under every model ({currency})", report["qr_code_id"].n_unique(), locale),
            height,
            locale,
            xaxis={"title": f"Revenue, {currency}", "tickformat": MONEY},
            yaxis=names_axis(codes, [shortened(labels[code]) for code in codes])
            | {"categoryorder": "array", "categoryarray": codes},
            **legend(),
        )
    )
    spread = rows.group_by("qr_code_id", maintain_order=True).agg(
        least=pl.col("revenue").min(), most=pl.col("revenue").max()
    )
    figure.add_scatter(
        x=[
            end
            for least, most in zip(floats(spread, "least"), floats(spread, "most"), strict=True)
            for end in (least, most, None)
        ],
        y=[place for code in spread["qr_code_id"] for place in (code, code, None)],
        mode="lines",
        line={"color": GREY, "width": 3},
        hoverinfo="skip",
        showlegend=False,
    )
    for place, (model, mine) in enumerate(rows.group_by("model", maintain_order=True)):
        figure.add_scatter(
            x=floats(mine, "revenue"),
            y=mine["qr_code_id"].to_list(),
            mode="markers",
            name=str(model[0]),
            marker={"size": 11, "color": PALETTE[place % len(PALETTE)], "symbol": SYMBOLS[place % len(SYMBOLS)]},
            text=[
                f"{plain(labels[code])}<br>{model[0]}: {format_amount(amount, currency, locale)}"
                for code, amount in mine.select("qr_code_id", "revenue").rows()
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    return figure
