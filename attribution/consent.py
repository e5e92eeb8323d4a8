"""What consent forbids never reaches a table: the one place that says what is stripped, and when.

`denied` and `pending` strip `page_url`, `referrer`, `city` and `metadata` before storage (event-model, "Privacy and
GDPR"); server `properties` are treated as `metadata`, and a scan's city follows the events of its session. `consent` itself is
always kept.
"""

from typing import Final

import polars as pl

from attribution import terms
from attribution.keys import expr_session
from attribution.sources.aliases import JSON_COLUMNS

NOTHING: Final = ("{}", "[]", "null")
"""How an empty free object is written."""
STRIPPED: Final = ("page_url", "referrer", "city", "metadata", "properties")


def is_withheld(consent: str = "consent") -> pl.Expr:
    """The row's consent, or that in another column, is `denied` or `pending`."""
    return pl.col(consent).is_in(terms.WITHHELD)


def expr_stripped(column: str) -> pl.Expr:
    """The column, empty where consent is withheld."""
    return pl.when(~is_withheld()).then(pl.col(column)).alias(column)


def is_leak(column: str) -> pl.Expr:
    """The row's consent is withheld, and the column holds something all the same (an empty object or list is nothing)."""
    holds = [pl.col(column) != nothing for nothing in (NOTHING if column in JSON_COLUMNS else NOTHING[:1])]
    return pl.all_horizontal(is_withheld(), pl.col(column).is_not_null(), *holds)


def by_scan_session(events: pl.LazyFrame, withheld: pl.LazyFrame) -> pl.LazyFrame:
    """The events under the strictest consent of their scan session, stripped accordingly.

    Args:
        events: As `schemas.events`, each under its own consent.
        withheld: `scan_session_id, consent` of the rows without consent; rows may repeat.

    Returns:
        As `schemas.events`: where one row of a scan session is `denied` all are, else where one is `pending` all are;
        `consent_sent` keeps what each row itself said.
    """
    return _under_strictest(events, withheld).with_columns(expr_stripped(name) for name in (*STRIPPED, "order_id"))


def _under_strictest(events: pl.LazyFrame, withheld: pl.LazyFrame) -> pl.LazyFrame:
    # `denied`, the stricter word, comes first in text order.
    strictest = withheld.drop_nulls().group_by("scan_session_id").agg(session_consent=pl.col("consent").min())
    told = events.join(strictest, on="scan_session_id", how="left", maintain_order="left")
    return told.with_columns(consent=pl.coalesce("session_consent", "consent")).drop("session_consent")


def strips(events: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """`consent, field, rows`, with the columns `by` before them: how many rows hold what their consent forbids."""
    held = events.filter(is_withheld()).group_by(*by, "consent")
    counted = held.agg(is_leak(name).sum().cast(pl.Int64).alias(name) for name in STRIPPED)
    return counted.unpivot(STRIPPED, index=[*by, "consent"], variable_name="field", value_name="rows")


def strips_by_scan_session(events: pl.LazyFrame, withheld: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """As `strips`: what `by_scan_session` takes from rows whose own consent would let them keep it."""
    return strips(_under_strictest(events.filter(~is_withheld("consent_sent")), withheld), *by)


def scans_by_events(scans: pl.LazyFrame, withheld: pl.LazyFrame) -> pl.LazyFrame:
    """The scans, with no city where the scan session has a row without consent.

    Args:
        scans: As `schemas.scans`.
        withheld: As for `by_scan_session`.

    Returns:
        As `schemas.scans`, in the same order. A key for each scan session without consent stays in memory.
    """
    silent = withheld.filter(pl.col("scan_session_id").is_not_null()).select(expr_session(), is_silent=True).unique()
    told = scans.with_columns(expr_session()).join(silent, on="session", how="left", maintain_order="left")
    return told.with_columns(city=pl.when(pl.col("is_silent").is_null()).then("city")).drop("session", "is_silent")
