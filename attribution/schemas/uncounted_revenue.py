"""`uncounted_revenue`: one row per reason and currency."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class UncountedRevenue(Table):
    """One row per reason and currency of the conversion rows with an amount that are in no total, as in the ledger.

    Covers all days, even in the folder of a period. A row that is both a copy and excluded counts under the copy's reason.
    Rejected rows are not included: they broke a rule, so their amounts cannot be trusted.
    """

    reason: Series[str] = pa.Field(
        isin=(*terms.DUPLICATE_REASONS, *terms.EXCLUSIONS),
        description="flagged, repeated_id, original_outside_export: a copy; test: test traffic; fraud: marked as such",
    )
    currency: Series[str] = pa.Field(
        nullable=True, description="The currency as sent, ISO 4217; null: sent without one"
    )
    conversions: Series[pl.Int64] = pa.Field(ge=0, description="Rows of conversions, not counting refunds")
    refunds: Series[pl.Int64] = pa.Field(ge=0, description="Rows of refunds")
    amount: Series[SUM] = pa.Field(description="Money of both, refunds subtracted, in `currency`")
    refunded: Series[SUM] = pa.Field(
        ge=0, description="Money given back by the refunds, in `currency`: amount + refunded is what was sold"
    )

    class Config(Table.Config):
        """No reason has two rows of a currency."""

        unique = ("reason", "currency")
