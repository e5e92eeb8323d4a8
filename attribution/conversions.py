"""Conversions: server `events`, `scan_sessions`, `web_sessions`, `fx` -> `conversions`.

Reads:  `events` less duplicates and exclusions, `scan_sessions`, `web_sessions`, `fx`.
Writes: `conversions`, one row per conversion or refund.
Rule:   a conversion is tied to the scan session that it names, if that one is known, else to the scan session of its
        web session; the web session is its own, if known, else the last of the scan session begun before it. A refund
        takes all of this from its order. Money is converted at the day's rate and rounded once.
May be split by `scan_session_id`, given the two small look-ups of `find_lookups`, which are made from the whole tables.
"""

import hashlib
from collections.abc import Collection
from typing import Final

import polars as pl

from attribution import ties
from attribution.analysed import analysed
from attribution.days import expr_day
from attribution.fx import reporting_amount
from attribution.row_kinds import is_named_refund, is_refund, is_server
from attribution.schemas.conversions import Conversions
from attribution.slices import matching, taken
from attribution.ties import PLATFORM_WINDOW, Window

NAMES: Final = ("purchase", "signup", "lead")
"""Server events that are conversions by name, unless the settings say otherwise."""
ORDER: Final = ("site_id", "order_id")
PLACED: Final = (*ties.NAMED, "is_refund", "own_qr_code_id", "amount", *ORDER)
"""What a conversion is tied by, and its order."""
TIED: Final = (
    "scan_session_id",
    "web_session_id",
    "person_id",
    "qr_code_id",
    "scanned_at",
    "tie",
    "unattributed_reason",
    "journey_ended_at",
)
"""What a refund takes from its order."""


def find_lookups(
    events: pl.LazyFrame,
    duplicates: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    web_sessions: pl.LazyFrame,
    *,
    event_names: Collection[str] = NAMES,
    with_value: bool = True,
    window: Window = PLATFORM_WINDOW,
) -> dict[str, pl.LazyFrame]:
    """What a conversion may need from scan sessions other than the one it names.

    Args:
        events, duplicates, scan_sessions, web_sessions: The whole tables of these names.
        event_names, with_value, window: As for `conversions`.

    Returns:
        `strays`, as `ties.strays`, and `orders`: one row per order that a refund names, with its site and the columns
        `TIED`, as `order_…`, of the order's earliest conversion that carries money, else of its earliest. Both are
        small. Reads its tables when called.
    """
    counted = conversion_events(analysed(events, duplicates), event_names, with_value=with_value)
    chosen = taken(counted.select(PLACED))
    strays = ties.strays(chosen.select(ties.NAMED), scan_sessions, web_sessions)
    with_order = chosen.filter(pl.col("order_id").is_not_null())
    refunded = with_order.filter("is_refund").select(ORDER)
    sold = with_order.filter(~pl.col("is_refund")).join(refunded, on=ORDER, how="semi", nulls_equal=True)
    sales = sold.collect(engine="streaming").lazy()
    firsts = sales.sort(~_is_paid(), "converted_at", "conversion_id").unique(ORDER, keep="first", maintain_order=True)
    named = firsts.select(scan_session_id="named_scan_session_id").unique()
    sessions, browsed = (matching(table, named, "scan_session_id") for table in (scan_sessions, web_sessions))
    placed = ties.tied(firsts, sessions, browsed, strays, window)
    orders = placed.select(*ORDER, *(pl.col(name).alias(f"order_{name}") for name in TIED))
    return {"strays": strays, "orders": orders}


def conversions(
    events: pl.LazyFrame,
    duplicates: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    web_sessions: pl.LazyFrame,
    fx: pl.LazyFrame,
    strays: pl.LazyFrame,
    orders: pl.LazyFrame,
    *,
    currency: str,
    time_zone: str = "UTC",
    event_names: Collection[str] = NAMES,
    with_value: bool = True,
    window: Window = PLATFORM_WINDOW,
) -> pl.LazyFrame:
    """Tie every conversion to its scan session, web session and QR code, or say why not.

    Args:
        events: As `schemas.events`.
        duplicates: As `schemas.duplicates`.
        scan_sessions: As `schemas.scan_sessions`.
        web_sessions: As `schemas.web_sessions`.
        fx: As `schemas.fx`, rates into `currency`.
        strays, orders: As `find_lookups` gives them.
        currency: The reporting currency, ISO 4217.
        time_zone: The zone in which the days of rates are cut.
        event_names: Server events that are conversions by name.
        with_value: Whether any other server event with an amount is one too.
        window: The attribution window.

    Returns:
        As `schemas.conversions`.
    """
    chosen = conversion_events(analysed(events, duplicates), event_names, with_value=with_value)
    tied = ties.tied(chosen, scan_sessions, web_sessions, strays, window)
    day = expr_day("converted_at", time_zone)
    return Conversions.shaped(reporting_amount(_refunds_from_orders(tied, orders), fx, currency, day))


def _is_paid() -> pl.Expr:
    return (pl.col("amount") > 0).fill_null(value=False)


def is_conversion(event_names: Collection[str], *, with_value: bool) -> pl.Expr:
    """The row is a conversion or a refund."""
    named = pl.col("event_name").is_in([*event_names]) | is_named_refund()
    valued = pl.col("amount").is_not_null() & pl.lit(with_value)
    return is_server() & (named | valued)


def conversion_events(
    events: pl.LazyFrame, event_names: Collection[str], *, with_value: bool, keep: Collection[str] = ()
) -> pl.LazyFrame:
    """The server events that are conversions or refunds, refunds with a negative amount. One row per event.

    Args:
        events: As `schemas.events`, those that count.
        event_names, with_value: As for `conversions`.
        keep: Further columns of the events to keep.
    """
    chosen = events.filter(is_conversion(event_names, with_value=with_value)).with_columns(is_refund=is_refund())
    site = pl.col("site_id").fill_null("").map_batches(_site_digests, return_dtype=pl.String, is_elementwise=True)
    return chosen.select(
        pl.concat_str("event_id", pl.lit("-"), site).alias("conversion_id"),
        "event_id",
        "site_id",
        "event_name",
        pl.col("scan_session_id").alias("named_scan_session_id"),
        pl.col("web_session_id").alias("named_web_session_id"),
        pl.col("qr_code_id").alias("own_qr_code_id"),
        pl.col("occurred_at").alias("converted_at"),
        pl.when("is_refund").then(-pl.col("amount").abs()).otherwise("amount").alias("amount"),
        "currency",
        "consent",
        "is_refund",
        "order_id",
        *keep,
    )


def _site_digests(sites: pl.Series) -> pl.Series:
    """Eight hex digits for each site."""
    digests = {site: hashlib.blake2b(site.encode(), digest_size=4).hexdigest() for site in sites.unique()}
    return sites.replace_strict(digests, return_dtype=pl.String) if digests else sites


def _refunds_from_orders(tied: pl.LazyFrame, orders: pl.LazyFrame) -> pl.LazyFrame:
    """Refunds with the tie of their order, where the order is among the conversions."""
    from_order = pl.col("is_refund") & pl.col("order_tie").is_not_null()
    joined = tied.join(orders, on=ORDER, how="left", nulls_equal=True)
    return joined.with_columns(pl.when(from_order).then(f"order_{name}").otherwise(name).alias(name) for name in TIED)
