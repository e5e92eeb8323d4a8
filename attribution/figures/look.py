"""The look of every figure: one layout, one colour per thing, readable in print and by the colour-blind."""

import html
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl

from attribution.numbers import format_number, separators

BLUE: Final = "#0072B2"
ORANGE: Final = "#D55E00"
GREY: Final = "#999999"
INK: Final = "#444444"
PALETTE: Final = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", GREY)
"""Okabe and Ito's colours, which people with colour-blindness can tell apart."""
SYMBOLS: Final = ("circle", "diamond", "square", "x", "triangle-up", "cross", "star", "triangle-down")
"""A second sign beside colour, for print and for the colour-blind."""
SCALE: Final = ((0.0, "#f7fbff"), (0.5, "#6baed6"), (1.0, "#08306b"))
"""Light to dark, in print as on the screen."""
SHOWN: Final = 20
"""Rows in a figure that has a line per row; the table has them all."""
LONGEST: Final = 24
"""Letters of a name beside a mark; more would leave the marks no room on a phone."""
FEW: Final = " *"
"""Behind a name whose interval is from too few people to rely on."""
MARGIN: Final = {"l": 8, "r": 24, "t": 56, "b": 48}
"""Pixels around the marks."""
LAYOUT: Final = {
    "template": "plotly_white",
    "font": {"family": "system-ui, sans-serif", "size": 14},
    "margin": MARGIN,
    "paper_bgcolor": "white",
    "plot_bgcolor": "white",
    "showlegend": False,
}
TURNING: Final = {"R", "AL", "RLE", "RLO", "LRE", "LRO", "RLI", "LRI", "FSI", "PDI", "PDF"}
"""Classes of letters that are written from the right, and of signs that change how others are."""
END_OF_ISOLATE: Final = "\N{POP DIRECTIONAL ISOLATE}"
MONEY: Final = ",~f"
"""How an axis of money is written: with as many places as its marks need."""
LEGEND_HEIGHT: Final = 110
"""Pixels of a legend below the axis, in as many lines as it has on a phone."""
CONFIG: Final = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtons": [["toImage"]],
    "showSendToCloud": False,
    "plotlyServerURL": "",
}
"""What Plotly offers beside a figure on a page: an image of it, and no way to send its numbers anywhere."""
SURE: Final = "Whiskers: 95% intervals. *: too few buyers"
TITLE_LINE: Final = 20
"""Pixels of a line of a title below its first."""


def legend(title_below: int = 24) -> dict[str, Any]:
    """A legend at the foot of a figure, which has to be `LEGEND_HEIGHT` higher for it.

    Args:
        title_below: Pixels for the title of the axis above it; 0 where that has none.
    """
    return {
        "showlegend": True,
        "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        "margin": MARGIN | {"b": LEGEND_HEIGHT + title_below},
    }


