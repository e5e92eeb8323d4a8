"""`scan_sessions`: one row per scan session."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table
from attribution.schemas.events import UTC


class ScanSessions(Table):
    """One row per `scan_session_id` that the scan export or an analysed event names."""

    scan_session_id: Series[str] = pa.Field(description="The scan")
    qr_code_id: Series[str] = pa.Field(
        nullable=True, description="The scan export's QR code, else its events', analysed ones first"
    )
    scanned_at: Series[UTC] = pa.Field(description="The scan export's time, else the first event's, UTC")
    scanned_at_source: Series[str] = pa.Field(
        isin=[terms.SCAN_EXPORT, terms.FIRST_EVENT], description="Where scanned_at comes from"
    )
    person_id: Series[str] = pa.Field(
        description="visitor_id of its events, else the scan session itself; joined: see joined_people"
    )
    is_known: Series[bool] = pa.Field(
        description="It has a scan row, an analysed browser event, or a QR code on any of its events"
    )
    has_qr_conflict: Series[bool] = pa.Field(
        description="Its rows name different QR codes; rows not analysed are compared only where no other names one"
    )
    event_count: Series[pl.Int64] = pa.Field(ge=0, description="Analysed events")
    browser_event_count: Series[pl.Int64] = pa.Field(ge=0, description="Analysed browser events")
    page_view_count: Series[pl.Int64] = pa.Field(ge=0, description="Analysed page views")
    first_event_at: Series[UTC] = pa.Field(nullable=True, description="First analysed event, UTC")
    last_event_at: Series[UTC] = pa.Field(nullable=True, description="Last analysed event, UTC")
    country_code: Series[str] = pa.Field(nullable=True, description="Country, ISO 3166; preferably the scan export's")
    city: Series[str] = pa.Field(nullable=True, description="City; preferably the scan export's")
    device_type: Series[str] = pa.Field(nullable=True, description="Device class; preferably the scan export's")
    browser_family: Series[str] = pa.Field(nullable=True, description="Browser; preferably the scan export's")
    os_family: Series[str] = pa.Field(nullable=True, description="Operating system; preferably the scan export's")
    consent: Series[str] = pa.Field(
        nullable=True,
        isin=terms.CONSENT_STATES,
        description="The strictest consent of its analysed events; unspecified if none has one; null: no event",
    )
    has_consent_change: Series[bool] = pa.Field(description="Its analysed events have different consents")
    landing_page: Series[str] = pa.Field(
        nullable=True, description="Address of its first page view, without tracking parameters or fragment"
    )
