"""What consent forbids never reaches a table: the one place that says what is stripped, and when.

`denied` and `pending` strip `page_url`, `referrer`, `city` and `metadata` before storage (event-model, "Privacy and
GDPR"); server `properties` follow `metadata`. `consent` itself is always kept.
"""

from typing import Final

import polars as pl

from attribution import terms

STRIPPED: Final = ("page_url", "referrer", "city", "metadata", "properties")


def is_withheld() -> pl.Expr:
    """The row's consent is `denied` or `pending`."""
    return pl.col("consent").is_in(terms.WITHHELD)


def expr_stripped(column: str) -> pl.Expr:
    """The column, empty where consent is withheld."""
    return pl.when(~is_withheld()).then(pl.col(column)).alias(column)


def is_leak(column: str) -> pl.Expr:
    """The row's consent is withheld, and the column holds something all the same (an empty object is nothing)."""
    return is_withheld() & pl.col(column).is_not_null() & (pl.col(column) != "{}")


def by_scan_session(events: pl.LazyFrame, withheld: pl.LazyFrame) -> pl.LazyFrame:
    """The events, with the strictest consent of their scan session, and stripped accordingly.

    Args:
        events: As `schemas.events`, each under its own consent.
        withheld: `scan_session_id, consent`: of rows without consent; repeats are welcome.

    Returns:
        As `schemas.events`: where one row of a scan session is `denied` all are, else where one is `pending` all are;
        `consent_sent` keeps each row's own word.
    """
    # `denied`, the stricter word, comes first in text order.
    strictest = withheld.drop_nulls().group_by("scan_session_id").agg(session_consent=pl.col("consent").min())
    told = events.join(strictest, on="scan_session_id", how="left")
    held = told.with_columns(consent=pl.coalesce("session_consent", "consent")).drop("session_consent")
    return held.with_columns(expr_stripped(name) for name in (*STRIPPED, "order_id"))
