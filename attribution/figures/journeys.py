"""How people come to convert: how long it takes, and over which codes."""

import itertools
from decimal import Decimal
from typing import Final

import plotly.graph_objects as go
import polars as pl

from attribution.figures.look import BLUE, SHOWN, laid_out, plain, shortened, told
from attribution.money import format_amount
from attribution.numbers import format_number
from attribution.terms import PATH_STEP

DEEPEST: Final = 5
"""Scans of a journey that are drawn: its last ones."""
Way = tuple[str, ...]
"""The names of the codes scanned so far, oldest first."""
CONVERTED: Final[Way] = ("", "conversion")


def conversion_lag(report: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """The share of scan sessions that have converted, by days since the scan; recent scans count while observed.

    Args:
        report: As `schemas.conversion_lag`.
        locale: How numbers are written.
    """
    return go.Figure(
        go.Scatter(
            x=[0, *(day + 1 for day in report["day"])],
            y=[0.0, *report["converted_share"]],
            mode="lines+markers",
            marker={"size": 4},
            line={"color": BLUE, "width": 2},
            customdata=[None, *report["sessions_at_risk"]],
            hovertemplate="within %{x} days: %{y:.2%}<br>%{customdata:,} sessions observed on the last day<extra></extra>",
        ),
        layout=laid_out(
            "How long after the scan people convert",
            340,
            locale,
            xaxis={"title": "Days since the scan"},
            yaxis={"title": "Sessions converted", "tickformat": ".1%", "rangemode": "tozero"},
        ),
    )


def journeys(paths: pl.DataFrame, locale: str = "en_US") -> go.Figure:
    """The journeys that convert most often, as a Sankey: one column per scan, ending in the conversion. Only journeys that
    begin alike run together, so that every way through it is one that was gone.

    Args:
        paths: As `schemas.top_paths`; its first `SHOWN` rows are drawn.
        locale: How money and counts are written in hover text.
    """
    currency = told(paths, "currency")
    links: dict[tuple[Way, Way], list[tuple[float, Decimal]]] = {}
    for path, conversions, revenue in paths.head(SHOWN).select("path", "conversions", "revenue").rows():
        steps = tuple(path.split(PATH_STEP)[-DEEPEST:])
        for pair in itertools.pairwise([*(steps[:end] for end in range(1, len(steps) + 1)), CONVERTED]):
            links.setdefault(pair, []).append((conversions, revenue))
    nodes = sorted({way for pair in links for way in pair})
    place = {way: number for number, way in enumerate(nodes)}
    names = [way[-1] if way == CONVERTED else f"{len(way)}. {way[-1]}" for way in nodes]
    hover = [
        f"{plain(' → '.join(one))} → {plain(other[-1])}<br>"
        f"{format_number(sum(count for count, _ in found), locale)} conversions, "
        f"{format_amount(sum((money for _, money in found), Decimal(0)), currency, locale)}"
        for (one, other), found in links.items()
    ]
    return go.Figure(
        go.Sankey(
            node={
                "label": [shortened(name) for name in names],
                "customdata": [plain(name) for name in names],
                "pad": 18,
                "thickness": 16,
                "color": BLUE,
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            link={
                "source": [place[one] for one, _ in links],
                "target": [place[other] for _, other in links],
                "value": [sum(count for count, _ in found) for found in links.values()],
                "customdata": hover,
                "hovertemplate": "%{customdata}<extra></extra>",
                "color": "rgba(86, 180, 233, 0.45)",
            },
        ),
        layout=laid_out("Journeys with the most conversions", 160 + 26 * len(nodes), locale),
    )
