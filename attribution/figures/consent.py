"""Consent over time."""

import plotly.graph_objects as go
import polars as pl

from attribution import terms
from attribution.figures.look import LEGEND, PALETTE, laid_out


def consent_by_day(shares: pl.DataFrame) -> go.Figure:
    """The share of scan sessions under each consent, by day; days too small to show are gaps.

    Args:
        shares: The rows of `schemas.consent_shares` of the dimension `day`.
    """
    figure = go.Figure(
        layout=laid_out(
            "Scan sessions by consent",
            360,
            barmode="stack",
            xaxis={"title": "Day"},
            yaxis={"title": "Share, %", "range": [0, 100]},
            **LEGEND,
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
