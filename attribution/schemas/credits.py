"""`credits`: one row per conversion, model and touch that gets credit or money."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.money import CREDIT_PLACES
from attribution.schemas.contract import Table
from attribution.schemas.events import MONEY


class Credits(Table):
    """One row per attributed conversion, model and touch. Per conversion and model, the credits add up to exactly 1
    and the money to exactly the conversion's.
    """

    conversion_id: Series[str] = pa.Field(description="The conversion")
    model: Series[str] = pa.Field(description="The attribution model")
    position: Series[pl.Int64] = pa.Field(ge=1, description="Place of the touch before the conversion, 1 = oldest")
    scan_session_id: Series[str] = pa.Field(description="The touch")
    qr_code_id: Series[str] = pa.Field(nullable=True, description="The QR code of the touch")
    credit: Series[pl.Decimal(precision=18, scale=CREDIT_PLACES)] = pa.Field(
        description="Share of the conversion, 0 to 1"
    )
    amount_reporting: Series[MONEY] = pa.Field(nullable=True, description="Share of the money, reporting currency")
