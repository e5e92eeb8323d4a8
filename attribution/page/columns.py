"""Which columns of which report the page shows, and under what headings."""

from typing import Final

CHANGE: Final = "change, %"
"""Heading of a measure's change from the period before; only the report of a period has such columns."""
PER_QR: Final = {
    "qr_name": "QR code",
    "revenue": "Revenue",
    "revenue_change_pct": CHANGE,
    "campaign": "Campaign",
    "scans": "Scans",
    "scan_sessions": "Sessions",
    "scan_sessions_change_pct": CHANGE,
    "people": "People",
    "conversions": "Conversions",
    "conversions_change_pct": CHANGE,
    "conversions_per_session_pct": "Conv. per session, %",
    "revenue_per_scan": "Revenue per scan",
    "cost": "Cost",
    "cost_per_scan": "Cost per scan",
    "roas": "ROAS",
    "roi": "ROI",
    "cost_per_conversion": "Cost per conv.",
    "payback_day": "Paid back on",
}
UNATTRIBUTED: Final = {
    "unattributed_reason": "Reason",
    "tie": "Tie",
    "currency": "Currency",
    "conversions": "Conversions",
    "refunds": "Refunds",
    "amount": "Amount",
    "refunded": "Refunded",
    "amount_reporting": "In reporting currency",
    "amount_reporting_change_pct": CHANGE,
}
UNCOUNTED: Final = {
    "reason": "Reason",
    "currency": "Currency",
    "conversions": "Conversions",
    "refunds": "Refunds",
    "amount": "Amount",
    "refunded": "Refunded",
}
UNCONVERTED: Final = {"qr_code_id": "QR code", "currency": "Currency", "conversions": "Conversions", "amount": "Amount"}
PATHS: Final = {
    "path": "Journey, oldest scan first",
    "touches": "Scans",
    "conversions": "Conversions",
    "conversions_change_pct": CHANGE,
    "revenue": "Revenue",
    "median_days": "Median days",
}
ASSISTED: Final = {
    "qr_name": "QR code",
    "campaign": "Campaign",
    "influenced_conversions": "Conversions it took part in",
    "influenced_conversions_change_pct": CHANGE,
    "closed_conversions": "as the last scan",
    "assisted_conversions": "as an earlier scan",
    "assist_ratio": "Assists per close",
}
OVER_TIME: Final = {
    "starts_on": "Starts on",
    "scans": "Scans",
    "scan_sessions": "Sessions",
    "scan_sessions_change_pct": CHANGE,
    "conversions": "Conversions",
    "revenue": "Revenue",
    "revenue_change_pct": CHANGE,
    "cost": "Spend",
    "is_partial": "Partial",
}
DIMENSION: Final = {
    "value": "",
    "scans": "Scans",
    "scan_sessions": "Sessions",
    "scan_sessions_change_pct": CHANGE,
    "people": "People",
    "conversions": "Conversions",
    "converting_sessions_pct": "Converting sessions, %",
    "revenue": "Revenue",
    "revenue_change_pct": CHANGE,
    "revenue_share_pct": "Share, %",
    "revenue_per_scan": "Revenue per scan",
}
DIMENSIONS: Final = {
    "placement": "Placement",
    "country": "Country",
    "city": "City",
    "device": "Device",
    "os": "Operating system",
    "browser": "Browser",
    "landing_page": "Landing page",
}
FUNNEL: Final = {
    "step": "Step",
    "sessions": "Sessions",
    "sessions_change_pct": CHANGE,
    "drop_off_previous_pct": "Lost from previous step, %",
    "drop_off_first_pct": "Lost from first step, %",
    "median_seconds_from_previous": "Median seconds since previous step",
}
QUALITY: Final = {
    "stage": "Stage",
    "kind": "File kind",
    "rule": "Rule",
    "severity": "Severity",
    "column": "Field",
    "rows": "Rows",
    "files": "Files",
    "meaning": "What it means",
}
JOINED: Final = {
    "identifier": "Identifier",
    "outcome": "Outcome",
    "identifiers": "Identifiers",
    "event_count": "Events",
    "people_before": "People before",
    "people_after": "People after",
}
