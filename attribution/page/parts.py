"""What the pages are put together from: the shell, figures, headline tiles."""

import html
import re
from collections.abc import Iterable
from importlib.resources import files
from string import Template
from typing import Any, Final

import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType
from plotly.offline import get_plotlyjs

from attribution import __version__
from attribution.figures.look import CONFIG

MARKUP: Final = re.compile("<[^>]*>")
CLEAR: Final = dict.fromkeys(("paper_bgcolor", "plot_bgcolor"), "rgba(0,0,0,0)")
"""The page's own ground is behind its figures, light or dark."""


def whole_page(title: str, lead: str, main: str, footer: str) -> str:
    """A self-contained page, marked as English: its text is, whatever the locale of the numbers.

    Args:
        title: Its heading, as text.
        lead, main, footer: HTML.
    """
    return filled(
        "shell.html",
        title=html.escape(title),
        lead=lead,
        main=main,
        footer=f"Made by attribution {html.escape(__version__)}. {footer}",
        style=resource("style.css"),
        script=resource("page.js"),
    )


def filled(name: str, **parts: object) -> str:
    """A template of this package with its places filled; a place without a part is an error."""
    return Template(resource(name)).substitute(parts)


def resource(name: str) -> str:
    """A file of this package."""
    return (files("attribution.page") / name).read_text("utf-8")


def drawn(name: str, figure: go.Figure, *, with_library: bool = False) -> str:
    """The figure as HTML, under its name on the page; the first on a page brings the library."""
    title = " ".join(MARKUP.sub(" ", figure.layout.title.text or name).split())
    if not any(_has_something(trace) for trace in figure.data):
        library = f"<script>{get_plotlyjs()}</script>" if with_library else ""
        return f"{library}<p>{html.escape(title)}: nothing to draw.</p>"
    shown: str = figure.update_layout(CLEAR).to_html(
        full_html=False,
        include_plotlyjs=with_library,
        include_mathjax=False,
        div_id=f"plot-{name}",
        config=CONFIG,
    )
    return f'<div role="figure" aria-label="{html.escape(title)}">{shown}</div>'


def _has_something(trace: BaseTraceType) -> bool:
    """Whether the trace has a mark, a bar, a cell or a link of another size than 0."""
    listed = (
        [trace.link.value] if trace.type == "sankey" else [trace[name] for name in ("z", "y", "x") if name in trace]
    )
    sizes = next((numbers for values in listed if (numbers := _numbers(values))), [])
    return any(size != 0 for size in sizes)


def _numbers(values: Any) -> list[float]:  # noqa: ANN401 - Plotly's values, one within the other
    """The numbers among them; none among names, days and gaps."""
    if isinstance(values, Iterable) and not isinstance(values, str):
        return [number for value in values for number in _numbers(value)]
    return [values] if isinstance(values, int | float) else []


def called(name: str) -> str:
    """A name in a sentence, in bold; one that is written from the right does not turn the rest of it."""
    return f"<b><bdi>{html.escape(name)}</bdi></b>"


def tile_list(tiles: Iterable[tuple[str, str, str]]) -> str:
    """Headline numbers: label, value and note of each."""
    return "\n".join(
        f'<div class="tile"><dt>{label}</dt><dd>{html.escape(value)}</dd><dd class="hint">{html.escape(note)}</dd></div>'
        for label, value, note in tiles
    )
