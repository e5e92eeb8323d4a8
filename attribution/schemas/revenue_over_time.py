"""`revenue_over_time`: one row per grain and period."""

from typing import Final

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM

GRAINS: Final = ("day", "week", "month")


class RevenueOverTime(Table):
    """One row per day, ISO week and month of the range, even if nothing happened; days first, then weeks, then months.

    Scans and sessions count on the day of the scan, conversions and revenue on the day of the conversion or refund,
    cost on the day of spend. The range is that of the period, or from the first day with a scan, an attributed
    conversion or spend to the last with a scan or such a conversion: later spend is in no row. Conversions and revenue
    of the days, the weeks and the months each add up to the QR rows of `revenue_per_qr`, where the range covers all data;
    scans and sessions without a QR code count here as well.
    """

    grain: Series[str] = pa.Field(isin=GRAINS, description="What the row covers: a day, week or month")
    starts_on: Series[pl.Date] = pa.Field(description="Its first day; a week's is the Monday")
    scans: Series[pl.Int64] = pa.Field(
        nullable=True, description="Distinct scan sessions in the scan export; null without an export"
    )
    scan_sessions: Series[pl.Int64] = pa.Field(description="Distinct scan sessions with an analysed event")
    conversions: Series[float] = pa.Field(description="Conversions credited; whole under single-touch models")
    revenue: Series[SUM] = pa.Field(description="Money credited, refunds subtracted, in `currency`")
    cost: Series[SUM] = pa.Field(
        nullable=True,
        description="Spend with a day, in `currency`; null: some has no rate, or the range has no spend at all",
    )
    revenue_previous: Series[SUM] = pa.Field(
        nullable=True, description="revenue of the previous row, in `currency`; null for the first row of a grain"
    )
    revenue_change_pct: Series[float] = pa.Field(
        nullable=True, description="Change from the previous row in percent; null if that is not above 0"
    )
    scan_sessions_change_pct: Series[float] = pa.Field(
        nullable=True, description="Change from the previous row in percent; null if that is 0"
    )
    is_partial: Series[bool] = pa.Field(description="The range covers only a part of the week or month")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    model: Series[str] = pa.Field(description="The attribution model")
    time_zone: Series[str] = pa.Field(description="The time zone in which days begin and end, IANA")
