"""The money of conversions that count in no sum: of copies, of test traffic and of fraud, in its own currency."""

from collections.abc import Collection

import polars as pl

from attribution.conversions import conversion_events
from attribution.earned import counts_and_amount
from attribution.schemas.uncounted_revenue import UncountedRevenue


def uncounted_revenue(
    events: pl.LazyFrame, duplicates: pl.LazyFrame, *, event_names: Collection[str], with_value: bool
) -> pl.LazyFrame:
    """One row per reason and currency of what carries money.

    The reason is that of `duplicates`, else the event's exclusion, as in the ledger's rows. What was refused is in no row
    here: a rule says that it cannot be trusted.

    Args:
        events, duplicates: The tables of these names.
        event_names, with_value: As for `conversions`.

    Returns:
        As `schemas.uncounted_revenue`.
    """
    chosen = conversion_events(events, event_names, with_value=with_value, keep=("row_id", "exclusion"))
    copies = duplicates.select("row_id", "reason")
    left = chosen.join(copies, on="row_id", how="left").with_columns(reason=pl.coalesce("reason", "exclusion"))
    lost = left.filter(pl.col("reason").is_not_null(), pl.col("amount").is_not_null())
    summed = lost.group_by("reason", "currency").agg(counts_and_amount())
    return UncountedRevenue.shaped(summed.sort("reason", "currency"))
