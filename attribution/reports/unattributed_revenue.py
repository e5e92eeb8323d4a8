"""The money that no QR code earned, by reason and tie, in its own currency and in the reporting one."""

import polars as pl

from attribution.earned import counts_and_amount
from attribution.fx import total_reporting
from attribution.row_kinds import is_attributed


def unattributed_revenue(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """One row per reason, tie and currency: `unattributed_reason, tie, currency, conversions, refunds, amount,
    amount_reporting` (null: no rate), largest first.
    """
    return (
        conversions.filter(~is_attributed())
        .group_by("unattributed_reason", "tie", "currency")
        .agg(
            *counts_and_amount(),
            amount_reporting=total_reporting(),
        )
        .sort(
            "amount_reporting",
            "unattributed_reason",
            "tie",
            "currency",
            descending=[True, False, False, False],
            nulls_last=True,
        )
    )
