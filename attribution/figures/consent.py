"""Consent over time."""

import plotly.graph_objects as go
import polars as pl

from attribution import terms
from attribution.figures.look import GREY, PALETTE, laid_out, legend

HEIGHT = 380
HIDDEN = "too few to show"


def consent_by_day(shares: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """The share of scan sessions under each consent, by day, and of those in groups too small to show. A session whose rows
    say several words counts under each.

    Args:
        shares: The rows of `schemas.consent_shares` of the dimension `day`.
        locale: How numbers are written.
    """
    figure = go.Figure(
        layout=laid_out(
            "Scan sessions by consent",
            HEIGHT,
            locale,
            barmode="stack",
            yaxis={"title": "Share, %", "range": [0, 100]},
            **legend(title_below=0),
        )
    )
    for place, consent in enumerate(reversed(terms.STRICTEST_FIRST)):
        mine = shares.filter(pl.col("consent") == consent, ~pl.col("is_suppressed"))
        figure.add_bar(
            x=mine["value"].to_list(),
            y=mine["scan_sessions_pct"].to_list(),
            name=consent,
            marker_color=PALETTE[place],
            hovertemplate="%{x}: %{y:.1f}% " + consent + "<extra></extra>",
        )
    shown = pl.col("scan_sessions_pct").filter(~pl.col("is_suppressed")).sum()
    few = shares.group_by("value", maintain_order=True).agg(left=100 - shown, is_any=pl.col("is_suppressed").any())
    hidden = few.filter("is_any")
    figure.add_bar(
        x=hidden["value"].to_list(),
        y=hidden["left"].to_list(),
        name=HIDDEN,
        marker_color=GREY,
        hovertemplate="%{x}: " + HIDDEN + "<extra></extra>",
    )
    return figure
