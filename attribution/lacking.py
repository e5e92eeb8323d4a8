"""What the figures of a run lack, in words: rows and money that are in none, and what the exports do not tell at all."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from attribution.refused import EVENTS, many_refused, refused
from attribution.unpriced import unpriced

KINDS: Final = {"fx": "rates", "qr_codes": "QR codes"}
"""Kinds of files in words, where they are not their own."""
SAYS_WHICH: Final = "tables/rejects.parquet says which"
MONEY: Final = ("amount", "currency")
"""Columns of an event for which it is refused, and its money with it."""
READS: Final = ("data_quality", "unconverted_revenue", "revenue_per_qr", "unattributed_revenue")
"""Reports that tell it."""
Lack = tuple[str, str]
"""What is lacking, and of what it is said, which may hold names of QR codes."""


def lacking(ledger: Mapping[str, Any], reports: Mapping[str, pl.DataFrame], *, of_period: bool = False) -> list[Lack]:
    """What the figures lack, the most first; nothing where they lack nothing.

    Args:
        ledger: As `attribution.ledger.ledger` gives it.
        reports: Report tables by name; of them `READS`.
        of_period: The reports are a period's, of which there may be nothing to tell.
    """
    quality = reports["data_quality"]
    found = [
        (f"Many events were refused, so every figure lacks them ({SAYS_WHICH})", many_refused(ledger["rows"], quality)),
        *([] if of_period else _not_told(ledger, reports)),
        *_refused_beside(ledger, quality),
        ("Events refused with their money, so in no revenue", refused(quality, EVENTS, MONEY)),
        unpriced(reports["unconverted_revenue"], reports["revenue_per_qr"]),
    ]
    return [(lead, said) for lead, said in found if said]


def _refused_beside(ledger: Mapping[str, Any], quality: pl.DataFrame) -> list[Lack]:
    """Rows of scans, QR codes, spend and rates that were refused."""
    return [
        (
            f"Rows of {KINDS.get(kind, kind)} were refused ({SAYS_WHICH})",
            f"{rows['rejected']:,} of {rows['read']:,}, {refused(quality, kind)}",
        )
        for kind, rows in ledger["other"].items()
        if rows["rejected"]
    ]


def _not_told(ledger: Mapping[str, Any], reports: Mapping[str, pl.DataFrame]) -> list[Lack]:
    """What no row tells, as where a column is missing or has a name that nobody knows."""
    per_qr, left = reports["revenue_per_qr"], reports["unattributed_revenue"]
    if not ledger["rows"]["analysed"]:
        return []
    if not (ledger["revenue"] or left.height or (per_qr["conversions"] != 0).any()):
        return [("Nothing was earned", "no event is a conversion (conversions.event_names, conversions.with_value)")]
    has_sessions = (per_qr["scan_sessions"] != 0).any()
    return [
        ("Nothing can be attributed", "" if has_sessions else "no event names a scan session (scan_session_id)"),
        ("Nothing was earned", "" if ledger["revenue"] else "no conversion has an amount (conversion_value)"),
    ]
