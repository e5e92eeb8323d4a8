"""Suspects: likely repeats that an `event_id` cannot catch, and refunds of orders that were left out.

They are reported among the findings, never merged silently. Each function returns the columns of a finding
(`personal_data.FOUND`), one row per suspect row.
"""

from collections.abc import Collection
from typing import Final

import polars as pl

from attribution import terms
from attribution.analysed import analysed, left_out
from attribution.keys import expr_key
from attribution.row_kinds import is_browser, is_page_view, is_refund, is_server
from attribution.slices import matching, taken

DOUBLE_SECONDS: Final = 2
SAME_PURCHASE_MINUTES: Final = 10


def suspects(events: pl.LazyFrame, duplicates: pl.LazyFrame, conversion_names: Collection[str]) -> pl.LazyFrame:
    """All suspects among those of these events that are analysed."""
    counted = analysed(events, duplicates)
    return pl.concat(
        [
            order_under_several_events(counted),
            double_page_view(events, duplicates),
            purchase_sent_twice(counted, conversion_names),
            refund_of_excluded_order(events, duplicates),
        ]
    )


def order_under_several_events(events: pl.LazyFrame) -> pl.LazyFrame:
    """Server events, other than refunds, of one order under several event ids: the order may be counted twice.

    An order may also be reported step by step (`order_placed`, `order_shipped`): only events of the same name are suspect,
    or several that carry money.
    """
    orders = events.filter(is_server(), pl.col("order_id").is_not_null(), ~is_refund()).select(
        "row_id", "event_id", "site_id", "event_name", "order_id", is_paid=pl.col("amount") != 0
    )
    twice = [
        _several(orders, "site_id", "order_id", "event_name"),
        _several(orders.filter("is_paid"), "site_id", "order_id"),
    ]
    return _found(pl.concat(twice).unique("row_id"), "order_under_several_events", "order_id")


def _several(rows: pl.LazyFrame, *key: str) -> pl.LazyFrame:
    """The rows that share their key with others."""
    several = rows.group_by(key).agg(pl.len().alias("copies")).filter(pl.col("copies") > 1)
    return rows.join(several, on=key, how="semi", nulls_equal=True)


def double_page_view(events: pl.LazyFrame, duplicates: pl.LazyFrame) -> pl.LazyFrame:
    """`pageview` within 2 seconds of a `page_view` of the same session and page: instrumented twice. Reads the events."""
    views = _views_of_both_kinds(events, duplicates)
    first = views.filter(pl.col("event_type") == terms.PAGEVIEW)
    second = views.filter(pl.col("event_type") == terms.PAGE_VIEW).select(
        "scan_session_id", "page_url", other_at="occurred_at"
    )
    near = (pl.col("occurred_at") - pl.col("other_at")).abs() <= pl.duration(seconds=DOUBLE_SECONDS)
    pairs = first.join(second, on=["scan_session_id", "page_url"], how="inner", nulls_equal=True).filter(near)
    return _found(pairs.unique("row_id"), "double_page_view", "event_name")


def _views_of_both_kinds(events: pl.LazyFrame, duplicates: pl.LazyFrame) -> pl.LazyFrame:
    """Analysed page views of sessions and pages that have one of the rarer kind. Reads the events; most have one kind only.

    The sessions are looked for first: that leaves few rows in which to look for the pages and to leave out duplicates.
    """
    kinds = _views(events).group_by("event_type").len().sort("len", "event_type").collect(engine="streaming")
    rarer = _views(events).filter(pl.col("event_type").is_in(kinds["event_type"].to_list()[:-1]))
    there = rarer.select("scan_session_id", _place()).unique().collect(engine="streaming")
    sessions = there["scan_session_id"].unique()
    found = taken(
        _views(events if there.height else events.head(0))
        .filter(pl.col("scan_session_id").is_in(sessions.implode(), nulls_equal=True))
        .with_columns(_place())
        .filter(pl.col("place").is_in(there["place"].implode()))
        .drop("place")
    )
    return analysed(found, duplicates)


def _place() -> pl.Expr:
    return expr_key(pl.struct("scan_session_id", "page_url")).alias("place")


def _views(events: pl.LazyFrame) -> pl.LazyFrame:
    return events.filter(is_page_view()).select(
        "row_id", "event_id", "event_type", "scan_session_id", "page_url", "occurred_at", "exclusion"
    )


def purchase_sent_twice(events: pl.LazyFrame, conversion_names: Collection[str]) -> pl.LazyFrame:
    """Browser events that repeat a server's conversion: of its name and order, or within 10 minutes in its scan session."""
    columns = ["row_id", "event_id", "scan_session_id", "occurred_at", "site_id", "order_id"]
    from_browser = events.filter(is_browser(), pl.col("event_type").is_in(list(conversion_names))).select(
        *columns, name="event_type"
    )
    from_server = events.filter(is_server(), pl.col("event_name").is_in(list(conversion_names))).select(
        "scan_session_id", "site_id", "order_id", name="event_name", other_at="occurred_at"
    )
    of_one_order = from_browser.join(
        from_server.filter(pl.col("order_id").is_not_null()),
        on=["site_id", "order_id", "name"],
        nulls_equal=True,
        how="semi",
    )
    near = (pl.col("occurred_at") - pl.col("other_at")).abs() <= pl.duration(minutes=SAME_PURCHASE_MINUTES)
    pairs = from_browser.join(from_server, on=["scan_session_id", "name"], how="inner").filter(near)
    both = pl.concat([pairs, of_one_order], how="diagonal").unique("row_id")
    return _found(both, "sent_by_browser_and_server", "event_name")


def refund_of_excluded_order(events: pl.LazyFrame, duplicates: pl.LazyFrame) -> pl.LazyFrame:
    """Refunds of orders whose money was left out (test, fraud, copies) and nowhere counted: they take back money never added.

    Orders are compared by keys, in memory. Reads the events.
    """
    with_money = events.filter(is_server(), pl.col("order_id").is_not_null(), pl.col("amount") != 0)
    order = expr_key(pl.struct("site_id", "order_id")).alias("order")
    orders = with_money.select("row_id", "exclusion", order, is_refund=is_refund()).collect(engine="streaming").lazy()
    counted, others = analysed(orders, duplicates), left_out(orders, duplicates)
    sold = pl.col("is_refund").not_()
    refunds = counted.filter("is_refund").join(others.filter(sold), on="order", how="semi")
    lone = refunds.join(counted.filter(sold), on="order", how="anti")
    return _found(matching(events.select("row_id", "event_id"), lone, "row_id"), "refund_of_excluded_order", "order_id")


def _found(rows: pl.LazyFrame, rule: str, field_path: str) -> pl.LazyFrame:
    return rows.select(
        "row_id",
        "event_id",
        rule=pl.lit(rule),
        severity=pl.lit(terms.WARNING),
        confidence=pl.lit(terms.MEDIUM),
        fingerprint=pl.lit(None, pl.String),
        field_path=pl.lit(field_path),
    )
