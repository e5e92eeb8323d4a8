"""`unconverted_revenue`: one row per QR code and currency without a rate."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM, UTC


class UnconvertedRevenue(Table):
    """One row per QR code and currency of the conversions and refunds whose amount has no rate; empty if all have one.

    Their money is in no total in the reporting currency. Conversions credited to no QR code are included.
    """

    qr_code_id: Series[str] = pa.Field(
        nullable=True, description="The QR code that they are tied to, attributed or not; null: none is known"
    )
    currency: Series[str] = pa.Field(
        nullable=True, description="The currency as sent, ISO 4217; null: sent without one"
    )
    conversions: Series[pl.Int64] = pa.Field(ge=0, description="Conversions without a rate, not counting refunds")
    refunds: Series[pl.Int64] = pa.Field(ge=0, description="Refunds without a rate")
    amount: Series[SUM] = pa.Field(description="Money of both, refunds subtracted, in `currency`")
    refunded: Series[SUM] = pa.Field(
        ge=0, description="Money given back by the refunds, in `currency`: amount + refunded is what was sold"
    )
    first_at: Series[UTC] = pa.Field(description="When the first of them happened, UTC")
    last_at: Series[UTC] = pa.Field(description="When the last of them happened, UTC")

    class Config(Table.Config):
        """No QR code has two rows of a currency."""

        unique = ("qr_code_id", "currency")
