"""`spend`: one row per line of the spend file."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import MONEY


class Spend(Table):
    """One row per line of spend, on a QR code or on a campaign. Identical lines of one file all count."""

    qr_code_id: Series[str] = pa.Field(nullable=True, description="The QR code that it was spent on")
    campaign: Series[str] = pa.Field(nullable=True, description="The campaign that it was spent on")
    date: Series[pl.Date] = pa.Field(description="Day of spend")
    amount: Series[MONEY] = pa.Field(description="Amount spent, in `currency`")
    currency: Series[str] = pa.Field(nullable=True, description="ISO 4217 code of `amount`; null: the reporting one")
