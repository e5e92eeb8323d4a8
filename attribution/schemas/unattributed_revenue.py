"""`unattributed_revenue`: one row per reason, tie and currency."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class UnattributedRevenue(Table):
    """One row per reason, tie and currency of the conversions and refunds credited to no QR code, largest sum first.

    Those without an amount count too, with no money. The reasons `orphan` and `unlinked` are what the `unlinked` row of
    `revenue_per_qr` holds.
    """

    unattributed_reason: Series[str] = pa.Field(
        isin=terms.UNATTRIBUTED_REASONS,
        description="orphan: no known scan session; unlinked: its scan session has no known QR code; before_scan: it happened "
        "before the scan; outside_window: too long after the scan",
    )
    tie: Series[str] = pa.Field(
        isin=terms.TIES, description="What they could be tied to: scan_and_web, scan_only, web_only or orphan (nothing)"
    )
    currency: Series[str] = pa.Field(
        nullable=True,
        description="The currency as sent, ISO 4217; null: sent without one, for example without an amount",
    )
    conversions: Series[pl.Int64] = pa.Field(ge=0, description="Conversions, not counting refunds")
    refunds: Series[pl.Int64] = pa.Field(ge=0, description="Refunds")
    amount: Series[SUM] = pa.Field(description="Money of both, refunds subtracted, in `currency`")
    refunded: Series[SUM] = pa.Field(
        ge=0, description="Money given back by the refunds, in `currency`: amount + refunded is what was sold"
    )
    amount_reporting: Series[SUM] = pa.Field(
        nullable=True,
        description="The part of it that has a rate, in the reporting currency at each day's rate; null: no part has one",
    )

    class Config(Table.Config):
        """Nothing is counted in two rows under the same names."""

        unique = ("unattributed_reason", "tie", "currency")
