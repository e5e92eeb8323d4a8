"""Conversions: server `events`, `scan_sessions`, `web_sessions`, `fx` -> `conversions`.

Reads:  `events` less duplicates and exclusions, `scan_sessions`, `web_sessions`, `fx`.
Writes: `conversions`, one row per conversion or refund.
Rule:   a conversion is tied to the scan session that it names, if that one is known, else to the scan session of its
        web session; the web session is its own, if known, else the last of the scan session begun before it. A refund
        takes all that from its order. Money is converted at the day's rate and rounded once.
May be split by `scan_session_id`, given the two small look-ups of `find_lookups`.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import polars as pl

from attribution import terms
from attribution.analysed import analysed
from attribution.fx import reporting_amount
from attribution.schemas.conversions import Conversions

REFUND: Final = "refund"
TIED: Final = (
    "scan_session_id",
    "web_session_id",
    "person_id",
    "qr_code_id",
    "scanned_at",
    "tie",
    "unattributed_reason",
)
"""What a refund takes from its order."""


@dataclass(frozen=True)
class Window:
    """When a conversion counts for its scan: at most `days` after it, `clock_skew_minutes` before it at the earliest."""

    days: int = 60
    clock_skew_minutes: int = 5


def conversions(
    events: pl.LazyFrame,
    duplicates: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    web_sessions: pl.LazyFrame,
    fx: pl.LazyFrame,
    *,
    currency: str,
    event_names: Collection[str] = ("purchase", "signup", "lead"),
    with_value: bool = True,
    window: Window = Window(),
) -> pl.LazyFrame:
    """Tie every conversion to its scan session, web session and QR code, or say why not.

    Args:
        events: As `schemas.events`.
        duplicates: As `schemas.duplicates`.
        scan_sessions: As `schemas.scan_sessions`.
        web_sessions: As `schemas.web_sessions`.
        fx: As `schemas.fx`, rates into `currency`.
        currency: The reporting currency, ISO 4217.
        event_names: Server events that are conversions by name.
        with_value: Whether every server event with an amount is one as well.
        window: The attribution window.

    Returns:
        As `schemas.conversions`.
    """
    chosen = conversion_events(analysed(events, duplicates), event_names, with_value=with_value)
    tied = _with_web_session(_with_scan_session(chosen, scan_sessions, web_sessions), web_sessions)
    reasoned = tied.with_columns(tie=_tie(), unattributed_reason=_reason(window))
    priced = reporting_amount(_refunds_from_orders(reasoned), fx, currency)
    return Conversions.shaped(priced)


def is_refund() -> pl.Expr:
    """A server event named `refund`, or one with a negative value."""
    return (pl.col("event_name") == REFUND) | (pl.col("amount") < 0).fill_null(value=False)


def is_conversion(event_names: Collection[str], *, with_value: bool) -> pl.Expr:
    """The row is a conversion or a refund."""
    named = pl.col("event_name").is_in([*event_names, REFUND])
    valued = pl.col("amount").is_not_null() & pl.lit(with_value)
    return (pl.col("source") == terms.SERVER) & (named | valued)


def conversion_events(events: pl.LazyFrame, event_names: Collection[str], *, with_value: bool) -> pl.LazyFrame:
    """The analysed server events that are conversions or refunds, refunds with a negative amount. One row per event."""
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
    )


def _site_digests(sites: pl.Series) -> pl.Series:
    """Eight hex digits for each site."""
    digests = {site: hashlib.blake2b(site.encode(), digest_size=4).hexdigest() for site in sites.unique()}
    return sites.replace_strict(digests, return_dtype=pl.String) if digests else sites


def _with_scan_session(chosen: pl.LazyFrame, scan_sessions: pl.LazyFrame, web_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """The scan session that a conversion names, where known; else the one of its web session."""
    known = scan_sessions.filter("is_known").select("scan_session_id", "qr_code_id", "scanned_at", "person_id")
    named = chosen.join(
        known.select("scan_session_id", is_known=pl.lit(value=True)),
        left_on="named_scan_session_id",
        right_on="scan_session_id",
        how="left",
    )
    through_web = _scan_session_of_web_session(named.filter(pl.col("is_known").is_null()), web_sessions)
    tied = named.join(through_web, on="conversion_id", how="left").with_columns(
        scan_session_id=pl.when("is_known").then("named_scan_session_id").otherwise("web_scan_session_id")
    )
    return tied.join(known, on="scan_session_id", how="left").with_columns(
        qr_code_id=pl.when(pl.col("scan_session_id").is_not_null()).then(pl.coalesce("own_qr_code_id", "qr_code_id"))
    )


def _scan_session_of_web_session(untied: pl.LazyFrame, web_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """`conversion_id` -> `web_scan_session_id`: of the web session's scan sessions the last begun before, else the first."""
    wanted = untied.filter(pl.col("named_web_session_id").is_not_null()).select(
        "conversion_id", "converted_at", web_session_id="named_web_session_id"
    )
    candidates = wanted.join(
        web_sessions.select("web_session_id", "scan_session_id", "started_at"), on="web_session_id", how="inner"
    ).with_columns(is_after=pl.col("started_at") > pl.col("converted_at"))
    distance = (pl.col("converted_at") - pl.col("started_at")).abs()
    return (
        candidates.sort("is_after", distance, "scan_session_id")
        .unique("conversion_id", keep="first", maintain_order=True)
        .select("conversion_id", web_scan_session_id="scan_session_id")
    )


