"""`scans_by_hour`: one row per weekday and hour."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class ScansByHour(Table):
    """One row per weekday and hour of the day, all 168, by the local time of the scan in `time_zone`.

    Conversions and revenue count at the hour of the scan that is credited, not at their own; they add up to the QR rows
    of `revenue_per_qr`.
    """

    weekday: Series[pl.Int64] = pa.Field(ge=1, le=7, description="Day of the week, 1 = Monday to 7 = Sunday")
    hour: Series[pl.Int64] = pa.Field(ge=0, le=23, description="Local hour, 0 to 23")
    scan_sessions: Series[pl.Int64] = pa.Field(description="Distinct scan sessions with an analysed event")
    scans: Series[pl.Int64] = pa.Field(
        nullable=True, description="Distinct scan sessions in the scan export; null without an export"
    )
    conversions: Series[float] = pa.Field(description="Conversions credited to these scans")
    revenue: Series[SUM] = pa.Field(description="Money credited to these scans, refunds subtracted, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    model: Series[str] = pa.Field(description="The attribution model")
    time_zone: Series[str] = pa.Field(description="The time zone of weekday and hour, IANA")
