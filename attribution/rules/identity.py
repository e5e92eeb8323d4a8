"""Who sent it and to what it belongs: source, name, site, event, sessions, visitor."""

from typing import Final

import polars as pl

from attribution import terms
from attribution.parse import SNAKE_CASE
from attribution.row_kinds import expr_event_name, is_server
from attribution.rules.rule import rule

IS_UUID: Final = "_is_uuid"
"""Ending of the column that says of an id whether it is a UUID; looked at once, for many rules ask."""


def not_uuid(column: str) -> pl.Expr:
    """The column holds something, and it is no UUID."""
    return pl.col(column).is_not_null() & ~pl.col(f"{column}{IS_UUID}")


@rule("source", raw="reject", stored="reject")
def source_unknown() -> pl.Expr:
    """Neither `browser` nor `server`."""
    return ~pl.col("source").is_in([terms.BROWSER, terms.SERVER]).fill_null(value=False)


@rule("event_name", raw="reject", stored="reject")
def event_name_missing() -> pl.Expr:
    """A browser event without `event_type`, a server event without `event_name`."""
    return expr_event_name().is_null()


@rule("site_id", raw="reject", stored="warning")
def site_id_missing() -> pl.Expr:
    """No site id."""
    return pl.col("site_id").is_null()


@rule("event_id", raw="reject", stored="warning")
def event_id_not_uuid() -> pl.Expr:
    """An event id that is not a UUID."""
    return not_uuid("event_id")


@rule("scan_session_id", raw="reject", stored="warning")
def scan_session_id_missing() -> pl.Expr:
    """A server event without its required scan session id."""
    return is_server() & pl.col("scan_session_id").is_null()


@rule("scan_session_id", raw="reject", stored="warning")
def scan_session_id_not_uuid() -> pl.Expr:
    """A scan session id that is not a UUID."""
    return not_uuid("scan_session_id")


@rule("web_session_id", raw="reject", stored="warning")
def web_session_id_not_uuid() -> pl.Expr:
    """A web session id that is not a UUID."""
    return not_uuid("web_session_id")


@rule("visitor_id", raw="reject", stored="warning")
def visitor_id_not_uuid() -> pl.Expr:
    """A visitor id that is not a UUID."""
    return not_uuid("visitor_id")


@rule("visitor_id", raw="info", stored="info")
def visitor_id_all_zero() -> pl.Expr:
    """The all-zero id of the platform's verification page, in a row not from that page. It names nobody and is not kept."""
    return _is_zero_elsewhere("visitor_id")


@rule("web_session_id", raw="info", stored="info")
def web_session_id_all_zero() -> pl.Expr:
    """The all-zero id of the platform's verification page, in a row not from that page. It is no session and is not kept."""
    return _is_zero_elsewhere("web_session_id")


def _is_zero_elsewhere(column: str) -> pl.Expr:
    others = (~is_all_zero(name).fill_null(value=False) for name in ("event_id", "scan_session_id"))
    return pl.all_horizontal(is_all_zero(column), *others)


def is_all_zero(column: str) -> pl.Expr:
    """The column holds the all-zero UUID."""
    return pl.col(column) == terms.ZERO_UUID


@rule("event_name", raw="info", stored="info")
def name_not_snake_case() -> pl.Expr:
    """An event name that is not in snake_case. A matter of style, never an error."""
    return ~expr_event_name().str.contains(SNAKE_CASE)
