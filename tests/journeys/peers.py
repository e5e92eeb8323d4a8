"""Sessions and conversions of other projects as the tables of our flow."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from attribution.schemas.conversions import Conversions
from attribution.schemas.scan_sessions import ScanSessions


def instant(text: str) -> datetime:
    """A time, UTC where it names no zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def scan_sessions(rows: list[tuple[str, str, datetime]]) -> pl.LazyFrame:
    """Scan sessions from (person, touchpoint, time), in the order given."""
    drawn = [
        {
            "scan_session_id": f"s{number:03d}",
            "person_id": person,
            "qr_code_id": touchpoint,
            "scanned_at": at,
            "scanned_at_source": "first_event",
            "is_known": True,
            "has_qr_conflict": False,
            "event_count": 1,
            "browser_event_count": 1,
            "page_view_count": 1,
        }
        for number, (person, touchpoint, at) in enumerate(rows)
    ]
    return pl.LazyFrame(drawn, schema=ScanSessions.dtypes())


def conversions(scans: pl.LazyFrame, rows: list[tuple[str, datetime, str]], *, lookback_days: int) -> pl.LazyFrame:
    """Conversions from (person, time, amount), each tied to its person's last session before it inside the lookback."""
    sessions = scans.select("scan_session_id", "person_id", "qr_code_id", "scanned_at").collect().to_dicts()
    drawn = []
    for number, (person, at, amount) in enumerate(rows):
        before = [
            session
            for session in sessions
            if session["person_id"] == person
            and 0 <= (at - session["scanned_at"]).total_seconds() <= lookback_days * 86_400
        ]
        tied: dict[str, Any] = max(
            before, key=lambda session: (session["scanned_at"], session["scan_session_id"]), default={}
        )
        drawn.append(
            {
                "conversion_id": f"c{number}",
                "event_id": f"c{number}",
                "site_id": "site",
                "event_name": "purchase",
                "scan_session_id": tied.get("scan_session_id"),
                "named_scan_session_id": tied.get("scan_session_id"),
                "person_id": person,
                "qr_code_id": tied.get("qr_code_id"),
                "converted_at": at,
                "journey_ended_at": at,
                "scanned_at": tied.get("scanned_at"),
                "amount": Decimal(amount),
                "amount_reporting": Decimal(amount),
                "currency": "USD",
                "consent": "granted",
                "tie": "scan_only" if tied else "orphan",
                "unattributed_reason": None if tied else "orphan",
                "is_refund": False,
            }
        )
    return pl.LazyFrame(drawn, schema=Conversions.dtypes())
