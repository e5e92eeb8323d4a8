"""The headline numbers: as tiles of the page, and as plain JSON."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

from attribution import terms
from attribution.money import CREDIT_PLACES, format_amount
from attribution.numbers import format_fixed, format_number
from attribution.page.parts import tile_list

Reports = Mapping[str, pl.DataFrame]
NET: Final = "sales less refunds"


def metrics(per_qr: pl.DataFrame, unattributed: pl.DataFrame, ledger: Mapping[str, Any]) -> dict[str, Any]:
    """The headline numbers as plain JSON: what `dvc metrics show` prints. Money is decimal text.

    Args:
        per_qr: As `schemas.revenue_per_qr`.
        unattributed: As `reports.unattributed_revenue` gives it.
        ledger: As `attribution.ledger.ledger` gives it.
    """
    earned = per_qr.filter(pl.col("qr_code_id") != terms.UNLINKED)
    rows = ledger["rows"]
    return {
        "revenue": str(sum(earned["revenue"], Decimal(0))),
        "revenue_unlinked": str(sum(per_qr["revenue"], Decimal(0)) - sum(earned["revenue"], Decimal(0))),
        "revenue_unattributed": str(sum(unattributed["amount_reporting"].drop_nulls(), Decimal(0))),
        "conversions": round(earned["conversions"].sum(), CREDIT_PLACES),
        "scan_sessions": per_qr["scan_sessions"].sum(),
        "qr_codes": earned.height,
        "rows_read": rows["read"],
        "rows_analysed": rows["analysed"],
        "rows_rejected": rows["malformed"] + rows["quarantined"],
        "rows_duplicate": rows["duplicates"],
        "balanced": ledger["balanced"],
    }


def tiles(
    reports: Reports, ledger: Mapping[str, Any], currency: str, locale: str, *, told: Mapping[str, Any] | None = None
) -> str:
    """The headline numbers as tiles; with the summary of a period, also how each moved."""
    found = metrics(reports["revenue_per_qr"], reports["unattributed_revenue"], ledger)
    rows = ledger["rows"]
    lost = Decimal(found["revenue_unattributed"])
    of_all = share(lost, Decimal(found["revenue"]) + lost, locale)
    moved = {name: _moved(told, name, locale) for name in ("revenue", "unattributed")}
    return tile_list(
        [
            (
                "Revenue attributed",
                format_amount(Decimal(found["revenue"]), currency, locale),
                "to QR codes" + moved["revenue"],
            ),
            (
                "Conversions attributed",
                format_number(found["conversions"], locale),
                f"from {format_number(found['scan_sessions'], locale)} sessions",
            ),
            (
                "Unattributed",
                format_amount(lost, currency, locale),
                (f"{of_all} of all revenue" if of_all else NET) + moved["unattributed"],
            ),
            (
                "Rows analysed",
                format_number(rows["analysed"], locale),
                f"of {format_number(rows['read'], locale)} read",
            ),
            ("Ledger", "balanced" if ledger["balanced"] else "DOES NOT BALANCE", "every row and every cent"),
        ]
    )


def _moved(told: Mapping[str, Any] | None, name: str, locale: str) -> str:
    change = None if told is None else told["change_pct"].get(name)
    if told is None or change is None:
        return ""
    return f", {'+' * (change >= 0)}{format_fixed(change, 1, locale)}% on {told['previous']['name']}"


def share(part: Decimal, whole: Decimal, locale: str) -> str:
    """The part in percent; nothing where refunds leave no whole, or more part than whole."""
    return f"{format_fixed(float(part / whole * 100), 1, locale)}%" if 0 <= part <= whole and whole else ""
