"""Attribute: `conversions` -> `credits`.

Reads:  `conversions`.
Writes: `credits`, one row per attributed conversion, model and touch.
Rule:   `scan_session` gives the whole conversion to the scan session that it is tied to (the platform's own model).
May be split by conversion.
"""

import polars as pl

from attribution import terms
from attribution.money import CREDIT
from attribution.schemas.credits import Credits


def attribute(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """Give every attributed conversion's credit and money to its touches.

    Args:
        conversions: As `schemas.conversions`.

    Returns:
        As `schemas.credits`. Per conversion and model the credits sum to 1 and the money to the conversion's.
    """
    attributed = conversions.filter(pl.col("unattributed_reason").is_null())
    return Credits.shaped(
        attributed.with_columns(
            model=pl.lit(terms.SCAN_SESSION_MODEL),
            position=pl.lit(1, pl.Int64),
            credit=pl.lit(1).cast(CREDIT),
        )
    )
