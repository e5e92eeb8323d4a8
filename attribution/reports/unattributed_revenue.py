"""The money that no QR code earned, by reason and tie, in its own currency and in the reporting one."""

import polars as pl

from attribution.earned import counts_and_amount
from attribution.fx import total_reporting
from attribution.row_kinds import is_attributed
from attribution.schemas.unattributed_revenue import UnattributedRevenue


def unattributed_revenue(conversions: pl.LazyFrame) -> pl.LazyFrame:
    """One row per reason, tie and currency, largest first.

    Returns:
        As `schemas.unattributed_revenue`.
    """
    by = ("unattributed_reason", "tie", "currency")
    grouped = conversions.filter(~is_attributed()).group_by(by)
    summed = grouped.agg(*counts_and_amount(), amount_reporting=total_reporting())
    ordered = summed.sort("amount_reporting", *by, descending=[True, False, False, False], nulls_last=True)
    return UnattributedRevenue.shaped(ordered)
