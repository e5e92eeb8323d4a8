"""`revenue_by_dimension`: one row per dimension and value."""

from typing import Final

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM

PLACEMENT: Final = "placement"
DIMENSIONS: Final = (PLACEMENT, "country", "city", "device", "os", "browser", "landing_page")
"""In the table's order. The placement is that of the scan session's QR code; the rest is the session's own."""


class RevenueByDimension(Table):
    """One row per dimension and value that has a scan, session or credit, by revenue; `Unknown` comes last.

    Revenue and conversions are those of attributed conversions and count for the scan sessions that are credited; the
    rows of a dimension add up to the QR rows of `revenue_per_qr`. `Other` combines values with few people and, if there are
    many values, the smallest. Sessions and scans without a QR code count as well. Of a scan without an event, only what the
    scan export says is known: if it gives no system, browser or landing page, such scans are `Unknown` there, and
    `revenue_per_scan` of the other values covers only scans with events.
    A share or ratio whose divisor is 0 or unknown is null.
    """

    dimension: Series[str] = pa.Field(isin=DIMENSIONS, description="What the rows are broken down by")
    value: Series[str] = pa.Field(
        description="The placement, country and so on; `Unknown`: none is known; `Other`: small values combined"
    )
    scans: Series[pl.Int64] = pa.Field(
        nullable=True, description="Distinct scan sessions in the scan export; null without an export"
    )
    scan_sessions: Series[pl.Int64] = pa.Field(description="Distinct scan sessions with an analysed event")
    people: Series[pl.Int64] = pa.Field(description="Distinct people in those sessions; they overlap between values")
    conversions: Series[float] = pa.Field(description="Conversions credited; whole under single-touch models")
    converting_sessions: Series[pl.Int64] = pa.Field(
        description="Of `scan_sessions`, those with a counted conversion tied to them"
    )
    converting_sessions_pct: Series[float] = pa.Field(
        nullable=True, description="converting_sessions / scan_sessions x 100; at most 100"
    )
    conversions_per_session_pct: Series[float] = pa.Field(
        nullable=True, description="conversions / scan_sessions x 100; may exceed 100"
    )
    revenue: Series[SUM] = pa.Field(description="Money credited, refunds subtracted, in `currency`")
    revenue_share_pct: Series[float] = pa.Field(nullable=True, description="Share of the dimension's revenue, 0 to 100")
    revenue_per_scan: Series[SUM] = pa.Field(nullable=True, description="revenue / scans, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    model: Series[str] = pa.Field(description="The attribution model")
