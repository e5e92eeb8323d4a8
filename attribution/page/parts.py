"""What the pages are put together from: the shell, figures, headline tiles."""

import html
from collections.abc import Iterable
from importlib.resources import files
from string import Template

import plotly.graph_objects as go

from attribution import __version__


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
    shown: str = figure.to_html(
        full_html=False,
        include_plotlyjs=with_library,
        include_mathjax=False,
        div_id=f"plot-{name}",
        config={"displaylogo": False, "responsive": True},
    )
    return shown


def tile_list(tiles: Iterable[tuple[str, str, str]]) -> str:
    """Headline numbers: label, value and note of each."""
    return "\n".join(
        f'<div class="tile"><dt>{label}</dt><dd>{html.escape(value)}</dd><dd class="hint">{html.escape(note)}</dd></div>'
        for label, value, note in tiles
    )
