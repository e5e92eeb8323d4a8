"""The words of the domain that appear as values in tables. One spelling, used everywhere."""

from typing import Final, Literal

BROWSER: Final = "browser"
SERVER: Final = "server"

STORED: Final = "stored"
"""A row as the platform stores it: duplicates, fraud and consent are already marked or stripped."""
RAW: Final = "raw"
"""A request body as a customer's log keeps it: the documented pipeline is still to be applied."""

PAGE_VIEW: Final = "page_view"
PAGEVIEW: Final = "pageview"
PAGE_VIEWS: Final = (PAGE_VIEW, PAGEVIEW)
"""Both names of one thing: the script's, and that of sites which send it themselves."""
SAME_STEP: Final = {PAGEVIEW: PAGE_VIEW}
"""Event name -> the funnel step that it stands for, where the two differ."""

GRANTED: Final = "granted"
DENIED: Final = "denied"
PENDING: Final = "pending"
UNSPECIFIED: Final = "unspecified"
CONSENT_WORDS: Final = (GRANTED, DENIED, PENDING)
CONSENT_STATES: Final = (*CONSENT_WORDS, UNSPECIFIED)
WITHHELD: Final = (DENIED, PENDING)
"""Consent states under which personal fields are stripped and identifiers are not used to join people."""
STRICTEST_FIRST: Final = (*WITHHELD, GRANTED, UNSPECIFIED)
"""Of several rows the strictest consent stated counts; `unspecified` only where none was stated."""

SCAN_AND_WEB: Final = "scan_and_web"
SCAN_ONLY: Final = "scan_only"
WEB_ONLY: Final = "web_only"
ORPHAN: Final = "orphan"
TIES: Final = (SCAN_AND_WEB, SCAN_ONLY, WEB_ONLY, ORPHAN)

UNLINKED: Final = "unlinked"
BEFORE_SCAN: Final = "before_scan"
OUTSIDE_WINDOW: Final = "outside_window"
UNATTRIBUTED_REASONS: Final = (ORPHAN, UNLINKED, BEFORE_SCAN, OUTSIDE_WINDOW)
UNLINKED_REASONS: Final = (ORPHAN, UNLINKED)
"""The reasons whose money the `unlinked` row of a report holds: no QR code is known."""

TEST: Final = "test"
FRAUD: Final = "fraud"
EXCLUSIONS: Final = (TEST, FRAUD)
"""Why a row that is no duplicate is left out of analysis; a row to which both apply counts under the first."""

FLAGGED: Final = "flagged"
REPEATED_ID: Final = "repeated_id"
ORIGINAL_OUTSIDE: Final = "original_outside_export"
DUPLICATE_REASONS: Final = (FLAGGED, REPEATED_ID, ORIGINAL_OUTSIDE)

EVENT_TIME: Final = "event_time"
RECEIVED_TIME: Final = "received_time"
SDK_TIMESTAMP: Final = "timestamp"
TIME_SOURCES: Final = (EVENT_TIME, RECEIVED_TIME, SDK_TIMESTAMP)

SCAN_EXPORT: Final = "scan_export"
FIRST_EVENT: Final = "first_event"

SCAN_SESSION_MODEL: Final = "scan_session"

HIGH: Final = "high"
MEDIUM: Final = "medium"
LOW: Final = "low"
CONFIDENCES: Final = (HIGH, MEDIUM, LOW)

ERROR: Final = "error"
WARNING: Final = "warning"
INFO: Final = "info"
SEVERITIES: Final = (ERROR, WARNING, INFO)

MALFORMED: Final = "malformed"
QUARANTINED: Final = "quarantined"

ZERO_UUID: Final = "00000000-0000-0000-0000-000000000000"
"""The id that the platform's own verification page sends: test traffic."""

EVENT: Final = "event"
SCAN_SESSION: Final = "scan_session"
"""What a withheld consent covers: its own event, or its whole scan session."""

Shape = Literal["stored", "raw"]

NO_CODE: Final = "No known code"
"""What people read for the bucket `UNLINKED` of reports."""
NO_CURRENCY: Final = "unknown"
"""In place of a currency where an amount has none."""
PATH_STEP: Final = " > "
"""Separates the QR codes of a path in reports."""
