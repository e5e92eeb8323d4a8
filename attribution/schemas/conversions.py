"""`conversions`: one row per conversion or refund."""

import pandera.polars as pa
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table
from attribution.schemas.events import MONEY, UTC


class Conversions(Table):
    """One row per analysed server event that is a conversion or a refund, with how it was tied, or why not."""

    conversion_id: Series[str] = pa.Field(unique=True, description="The event's id, and a short digest of its site")
    event_id: Series[str] = pa.Field(description="The server event")
    site_id: Series[str] = pa.Field(nullable=True, description="Tracking site")
    event_name: Series[str] = pa.Field(description="What happened, as sent")
    scan_session_id: Series[str] = pa.Field(nullable=True, description="The scan session that it is tied to")
    web_session_id: Series[str] = pa.Field(nullable=True, description="The web session that it is tied to")
    person_id: Series[str] = pa.Field(nullable=True, description="The person of the scan session")
    qr_code_id: Series[str] = pa.Field(nullable=True, description="The QR code that it is tied to")
    converted_at: Series[UTC] = pa.Field(description="When it happened, UTC")
    scanned_at: Series[UTC] = pa.Field(nullable=True, description="When the scan session's scan was, UTC")
    amount: Series[MONEY] = pa.Field(nullable=True, description="Value in `currency`; negative for a refund")
    currency: Series[str] = pa.Field(nullable=True, description="ISO 4217 code of `amount`")
    amount_reporting: Series[MONEY] = pa.Field(
        nullable=True, description="Value in the reporting currency at the day's rate, whole minor units; null: no rate"
    )
    consent: Series[str] = pa.Field(isin=terms.CONSENT_STATES, description="Consent of the event")
    tie: Series[str] = pa.Field(isin=terms.TIES, description="What it could be tied to")
    unattributed_reason: Series[str] = pa.Field(
        nullable=True,
        isin=terms.UNATTRIBUTED_REASONS,
        description="Why no QR code is credited with it; null: attributed",
    )
    is_refund: Series[bool] = pa.Field(description="Negative revenue; not counted as a conversion")
    order_id: Series[str] = pa.Field(nullable=True, description="Order, where sent and not stripped")
    journey_ended_at: Series[UTC] = pa.Field(description="converted_at; for a refund of a known order, that order's")
    named_scan_session_id: Series[str] = pa.Field(nullable=True, description="The scan session that the event carries")
