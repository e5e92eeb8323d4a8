"""`daily_per_qr`: one row per day and QR code."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class DailyPerQr(Table):
    """One row per day of the reporting time zone and QR code on which something happened; other days are left out.

    Scans and sessions count on the day of the scan, conversions and revenue on the day of the conversion or refund.
    `unlinked` holds the scans and sessions without a QR code; conversions that no QR code earns are not in this table.
    """

    day: Series[pl.Date] = pa.Field(description="Day in the reporting time zone")
    qr_code_id: Series[str] = pa.Field(description="The QR code, or `unlinked`")
    campaign: Series[str] = pa.Field(nullable=True, description="Its campaign")
    scans: Series[pl.Int64] = pa.Field(
        nullable=True, description="Distinct scan sessions in the scan export; null without an export"
    )
    scan_sessions: Series[pl.Int64] = pa.Field(description="Distinct scan sessions with an analysed event")
    conversions: Series[float] = pa.Field(description="Conversions credited; whole under single-touch models")
    revenue: Series[SUM] = pa.Field(description="Money credited, refunds subtracted, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    model: Series[str] = pa.Field(description="The attribution model")
