"""Whose scan session it is: one rule, used where scan sessions are made and where people are joined."""

import polars as pl

from attribution.consent import is_withheld
from attribution.row_kinds import is_browser


def visitor_marks() -> list[pl.Expr]:
    """The visitor id of a browser and of a server event, where the event's consent lets it identify a person."""
    visitor = pl.when(~is_withheld()).then("visitor_id")
    return [
        pl.when(is_browser()).then(visitor).alias("browser_visitor_id"),
        pl.when(~is_browser()).then(visitor).alias("server_visitor_id"),
    ]


def expr_own_person() -> pl.Expr:
    """The person of a scan session by its own events: its browser events' visitor, else its server events', else its own id."""
    return pl.coalesce("browser_visitor_id", "server_visitor_id", "scan_session_id")
