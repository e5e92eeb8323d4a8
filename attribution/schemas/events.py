"""`events`: one row per accepted input row, duplicates and excluded rows included."""

from typing import Final

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table

UTC = pl.Datetime(time_unit="us", time_zone="UTC")
MONEY = pl.Decimal(precision=18, scale=4)
SUM = pl.Decimal(precision=38, scale=4)
"""Of any number of amounts."""


class Events(Table):
    """One row per accepted input row (duplicates and excluded rows are marked, not removed). No order is promised."""

    row_id: Series[pl.UInt64] = pa.Field(
        description="Identifies the input row: its file (see `sources`) and row number"
    )
    event_key: Series[pl.UInt64] = pa.Field(description="64-bit hash of source, site_id and event_id")
    event_id: Series[str] = pa.Field(description="The event's id; a digest of the row's content if it had none")
    event_id_is_derived: Series[bool] = pa.Field(description="The row came without an event_id")
    site_id: Series[str] = pa.Field(nullable=True, description="Tracking site")
    source: Series[str] = pa.Field(isin=[terms.BROWSER, terms.SERVER], description="Where it was sent from")
    event_type: Series[str] = pa.Field(nullable=True, description="Browser event's name, as sent")
    event_name: Series[str] = pa.Field(nullable=True, description="Server event's name, as sent")
    occurred_at: Series[UTC] = pa.Field(description="When it happened, UTC")
    time_source: Series[str] = pa.Field(isin=terms.TIME_SOURCES, description="Which field occurred_at is from")
    received_at: Series[UTC] = pa.Field(nullable=True, description="When the platform received it, UTC")
    scan_session_id: Series[str] = pa.Field(nullable=True, description="The QR scan that it belongs to")
    web_session_id: Series[str] = pa.Field(nullable=True, description="Browser session (30 minutes without activity)")
    visitor_id: Series[str] = pa.Field(nullable=True, description="Browser's persistent visitor (one year)")
    qr_code_id: Series[str] = pa.Field(nullable=True, description="QR code that the platform linked; opaque")
    user_id: Series[str] = pa.Field(nullable=True, description="Account of the QR code's owner, never the visitor")
    page_url: Series[str] = pa.Field(nullable=True, description="Page; stripped without consent, redacted")
    page_title: Series[str] = pa.Field(nullable=True, description="Page title; redacted")
    referrer: Series[str] = pa.Field(nullable=True, description="Referring URL; stripped without consent, redacted")
    element_text: Series[str] = pa.Field(nullable=True, description="Text of a clicked element; redacted")
    user_agent: Series[str] = pa.Field(nullable=True, description="Browser's user agent (raw payloads)")
    screen_width: Series[pl.Int32] = pa.Field(nullable=True, description="Screen width, pixels")
    screen_height: Series[pl.Int32] = pa.Field(nullable=True, description="Screen height, pixels")
    language: Series[str] = pa.Field(nullable=True, description="Browser language, such as en-US")
    device_type: Series[str] = pa.Field(
        nullable=True, description="Device class as the platform stored it; its `Other` is null"
    )
    browser_family: Series[str] = pa.Field(
        nullable=True, description="Browser as the platform stored it; its `Other` is null"
    )
    os_family: Series[str] = pa.Field(
        nullable=True, description="System as the platform stored it; its `Other` is null"
    )
    country_code: Series[str] = pa.Field(nullable=True, description="Country by GeoIP, ISO 3166")
    city: Series[str] = pa.Field(nullable=True, description="City by GeoIP; stripped without consent")
    amount: Series[MONEY] = pa.Field(nullable=True, description="Conversion value, in `currency`")
    currency: Series[str] = pa.Field(nullable=True, description="ISO 4217 code of `amount`")
    order_id: Series[str] = pa.Field(nullable=True, description="properties.order_id (metadata.order_id)")
    metadata: Series[str] = pa.Field(nullable=True, description="JSON object; stripped without consent, redacted")
    properties: Series[str] = pa.Field(nullable=True, description="JSON object; stripped without consent, redacted")
    email_hash: Series[str] = pa.Field(nullable=True, description="SHA-256 of the lower-case e-mail address, hex")
    phone_hash: Series[str] = pa.Field(nullable=True, description="SHA-256 of the E.164 phone number, hex")
    external_id: Series[str] = pa.Field(nullable=True, description="The customer's own user id")
    consent: Series[str] = pa.Field(
        isin=terms.CONSENT_STATES, description="Consent that applies to the row, always kept for the audit trail"
    )
    consent_sent: Series[str] = pa.Field(
        isin=terms.CONSENT_STATES,
        description="The consent that the row itself says; `consent` is stricter if its scan session's is",
    )
    is_duplicate: Series[bool] = pa.Field(description="The platform marked the row a duplicate")
    is_fraud: Series[bool] = pa.Field(description="The platform marked the row fraud")
    exclusion: Series[str] = pa.Field(nullable=True, isin=terms.EXCLUSIONS, description="Why it is left out, if it is")


EVENT_COLUMNS: Final = tuple(Events.columns())
