"""Spend against return, campaign by campaign."""

import plotly.graph_objects as go
import polars as pl

from attribution.figures.look import (
    BLUE,
    FEW,
    GREY,
    SHOWN,
    laid_out,
    names_axis,
    of_report,
    plain,
    shortened,
    sure,
    told,
    whiskers,
    with_most,
)
from attribution.money import format_amount
from attribution.numbers import format_fixed


def return_on_spend(campaigns: pl.DataFrame, intervals: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """Revenue per unit of spend of each campaign, with its interval; the line is where the spend has just come back. Of
    many campaigns, the `SHOWN` with most revenue. One whose interval is from too few people is marked.

    Args:
        campaigns: As `schemas.revenue_per_campaign`.
        intervals: As `schemas.revenue_intervals`: those of campaigns under the report's model are drawn.
        locale: How money and counts are written.

    Raises:
        ValueError: The intervals are all of other models.
    """
    bounds = of_report(intervals, campaigns, "campaign").select("campaign", "roas_low", "roas_high", "too_few")
    known = campaigns.filter(pl.col("roas").is_not_null()).with_columns(pl.col("campaign").fill_null("no campaign"))
    earned_most = known.sort("revenue", "campaign", descending=[True, False]).head(SHOWN)
    rows = earned_most.join(bounds, on="campaign", how="left").sort("roas", "campaign")
    currency, model = told(campaigns, "currency"), told(campaigns, "model")
    names, marked = rows["campaign"].to_list(), rows.select("campaign", "too_few").rows()
    hover = [
        f"<b>{plain(row['campaign'])}</b><br>Revenue: {format_amount(row['revenue'], currency, locale)}"
        f"<br>Cost: {format_amount(row['cost'], currency, locale)}<br>ROAS: {format_fixed(row['roas'], 2, locale)}"
        for row in rows.iter_rows(named=True)
    ]
    title = with_most(f"Return on spend (ROAS), {model}", known.height, locale)
    figure = go.Figure(
        go.Scatter(
            x=rows["roas"].to_list(),
            y=names,
            mode="markers",
            marker={"size": 13, "color": BLUE},
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
        ),
        layout=laid_out(
            title,
            150 + 34 * rows.height,
            locale,
            xaxis={"title": "ROAS", "rangemode": "tozero"},
            yaxis=names_axis(names, [shortened(name) + FEW * bool(few) for name, few in marked]),
        ),
    )
    lines = whiskers(rows, "roas", "campaign")
    figure.add_traces(lines).update_layout(sure(title, lines))
    figure.add_vline(x=1, line_dash="dash", line_color=GREY)
    return figure
