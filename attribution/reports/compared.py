"""Which reports of a period are held against the same report of the period before, and by what."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Compared:
    """What names a row of the report, and which of its numbers are compared."""

    keys: tuple[str, ...]
    measures: tuple[str, ...]
    lists_all: bool = True
    """Whether a row that was not there before was nothing; False where a report folds or ends its rows."""


EARNED: Final = ("revenue", "conversions", "scan_sessions", "scans")
COMPARED: Final = {
    "revenue_per_qr": Compared(("qr_code_id",), EARNED),
    "revenue_per_campaign": Compared(("campaign", "is_unlinked"), EARNED),
    "revenue_by_dimension": Compared(("dimension", "value"), EARNED, lists_all=False),
    "scans_by_hour": Compared(("weekday", "hour"), EARNED),
    "funnel": Compared(("step",), ("sessions",)),
    "conversion_lag": Compared(("day",), ("converted_share",)),
    "conversion_rates": Compared(("qr_code_id",), ("converting_sessions", "scan_sessions")),
    "model_comparison": Compared(("model", "qr_code_id"), ("revenue", "conversions")),
    "top_paths": Compared(("path", "touches"), ("revenue", "conversions"), lists_all=False),
    "assisted_conversions": Compared(("qr_code_id",), ("influenced_conversions", "assisted_conversions")),
    "unattributed_revenue": Compared(
        ("unattributed_reason", "tie", "currency"), ("amount", "amount_reporting", "conversions")
    ),
    "revenue_per_currency": Compared(("qr_code_id", "currency"), ("amount", "conversions")),
}
"""By report. `revenue_over_time` has the change of each row itself; cohorts are followed beyond their period, and data
quality is of a run, not of a period."""
