"""A good row, and what becomes of rows that differ from it."""

import polars as pl

from attribution.ingest import Ingested, ingest
from attribution.schemas.raw_event import explain

UUID = "aaaaaaaa-0000-4000-8000-00000000000{}"
ZERO = "00000000-0000-0000-0000-000000000000"
HASH = "b94d27b9934d3e08a52e52d7da7dabfac484efe04294e576fc583c381f2d9c5d"
GOOD: dict[str, str | None] = {
    "event_id": UUID.format(1),
    "site_id": "site",
    "source": "server",
    "event_type": None,
    "event_name": "purchase",
    "event_time": "2026-05-13T10:00:00.000Z",
    "received_time": "2026-05-13T10:00:01.000Z",
    "timestamp": None,
    "scan_session_id": UUID.format(2),
    "web_session_id": UUID.format(3),
    "visitor_id": UUID.format(4),
    "amount": "49.99",
    "currency": "USD",
    "consent": "granted",
    "metadata": None,
    "properties": '{"order_id": "o1"}',
    "is_duplicate": "0",
    "is_fraud": "0",
    "email_hash": HASH,
    "phone_hash": None,
    "external_id": "usr_1",
    "user_identifiers": None,
    "user_identifiers.phone": None,
    "page_url": None,
    "referrer": None,
    "city": None,
}


def judged(shape: str, *rows: dict[str, str | None]) -> Ingested:
    frame = pl.DataFrame([{**GOOD, **row} for row in rows], schema=dict.fromkeys(GOOD, pl.String)).with_row_index(
        "row_number", offset=1
    )
    return ingest(frame, shape=shape, source_id=7)


def outcome(shape: str, row: dict[str, str | None]) -> tuple[set[str], set[str]]:
    """The rules for which the row is refused, and those that are noted of it."""
    result = judged(shape, row)
    failing = result.failing
    refused = set(explain(failing, shape)["reason"]) if failing.height else set()
    return refused, set(result.findings["rule"])
