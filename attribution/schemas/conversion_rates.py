"""`conversion_rates`: one row per QR code."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table


class ConversionRates(Table):
    """One row per QR code that a scan session names, by sessions: what share of its sessions, and of its scans, convert.

    A session converts if an attributed conversion (not a refund) is tied to it. Bounds are Wilson's, with sessions taken as
    independent. Values are null where there are no sessions, and for scans where there is no scan export.
    """

    qr_code_id: Series[str] = pa.Field(unique=True, description="The QR code")
    scan_sessions: Series[pl.Int64] = pa.Field(description="Distinct scan sessions with an analysed event")
    converting_sessions: Series[pl.Int64] = pa.Field(description="Of those, how many convert")
    converting_sessions_pct: Series[float] = pa.Field(nullable=True, description="Their share, 0 to 100")
    converting_sessions_pct_low: Series[float] = pa.Field(nullable=True, description="Lower bound of it, 0 to 100")
    converting_sessions_pct_high: Series[float] = pa.Field(nullable=True, description="Upper bound of it, 0 to 100")
    scans: Series[pl.Int64] = pa.Field(nullable=True, description="Distinct scan sessions in the scan export")
    converting_scans: Series[pl.Int64] = pa.Field(nullable=True, description="Of those, how many convert")
    converting_scans_pct: Series[float] = pa.Field(nullable=True, description="Their share, 0 to 100")
    converting_scans_pct_low: Series[float] = pa.Field(nullable=True, description="Lower bound of it, 0 to 100")
    converting_scans_pct_high: Series[float] = pa.Field(nullable=True, description="Upper bound of it, 0 to 100")
    level: Series[float] = pa.Field(
        description="Confidence level: the share of such intervals that contain the true value, 0 to 1"
    )
