"""`qr_codes`: one row per QR code in the QR code list."""

import pandera.polars as pa
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import MONEY


class QrCodes(Table):
    """One row per `qr_code_id`; of several rows, each column's first value in content order counts, currency with cost."""

    qr_code_id: Series[str] = pa.Field(description="The QR code; opaque")
    name: Series[str] = pa.Field(nullable=True, description="Its name")
    campaign: Series[str] = pa.Field(nullable=True, description="The campaign that it belongs to")
    placement: Series[str] = pa.Field(nullable=True, description="Where it is placed")
    cost: Series[MONEY] = pa.Field(nullable=True, description="Fixed cost, in `currency`")
    currency: Series[str] = pa.Field(nullable=True, description="ISO 4217 code of `cost`")
