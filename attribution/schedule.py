"""What a scheduled report says beside its tables: rates, change since the period before, and the gates. Pure functions."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import polars as pl

from attribution import terms
from attribution.fx import total
from attribution.periods import ALL, Period
from attribution.row_kinds import has_events, is_attributed
from attribution.settings import Schedule

MOVERS: Final = 3
"""QR codes that rose and fell most which a summary names."""


def figures_of(conversions: pl.LazyFrame, scan_sessions: pl.LazyFrame) -> dict[str, Any]:
    """The headline of a period as plain JSON values; money is decimal text in the reporting currency.

    Args:
        conversions, scan_sessions: The tables of these names, cut down to the period.

    Returns:
        `revenue` (attributed), `unattributed`, `refunds`, `conversions` (no refunds), `attributed_conversions` among them,
        `scan_sessions` (with an event) and `tie_rate`: the share of conversions that are no orphans, null without any.
    """
    is_orphan = pl.col("tie") == terms.ORPHAN
    counted = ~pl.col("is_refund")
    row = (
        conversions.select(
            revenue=total(pl.col("amount_reporting").filter(is_attributed())),
            unattributed=total(pl.col("amount_reporting").filter(~is_attributed())),
            refunds=(~counted).sum(),
            conversions=counted.sum(),
            attributed_conversions=(counted & is_attributed()).sum(),
            orphans=(counted & is_orphan).sum(),
        )
        .collect()
        .row(0, named=True)
    )
    sessions = scan_sessions.filter(has_events()).select(pl.len()).collect().item()
    orphans = row.pop("orphans")
    return {
        "revenue": str(row["revenue"]),
        "unattributed": str(row["unattributed"]),
        "refunds": row["refunds"],
        "conversions": row["conversions"],
        "attributed_conversions": row["attributed_conversions"],
        "scan_sessions": sessions,
        "tie_rate": 1 - orphans / row["conversions"] if row["conversions"] else None,
    }


def run_rates(ledger: Mapping[str, Any]) -> dict[str, Any]:
    """`rows_read`, `duplicate_rate`, `reject_rate` of the run behind the report: shares of the rows read, 0 to 1."""
    rows = ledger["rows"]
    read = rows["read"]
    rejected = rows["malformed"] + rows["quarantined"]
    return {
        "rows_read": read,
        "duplicate_rate": rows["duplicates"] / read if read else 0.0,
        "reject_rate": rejected / read if read else 0.0,
    }


def changes(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, float | None]:
    """Change of each number in percent of what it was; null where that is not known or not above 0."""
    return {name: _change(now[name], None if before is None else before.get(name)) for name in now}


def _change(now: Any, before: Any) -> float | None:  # noqa: ANN401 - a JSON value
    if now is None or before is None or Decimal(str(before)) <= 0:
        return None
    return float((Decimal(str(now)) / Decimal(str(before)) - 1) * 100)


def movers(per_qr: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The QR codes whose revenue rose and fell most: `qr_code_id, qr_name, revenue, before, change` as decimal text.

    Args:
        per_qr: `revenue_per_qr` with `revenue_previous`, as `reports.period_change.with_change` gives it.
    """
    moved = (
        per_qr.filter(pl.col("qr_code_id") != terms.UNLINKED, pl.col("revenue_previous").is_not_null())
        .with_columns(change=pl.col("revenue") - pl.col("revenue_previous"))
        .sort("change", "qr_code_id", descending=[True, False])
    )
    rose, fell = moved.filter(pl.col("change") > 0), moved.filter(pl.col("change") < 0).reverse()
    return {"rose": _named(rose.head(MOVERS)), "fell": _named(fell.head(MOVERS))}


def _named(rows: pl.DataFrame) -> list[dict[str, Any]]:
    columns = ("qr_code_id", "qr_name", "revenue", "revenue_previous", "change")
    return [
        {"qr_code_id": code, "qr_name": name, "revenue": str(now), "before": str(before), "change": str(change)}
        for code, name, now, before, change in rows.select(columns).rows()
    ]