def _with_web_session(tied: pl.LazyFrame, web_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """The conversion's own web session, where known; else the last of its scan session begun before it."""
    own = web_sessions.select("web_session_id", web_session_is_known=pl.lit(value=True)).unique("web_session_id")
    last = (
        tied.filter(pl.col("scan_session_id").is_not_null())
        .select("conversion_id", "scan_session_id", "converted_at")
        .join(web_sessions.select("scan_session_id", "web_session_id", "started_at"), on="scan_session_id", how="inner")
        .filter(pl.col("started_at") <= pl.col("converted_at"))
        .sort("started_at", "web_session_id", descending=[True, False])
        .unique("conversion_id", keep="first", maintain_order=True)
        .select("conversion_id", last_web_session_id="web_session_id")
    )
    return (
        tied.join(own, left_on="named_web_session_id", right_on="web_session_id", how="left")
        .join(last, on="conversion_id", how="left")
        .with_columns(
            web_session_id=pl.when("web_session_is_known").then("named_web_session_id").otherwise("last_web_session_id")
        )
    )


def _tie() -> pl.Expr:
    return (
        pl.when(pl.col("scan_session_id").is_null())
        .then(pl.lit(terms.ORPHAN))
        .when(pl.col("is_known").is_null())
        .then(pl.lit(terms.WEB_ONLY))
        .when(pl.col("web_session_id").is_not_null())
        .then(pl.lit(terms.SCAN_AND_WEB))
        .otherwise(pl.lit(terms.SCAN_ONLY))
    )


def _reason(window: Window) -> pl.Expr:
    """Why no QR code earns the conversion; a refund's own distance from the scan does not matter."""
    age = pl.col("converted_at") - pl.col("scanned_at")
    return (
        pl.when(pl.col("scan_session_id").is_null())
        .then(pl.lit(terms.ORPHAN))
        .when(pl.col("qr_code_id").is_null())
        .then(pl.lit(terms.UNLINKED))
        .when(pl.col("is_refund"))
        .then(pl.lit(None, pl.String))
        .when(age < -pl.duration(minutes=window.clock_skew_minutes))
        .then(pl.lit(terms.BEFORE_SCAN))
        .when(age > pl.duration(days=window.days))
        .then(pl.lit(terms.OUTSIDE_WINDOW))
    )


def _refunds_from_orders(reasoned: pl.LazyFrame) -> pl.LazyFrame:
    """Refunds with the tie of their order, where the order is among the conversions; the earliest such."""
    orders = (
        reasoned.filter(~pl.col("is_refund"), pl.col("order_id").is_not_null())
        .sort("converted_at", "conversion_id")
        .unique(["site_id", "order_id"], keep="first", maintain_order=True)
        .select("site_id", "order_id", *(pl.col(name).alias(f"order_{name}") for name in TIED))
    )
    joined = reasoned.join(orders, on=["site_id", "order_id"], how="left", nulls_equal=False)
    from_order = pl.col("is_refund") & pl.col("order_tie").is_not_null()
    return joined.with_columns(pl.when(from_order).then(f"order_{name}").otherwise(name).alias(name) for name in TIED)
