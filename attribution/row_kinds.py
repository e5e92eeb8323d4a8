"""Kinds of events, conversions and scan sessions: one rule each, used wherever rows of a kind are chosen."""

from typing import Final

import polars as pl

from attribution import terms

REFUND: Final = "refund"


def is_browser() -> pl.Expr:
    """The event is a browser's."""
    return pl.col("source") == terms.BROWSER


def is_server() -> pl.Expr:
    """The event is a server's."""
    return pl.col("source") == terms.SERVER


def expr_event_name() -> pl.Expr:
    """What the event is called: a browser event's type, a server event's name."""
    return pl.when(is_server()).then("event_name").otherwise("event_type")


def expr_step() -> pl.Expr:
    """The funnel step that the event stands for, by its name. (A `replace` would hold the whole column in memory.)"""
    name = step = expr_event_name()
    for called, of_step in terms.SAME_STEP.items():
        step = pl.when(name == called).then(pl.lit(of_step)).otherwise(step)
    return step


def is_page_view() -> pl.Expr:
    """The event is a browser's page view, under either of its names."""
    return is_browser() & pl.col("event_type").is_in(terms.PAGE_VIEWS)


def is_named_refund() -> pl.Expr:
    """The event is named `refund`, in upper or lower case: with the wrong sign its money would be off by twice the amount."""
    return pl.col("event_name").str.to_lowercase().eq_missing(REFUND)


def is_refund() -> pl.Expr:
    """The server event is named a refund, or has a negative amount."""
    return is_named_refund() | (pl.col("amount") < 0).fill_null(value=False)


def is_attributed() -> pl.Expr:
    """The conversion or refund leads to a QR code, within the window: its money is in credits."""
    return pl.col("unattributed_reason").is_null()


def is_attributed_or_unlinked() -> pl.Expr:
    """The conversion or refund is attributed, or in the `unlinked` row of reports because no QR code is known."""
    return is_attributed() | pl.col("unattributed_reason").is_in(terms.UNLINKED_REASONS)


def is_scan() -> pl.Expr:
    """The scan session is in the scan export."""
    return pl.col("scanned_at_source") == terms.SCAN_EXPORT


def has_events() -> pl.Expr:
    """The scan session has an event that counts: only these does the platform call sessions."""
    return pl.col("event_count") > 0
