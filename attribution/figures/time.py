"""When it happened: revenue and scans over time, by weekday and hour, and the cohorts of each week."""

from typing import Final

import plotly.graph_objects as go
import polars as pl

from attribution.figures.look import BLUE, MONEY, ORANGE, SCALE, floats, hold, laid_out, told
from attribution.money import format_amount
from attribution.numbers import format_number

PART: Final = 0.45
"""How much of its colour a bar has of which only a part is in the data."""
TICKS: Final = 10
"""Weeks that are named on an axis, at most."""
WEEK_MS: Final = 7 * 24 * 3600 * 1000
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def revenue_over_time(report: pl.DataFrame, locale: str = "en_US", grain: str = "day") -> go.Figure:
    """Revenue per day, week or month as bars, and scan sessions as a line in a panel of its own below, on the same days. A
    bar of which only a part is in the data is pale.

    Args:
        report: As `schemas.revenue_over_time`.
        locale: How money and counts are written.
        grain: day, week or month.

    Raises:
        ValueError: There is no such grain, or it is another report.
    """
    if "grain" not in report.columns:
        raise ValueError("the report has no column grain: pass the report revenue_over_time")
    rows = report.filter(pl.col("grain") == grain)
    if rows.is_empty():
        from attribution.schemas.revenue_over_time import GRAINS

        hold(grain, "grain", GRAINS)
    currency = told(rows, "currency")
    hover = [
        f"{day}{' (partial)' if partial else ''}<br>{format_amount(amount, currency, locale)}"
        f"<br>{format_number(sessions, locale)} sessions"
        for day, partial, amount, sessions in rows.select(
            "starts_on", "is_partial", "revenue", "scan_sessions"
        ).iter_rows()
    ]
    figure = go.Figure(
        layout=laid_out(
            f"Revenue and scan sessions per {grain} ({currency})",
            460,
            locale,
            xaxis={"anchor": "y2"} | _weeks(rows, grain),
            yaxis={"title": f"Revenue, {currency}", "tickformat": MONEY, "domain": [0.42, 1]},
            yaxis2={"title": "Scan sessions", "tickformat": MONEY, "domain": [0, 0.3], "rangemode": "tozero"},
        )
    )
    days = rows["starts_on"].to_list()
    figure.add_bar(
        x=days,
        y=floats(rows, "revenue"),
        name="Revenue",
        marker={"color": BLUE, "opacity": [PART if partial else 1 for partial in rows["is_partial"]]},
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.add_scatter(
        x=days, y=rows["scan_sessions"].to_list(), name="Scan sessions", yaxis="y2", mode="lines", line_color=ORANGE,
        customdata=hover, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    return figure


def _weeks(rows: pl.DataFrame, grain: str) -> dict[str, object]:
    """Where weeks are named: on their Mondays. Left to itself, Plotly names Sundays."""
    if grain != "week" or not rows.height:
        return {}
    return {
        "tick0": str(rows["starts_on"][0]),
        "dtick": -(-rows.height // TICKS) * WEEK_MS,
        "tickformat": "%b %-d<br>%Y",
    }


def scans_by_hour(report: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """Scan sessions by weekday and hour as a heatmap.

    Args:
        report: As `schemas.scans_by_hour`.
        locale: How numbers are written.
    """
    days = [report.filter(pl.col("weekday") == number).sort("hour") for number in range(1, 8)]
    zone = told(report, "time_zone")
    return go.Figure(
        go.Heatmap(
            x=[f"{hour:02}" for hour in range(24)],
            y=list(WEEKDAYS),
            z=[day["scan_sessions"].to_list() for day in days],
            customdata=[[format_number(count, locale) for count in day["conversions"]] for day in days],
            colorscale=[list(stop) for stop in SCALE],
            hovertemplate="%{y}, %{x}:00<br>%{z:,} sessions<br>%{customdata} conversions<extra></extra>",
            colorbar={"title": "Sessions"},
        ),
        layout=laid_out(
            f"Scan sessions by weekday and hour ({zone})",
            340,
            locale,
            yaxis={"autorange": "reversed", "automargin": True},
            xaxis={"title": "Hour of the scan"},
        ),
    )


def cohorts(report: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """Which share of each week's scan sessions has converted, week by week after the scan, as a heatmap.

    Args:
        report: As `schemas.cohorts`; weeks that were not observed to their end for the whole cohort are left blank.
        locale: How numbers are written.
    """
    seen = report.with_columns(share=pl.when("is_observed_fully").then("converting_pct"))
    weeks = report["weeks_since_scan"].unique().sort().to_list()
    names = report["cohort_week"].unique().sort().to_list()
    share = dict(zip(seen.select("cohort_week", "weeks_since_scan").rows(), seen["share"], strict=True))
    return go.Figure(
        go.Heatmap(
            x=[str(week) for week in weeks],
            y=[f"week of {name}" for name in names],
            z=[[share.get((name, week)) for week in weeks] for name in names],
            colorscale=[list(stop) for stop in SCALE],
            texttemplate="%{z:.1f}",
            textfont={"size": 10},
            hovertemplate="%{y}<br>after week %{x}: %{z:.2f}% converted<extra></extra>",
            colorbar={"title": "%"},
        ),
        layout=laid_out(
            "Scan sessions that have converted, by week of scan",
            150 + 24 * len(names),
            locale,
            yaxis={"autorange": "reversed", "automargin": True},
            xaxis={"title": "Weeks since the scan"},
        ),
    )
