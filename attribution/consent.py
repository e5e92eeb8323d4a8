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
