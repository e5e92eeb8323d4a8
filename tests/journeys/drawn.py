"""Small scan sessions and conversions, drawn in a few words; times are hours after a fixed start."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl

from attribution.schemas.conversions import Conversions
from attribution.schemas.scan_sessions import ScanSessions

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=hours)


def sessions(*rows: tuple[str, str, str | None, float]) -> pl.LazyFrame:
    """Scan sessions from (session, person, QR code, scanned at hour)."""
    drawn = [
        {
            "scan_session_id": session,
            "person_id": person,
            "qr_code_id": code,
            "scanned_at": at(hour),
            "scanned_at_source": "scan_export",
            "is_known": True,
            "has_qr_conflict": False,
            "event_count": 1,
            "browser_event_count": 1,
            "page_view_count": 1,
        }
        for session, person, code, hour in rows
    ]
    return pl.LazyFrame(drawn, schema=ScanSessions.dtypes())


def conversions(scans: pl.LazyFrame, *rows: tuple[str, str, str, str, float, str]) -> pl.LazyFrame:
    """Attributed conversions from (conversion, person, session, QR code, hour, amount); a negative amount is a refund."""
    scanned_at = dict(scans.select("scan_session_id", "scanned_at").collect().rows())
    drawn = [
        {
            "conversion_id": conversion,
            "event_id": conversion,
            "site_id": "site",
            "event_name": "purchase",
            "scan_session_id": session,
            "named_scan_session_id": session,
            "person_id": person,
            "qr_code_id": code,
            "converted_at": at(hour),
            "journey_ended_at": at(hour),
            "scanned_at": scanned_at[session],
            "amount": Decimal(amount),
            "amount_reporting": Decimal(amount),
            "currency": "USD",
            "consent": "granted",
            "tie": "scan_only",
            "is_refund": Decimal(amount) < 0,
        }
        for conversion, person, session, code, hour, amount in rows
    ]
    return pl.LazyFrame(drawn, schema=Conversions.dtypes())
