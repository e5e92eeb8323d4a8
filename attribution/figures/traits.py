"""Where and on what people scanned, and how far they got."""

import plotly.graph_objects as go
import polars as pl

from attribution.figures.look import BLUE, GREY, MONEY, bars_height, floats, hold, laid_out, names_axis, plain, told
from attribution.money import format_amount
from attribution.numbers import format_number


def revenue_by_dimension(
    report: pl.DataFrame, dimension: str, title: str, locale: str = "en_US", most: int = 10
) -> go.Figure:
    """Revenue by one dimension as bars, the most at the top; `Unknown` and `Other` in grey.

    Args:
        report: As `schemas.revenue_by_dimension`.
        dimension: One of its dimensions.
        title: The figure's title.
        locale: How money and counts are written.
        most: How many values are drawn.

    Raises:
        ValueError: There is no such dimension.
    """
    rows = report.filter(pl.col("dimension") == dimension).head(most).reverse()
    if rows.is_empty():
        from attribution.schemas.revenue_by_dimension import DIMENSIONS

        hold(dimension, "dimension", DIMENSIONS)
    currency = told(report, "currency")
    names = rows["value"].to_list()
    hover = [
        f"<b>{plain(row['value'])}</b><br>{format_amount(row['revenue'], currency, locale)}"
        f"<br>{format_number(row['conversions'], locale)} conversions"
        f"<br>{format_number(row['scan_sessions'], locale)} sessions"
        for row in rows.iter_rows(named=True)
    ]
    return go.Figure(
        go.Bar(
            x=floats(rows, "revenue"),
            y=names,
            orientation="h",
            marker_color=[GREY if value in {"Unknown", "Other"} else BLUE for value in names],
            text=[format_amount(amount, currency, locale) for amount in rows["revenue"]],
            textposition="auto",
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
        ),
        layout=laid_out(
            title,
            bars_height(rows.height),
            locale,
            xaxis={"title": f"Revenue, {currency}", "tickformat": MONEY},
            yaxis=names_axis(names),
        ),
    )


def funnel(report: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """How many scan sessions reach each step.

    Args:
        report: As `schemas.funnel`.
        locale: How numbers are written.
    """
    steps = [step.replace("_", " ") for step in report["step"]]
    return go.Figure(
        go.Funnel(
            y=steps,
            x=report["sessions"].to_list(),
            marker_color=BLUE,
            texttemplate="%{value:,}<br>%{percentInitial:.1%}",
            customdata=[0 if lost is None else lost for lost in report["drop_off_previous_pct"]],
            hovertemplate="%{y}: %{x:,} sessions<br>%{customdata:.1f}% lost from the previous step<extra></extra>",
        ),
        layout=laid_out("From scan to conversion", bars_height(report.height) + 60, locale, yaxis=names_axis(steps)),
    )
