"""`scans`: one row per scan session in the scan export."""

import pandera.polars as pa
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import UTC


class Scans(Table):
    """One row per `scan_session_id` of the scan export; if it has several, the earliest counts, and the next fills its gaps."""

    scan_session_id: Series[str] = pa.Field(description="The scan")
    qr_code_id: Series[str] = pa.Field(nullable=True, description="The QR code scanned; opaque")
    scanned_at: Series[UTC] = pa.Field(description="When it was scanned, UTC")
    country_code: Series[str] = pa.Field(nullable=True, description="Country by GeoIP, ISO 3166")
    city: Series[str] = pa.Field(nullable=True, description="City by GeoIP")
    device_type: Series[str] = pa.Field(nullable=True, description="Device class")
    browser_family: Series[str] = pa.Field(nullable=True, description="Browser")
    os_family: Series[str] = pa.Field(nullable=True, description="Operating system")
    has_conflict: Series[bool] = pa.Field(description="The export names different QR codes for this scan")
