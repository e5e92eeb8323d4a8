"""Ties: which scan session and web session a conversion belongs to, and why no QR code earns it. Used by `conversions`."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from attribution import terms
from attribution.slices import matching


@dataclass(frozen=True)
class Window:
    """When a conversion counts for its scan: at most `days` after it, `clock_skew_minutes` before it at the earliest."""

    days: int = 60
    clock_skew_minutes: int = 5


PLATFORM_WINDOW: Final = Window()
"""How long the platform's browser SDK keeps a scan session."""


NAMED: Final = ("conversion_id", "converted_at", "named_scan_session_id", "named_web_session_id")
"""What a conversion says about its own sessions."""


def strays(chosen: pl.LazyFrame, scan_sessions: pl.LazyFrame, web_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """Conversions whose web session was seen, but not under the scan session that they name.

    Args:
        chosen: The columns `NAMED` of `conversions.conversion_events`.
        scan_sessions: As `schemas.scan_sessions`.
        web_sessions: As `schemas.web_sessions`.

    Returns:
        `conversion_id`, and of the web session's scan session `scan_session_id_stray`, `qr_code_id_stray`,
        `scanned_at_stray`, `person_id_stray`; of several, the last begun before the conversion, else the first after.
        One row per such conversion; few. Reads its tables when called.
    """
    named = chosen.filter(pl.col("named_web_session_id").is_not_null()).select(
        "conversion_id", "converted_at", "named_scan_session_id", web_session_id="named_web_session_id"
    )
    sessions = web_sessions.select("web_session_id", "scan_session_id", "started_at")
    seen = matching(sessions, named.select("web_session_id"), "web_session_id")
    wanted = named.join(
        seen.select("web_session_id", named_scan_session_id="scan_session_id"),
        on=["web_session_id", "named_scan_session_id"],
        how="anti",
    )
    distance = pl.col("converted_at") - pl.col("started_at")
    found = (
        wanted.join(seen, on="web_session_id", how="inner")
        .sort(distance < pl.duration(), distance.abs(), "scan_session_id")
        .unique("conversion_id", keep="first", maintain_order=True)
    )
    traits = matching(_traits(scan_sessions), found.select("scan_session_id"), "scan_session_id")
    return (
        found.join(traits, on="scan_session_id", how="left")
        .rename({name: f"{name}_stray" for name in ("scan_session_id", "qr_code_id", "scanned_at", "person_id")})
        .drop("converted_at", "named_scan_session_id", "web_session_id", "started_at")
    )


def tied(
    chosen: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    web_sessions: pl.LazyFrame,
    strays: pl.LazyFrame,
    window: Window,
) -> pl.LazyFrame:
    """The conversions with `scan_session_id`, `web_session_id`, the facts of these, `tie` and `unattributed_reason`.

    May be split by the scan session that a conversion names, given all `strays`.
    """
    known = _traits(scan_sessions.filter("is_known")).with_columns(is_known=pl.lit(value=True))
    return (
        chosen.join(known, left_on="named_scan_session_id", right_on="scan_session_id", how="left")
        .join(strays, on="conversion_id", how="left")
        .with_columns(_scan_session())
        .pipe(_with_web_session, web_sessions)
        .with_columns(tie=_tie(), unattributed_reason=_reason(window), journey_ended_at="converted_at")
    )


def _traits(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    return scan_sessions.select("scan_session_id", "qr_code_id", "scanned_at", "person_id")


def _scan_session() -> list[pl.Expr]:
    """The scan session that is named, where known; else the web session's. The event's own QR code takes precedence."""
    is_tied = pl.any_horizontal("is_known", pl.col("scan_session_id_stray").is_not_null())
    of_session = pl.when("is_known").then("qr_code_id").otherwise("qr_code_id_stray")
    return [
        pl.when("is_known").then("named_scan_session_id").otherwise("scan_session_id_stray").alias("scan_session_id"),
        pl.when("is_known").then("scanned_at").otherwise("scanned_at_stray").alias("scanned_at"),
        pl.when("is_known").then("person_id").otherwise("person_id_stray").alias("person_id"),
        pl.when(is_tied).then(pl.coalesce("own_qr_code_id", of_session)).alias("qr_code_id"),
    ]


def _with_web_session(chosen: pl.LazyFrame, web_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """The conversion's own web session, where known; else the last of its scan session begun before it."""
    seen = web_sessions.select("scan_session_id", "started_at", seen_web_session_id="web_session_id")
    is_seen = pl.col("seen_web_session_id") == pl.col("named_web_session_id")
    is_own = (is_seen | pl.col("scan_session_id_stray").is_not_null()).fill_null(value=False)
    is_before = pl.col("started_at") <= pl.col("converted_at")
    return (
        chosen.join(seen, left_on="named_scan_session_id", right_on="scan_session_id", how="left")
        .with_columns(
            web_session_id=pl.when(is_own).then("named_web_session_id").when(is_before).then("seen_web_session_id"),
            is_own=is_own,
            begun_at=pl.when(is_before).then("started_at"),
        )
        .sort("is_own", "begun_at", "web_session_id", descending=[True, True, False], nulls_last=True)
        .unique("conversion_id", keep="first", maintain_order=True)
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
