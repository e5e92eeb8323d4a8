"""`revenue_per_currency`: one row per QR code and currency, `unlinked` last."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class RevenuePerCurrency(Table):
    """One row per QR code and currency of its attributed conversions and refunds with an amount; the `unlinked` bucket comes
    last. What came before its scan or outside the window is in neither (`unattributed_revenue` has it).

    A conversion counts in full for the QR code that it is tied to, whatever the attribution model. `unlinked` holds the
    conversions whose session or QR code is unknown.
    """

    qr_code_id: Series[str] = pa.Field(description="The QR code, or `unlinked`")
    currency: Series[str] = pa.Field(
        nullable=True, description="The currency as sent, ISO 4217; null: sent without one"
    )
    conversions: Series[pl.Int64] = pa.Field(ge=0, description="Conversions with an amount, no refunds")
    refunds: Series[pl.Int64] = pa.Field(ge=0, description="Refunds with an amount")
    amount: Series[SUM] = pa.Field(description="Money of both, refunds subtracted, in `currency`")
    refunded: Series[SUM] = pa.Field(
        ge=0, description="Money given back by the refunds, in `currency`: amount + refunded is what was sold"
    )
    amount_reporting: Series[SUM] = pa.Field(
        nullable=True,
        description="The part of it that has a rate, in the reporting currency at each day's rate; null: no part has one",
    )

    class Config(Table.Config):
        """No QR code has two rows of a currency."""

        unique = ("qr_code_id", "currency")
