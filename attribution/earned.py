"""What scan sessions earned under one model, and until when they were observed: one rule for every report of scans."""

from typing import Final

import polars as pl

from attribution.fx import total
from attribution.money import CREDIT_PLACES, TOTAL
from attribution.row_kinds import is_attributed

CREDITED: Final = pl.Decimal(38, CREDIT_PLACES)


def earned(
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    conversions: pl.LazyFrame,
    *,
    model: str,
) -> pl.LazyFrame:
    """A model's credits with what they are worth. One row per credit; unattributed conversions have none.

    Args:
        credits, conversions: The tables of these names.
        model: The attribution model whose credits count.

    Returns:
        `scan_session_id, qr_code_id, converted_at, conversions` (share of a conversion; 0 for a refund), `revenue`
        (reporting currency; null where there is no rate).
    """
    return under_every_model(credits.filter(pl.col("model") == model), conversions).drop("model")


def under_every_model(credits: pl.LazyFrame, conversions: pl.LazyFrame) -> pl.LazyFrame:  # noqa: A002
    """As `earned`, for every model, with the `model` in front."""
    known = conversions.select("conversion_id", "is_refund", "converted_at")
    return credits.join(known, on="conversion_id", how="inner").select(
        "model",
        "scan_session_id",
        "qr_code_id",
        "converted_at",
        conversions=pl.when(~pl.col("is_refund")).then("credit").otherwise(0).cast(CREDITED),
        revenue="amount_reporting",
    )


def converting(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """`scan_session_id, converted_at`: the attributed conversions that are no refund. One row per conversion."""
    counted = conversions.filter(~pl.col("is_refund"), is_attributed())
    return counted.select("scan_session_id", "converted_at").drop_nulls("scan_session_id")


def observed_until(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """`observed_until`: the time up to which conversions could be seen, that of the last scan or session event. One row.

    Args:
        scan_sessions: The table of this name, of all time, including sessions that are not known.
    """
    last = pl.max_horizontal(pl.col("scanned_at").max(), pl.col("last_event_at").max())
    return scan_sessions.select(observed_until=last)


def summed(*counts: str) -> list[pl.Expr]:
    """Sums for a group: each of `counts` as a whole number, and `conversions` and `revenue` as `earned` has them.

    All are exact, so sums of such sums are too; `counted` makes `conversions` the number that a report shows.
    """
    return [
        *(pl.col(name).sum().cast(pl.Int64) for name in counts),
        pl.col("conversions").cast(CREDITED).sum(),
        total(pl.col("revenue")).cast(TOTAL).alias("revenue"),
    ]


def counts_and_amount() -> list[pl.Expr]:
    """For a group of conversions in one currency: how many `conversions` and `refunds` there are, their net `amount`, and
    how much the refunds took back (`refunded`).
    """
    taken_back = pl.when("is_refund").then(-pl.col("amount"))
    return [
        (~pl.col("is_refund")).sum().cast(pl.Int64).alias("conversions"),
        pl.col("is_refund").sum().cast(pl.Int64).alias("refunds"),
        total(pl.col("amount")).cast(TOTAL).alias("amount"),
        total(taken_back).cast(TOTAL).alias("refunded"),
    ]


def or_nothing(*counts: str) -> list[pl.Expr]:
    """Zeros for what `summed` gives, where a group has no row."""
    return [
        pl.col(*counts, "conversions").fill_null(0),
        pl.col("revenue").fill_null(pl.lit(0).cast(TOTAL)),
    ]


def counted(*, has_scans: bool) -> list[pl.Expr]:
    """`conversions` as a report shows them, and `scans`, null without a scan export."""
    scans = pl.col("scans") if has_scans else pl.lit(None, pl.Int64)
    return [pl.col("conversions").cast(pl.Float64), scans.alias("scans")]
