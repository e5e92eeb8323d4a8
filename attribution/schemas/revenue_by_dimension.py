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
    """One row per dimension and value in which a scan, session or credit lies, by revenue; `Unknown` comes last.

    Revenue and conversions are those of attributed conversions and count for the scan sessions that are credited; the
    rows of a dimension add up to the QR rows of `revenue_per_qr`. `Other` holds values of few people, and of many values the
    smallest. Sessions and scans without a QR code count as well. Of a scan without an event only what the scan export tells is
    known: where that is no system, browser or landing page, such scans are `Unknown` there, and `revenue_per_scan` of the
    others is that of scans with events alone.
    A share or ratio whose divisor is 0 or unknown is null.
    """

    dimension: Series[str] = pa.Field(isin=DIMENSIONS, description="What is cut by")
    value: Series[str] = pa.Field(
        description="The placement, country and so on; `Unknown`: none is known; `Other`: small ones"
    )
    scans: Series[pl.Int64] = pa.Field(
        nullable=True, description="Distinct scan sessions in the scan export; null without"
    )
    scan_sessions: Series[pl.Int64] = pa.Field(description="Distinct scan sessions with an analysed event")
    people: Series[pl.Int64] = pa.Field(description="Distinct people in those sessions; overlap between values")
    conversions: Series[float] = pa.Field(description="Conversions credited; whole under single-touch models")
    converting_sessions: Series[pl.Int64] = pa.Field(
        description="Of `scan_sessions`, those that a counted conversion is tied to"
    )
    converting_sessions_pct: Series[float] = pa.Field(
        nullable=True, description="converting_sessions / scan_sessions x 100; at most 100"
    )
    conversions_per_session_pct: Series[float] = pa.Field(
        nullable=True, description="conversions / scan_sessions x 100; may pass 100"
    )
    revenue: Series[SUM] = pa.Field(description="Money credited, refunds subtracted, in `currency`")
    revenue_share_pct: Series[float] = pa.Field(nullable=True, description="Of the dimension's revenue, 0 to 100")
    revenue_per_scan: Series[SUM] = pa.Field(nullable=True, description="revenue / scans, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    model: Series[str] = pa.Field(description="The attribution model")