def gates(
    now: Mapping[str, Any], change: Mapping[str, float | None], run: Mapping[str, Any], limits: Schedule
) -> list[dict[str, Any]]:
    """Each gate that is set: its name, what was `found`, what is `allowed`, and whether it `holds` (null: nothing to judge by).

    Args:
        now: As `figures_of`.
        change: As `changes`, against the previous period.
        run: As `run_rates`.
        limits: The settings.
    """
    swing = None if change["revenue"] is None else abs(change["revenue"]) / 100
    listed = [
        _gate("tie rate", now["tie_rate"], at_least=limits.min_tie_rate) if limits.min_tie_rate > 0 else None,
        _gate("duplicate rate", run["duplicate_rate"], at_most=limits.max_duplicate_rate)
        if limits.max_duplicate_rate < 1
        else None,
        _gate("reject rate", run["reject_rate"], at_most=limits.max_reject_rate)
        if limits.max_reject_rate < 1
        else None,
        None if limits.max_revenue_swing is None else _gate("revenue swing", swing, at_most=limits.max_revenue_swing),
    ]
    return [gate for gate in listed if gate is not None]


def _gate(
    name: str, found: float | None, *, at_least: float | None = None, at_most: float | None = None
) -> dict[str, Any]:
    allowed = f"at least {at_least:g}" if at_least is not None else f"at most {at_most:g}"
    if found is None:
        return {"name": name, "found": None, "allowed": allowed, "holds": None}
    holds = found >= at_least if at_least is not None else found <= (at_most or 0)
    return {"name": name, "found": round(found, 6), "allowed": allowed, "holds": holds}


def summary(
    period: Period,
    time_zone: str,
    currency: str,
    *,
    now: dict[str, Any],
    before: dict[str, Any] | None,
    last: Mapping[str, Any] | None,
    run: dict[str, Any],
    per_qr: pl.DataFrame,
    data: tuple[date, date] | None,
    limits: Schedule,
) -> dict[str, Any]:
    """The summary as plain JSON values; the first and the last day are null where the period is all days.

    Args:
        period: What the report is of.
        time_zone, currency: Those of the report.
        now, before: As `figures_of`, of the period and of the one before; None where there is none.
        last: `name` and what `figures_of` gave of the scheduled report before this one; None for the first.
        run: As `run_rates`.
        per_qr: As for `movers`.
        data: As `periods.days_seen`, of all the data of the run.
        limits: The settings of the gates.
    """
    change = changes(now, before)
    previous = period.previous()
    first, last_day = (None, None) if period.name == ALL else (str(period.first), str(period.last))
    return {
        "period": {"name": period.name, "first": first, "last": last_day, "time_zone": time_zone},
        "data": None if data is None else {"first": str(data[0]), "last": str(data[1])},
        "previous": None if previous is None or before is None else {"name": previous.name, **before},
        "currency": currency,
        "now": now,
        "change_pct": change,
        "last_report": None if last is None else {**last, "change_pct": changes(now, last)},
        **movers(per_qr),
        "run": run,
        "gates": gates(now, change, run, limits),
    }


def ends_early(told: Mapping[str, Any]) -> str:
    """A sentence where the data ends before the period does: a fall may be what has not come yet. Else empty.

    Args:
        told: As `summary` gives it.
    """
    data, last = told["data"], told["period"]["last"]
    if not data or not last or data["last"] >= last:
        return ""
    return f"The data ends on {data['last']}, before the period does on {last}: anything later is missing from every number."


def nothing_there(told: Mapping[str, Any]) -> str:
    """A sentence where there was nothing to attribute in the period, empty where there was something.

    Args:
        told: As `summary` gives it.
    """
    now, data = told["now"], told["data"]
    if now["scan_sessions"] or now["conversions"] or now["refunds"]:
        return ""
    reach = f"runs from {data['first']} to {data['last']}" if data else "has no day with a scan or a conversion"
    return f"This period has no sessions, conversions or refunds. The data {reach}."