def laid_out(title: str, height: int, locale: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - Plotly's own keywords
    """The layout of a figure: its title, its height in pixels, how it writes numbers and what else Plotly's layout takes.

    Plain, for the figure itself makes a layout of it, whose template is long.
    """
    return {**LAYOUT, "title": heading(title), "height": height, "separators": separators(locale), **more}


def sure(title: str, bounds: Sequence[go.Scatter]) -> dict[str, Any]:
    """The heading that says what whiskers and marks mean, and room for it; what is there where none is drawn.

    Args:
        title: The title so far.
        bounds: As `whiskers` gives them.
    """
    lines = title + smaller(SURE) if bounds[0].x else title
    return {"title": heading(lines), "margin": MARGIN | {"t": MARGIN["t"] + TITLE_LINE * lines.count("<br>")}}


def with_most(title: str, known: int, locale: str) -> str:
    """The title, saying of how many rows the figure has those with most revenue, where it has not all."""
    return title + smaller(f"The {SHOWN} with the most revenue, out of {format_number(known, locale)}") * (
        known > SHOWN
    )


def shortened(name: str) -> str:
    """The beginning and the end of a long name, as a label; hover text has the whole."""
    half = LONGEST // 2
    return isolated(plain(name if len(name) <= LONGEST else f"{name[:half]}…{name[1 - half :]}"))


def isolated(name: str) -> str:
    """A name that is written from the right, or turns what follows it, so that it does not: amounts stand behind it."""
    is_turned = any(unicodedata.bidirectional(letter) in TURNING for letter in name)
    return f"\u2068{name.replace(END_OF_ISOLATE, '')}{END_OF_ISOLATE}" if is_turned else name


def told(report: pl.DataFrame, column: str) -> str:
    """What a column says of the whole report, as its currency, model or time zone; nothing where it has no row."""
    return str(report[column][0]) if report.height else ""


def hold(name: str, what: str, allowed: Collection[str]) -> None:
    """Refuse what a figure cannot be of.

    Raises:
        ValueError: The name is none of those allowed, which the message lists.
    """
    if name not in allowed:
        message = f"{name}: no such {what}. Allowed: {', '.join(allowed)}."
        raise ValueError(message)


def plain(name: object) -> str:
    """A name for hover text or a label, where Plotly would take `<b>` in it for markup."""
    return html.escape(str(name), quote=False)


def smaller(text: str) -> str:
    """A line below a title, of an axis or of a figure."""
    return f"<br><span style='font-size:0.8em'>{text}</span>"


def of_report(intervals: pl.DataFrame, report: pl.DataFrame, scope: str) -> pl.DataFrame:
    """The intervals that belong to a report: of its model, and of QR codes or campaigns.

    Args:
        intervals: As `schemas.revenue_intervals`.
        report: With `model`.
        scope: `qr_code` or `campaign`.

    Raises:
        ValueError: They are all of other models.
    """
    models = report["model"].unique().to_list()
    of_model = intervals.filter(pl.col("model").is_in(models))
    if intervals.height and models and not of_model.height:
        message = f"the report is of the model {models[0]}, and none of the intervals is"
        raise ValueError(message)
    return of_model.filter(pl.col("scope") == scope)


def heading(title: str) -> dict[str, Any]:
    """A figure's title: at its left edge, where it is whole on a phone too."""
    return {"text": title, "x": 0, "xanchor": "left", "xref": "container", "pad": {"l": 8}, "font": {"size": 16}}


def bars_height(rows: int) -> int:
    """Pixels for so many horizontal bars."""
    return 120 + 34 * rows


def names_axis(names: Sequence[str], labels: Sequence[str] | None = None) -> dict[str, Any]:
    """An axis of names, whatever they look like: left to itself, Plotly makes it one of dates or numbers for `2026-03`.

    Args:
        names: Where the marks are.
        labels: How each is written, where that is not the name itself, shortened.
    """
    written = [shortened(name) for name in names] if labels is None else list(labels)
    return {"automargin": True, "type": "category", "tickvals": list(names), "ticktext": written}


def floats(rows: pl.DataFrame, column: str) -> list[float | None]:
    """A column for an axis; labels and hover text have the exact amounts."""
    return rows[column].cast(pl.Float64).to_list()


def whiskers(rows: pl.DataFrame, measure: str, name: str) -> list[go.Scatter]:
    """Lines from each measure's `…_low` to its `…_high`, to lay over its marks; where these are not known there is none.

    Traces of their own, for in one with others Plotly draws an interval of width 0: dark lines on wider white ones, so that
    they are seen on a bar as well.
    """
    value, low, high = (pl.col(column).cast(pl.Float64) for column in (measure, f"{measure}_low", f"{measure}_high"))
    known = rows.select(name, value=value, above=high - value, below=value - low).drop_nulls()
    return [
        go.Scatter(
            x=known["value"].to_list(),
            y=known[name].to_list(),
            mode="markers",
            marker={"opacity": 0},
            hoverinfo="skip",
            error_x={
                "type": "data",
                "symmetric": False,
                "array": known["above"].to_list(),
                "arrayminus": known["below"].to_list(),
                "color": color,
                "thickness": thickness,
            },
        )
        for color, thickness in (("white", 4.5), (INK, 1.5))
    ]
