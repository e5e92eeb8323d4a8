"""Our summary in the shape of the platform's answer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

from attribution.platform_summary.facts import Facts
from attribution.platform_summary.numbers import MEASURES, SECTIONS, number

Cell = dict[str, Decimal]
"""Measure -> number."""
RATE_PLACES: Final = 2


def answer(facts: Facts, funnel: pl.DataFrame, unlinked: int) -> dict[str, Any]:
    """Our summary in the platform's shape. Money is decimal text, which no reader can round.

    Args:
        facts: Those of the run.
        funnel: As `schemas.funnel`.
        unlinked: Scan sessions without a QR code.
    """
    cells: dict[tuple[str, str | None], Cell] = {}
    for measure in MEASURES:
        for section, key, value in number(facts, measure).rows():
            cells.setdefault((section, key), {})[measure] = value
    rows = {section: _of(section, cells) for section in SECTIONS}
    days = [key for key, _ in rows["trend"]]
    several = f"{len(facts.currencies)} currencies; revenue is that in {facts.currency}"
    whole = cells.get(("count", None), {})
    return {
        "count": {
            "total_events": _count(whole, "total_events"),
            "total_conversions": _count(whole, "conversions"),
            "unique_sessions": _count(whole, "unique_sessions"),
            "conversion_rate": _rate(whole),
            "revenue": str(whole.get("revenue", Decimal(0))),
            "primary_currency": facts.currency,
            "currency_warning": several if len(facts.currencies) > 1 else None,
            "period": {"start": days[0], "end": days[-1]} if days else {"start": None, "end": None},
        },
        "trend": [
            {
                "date": key,
                "unique_sessions": _count(cell, "unique_sessions"),
                "conversions": _count(cell, "conversions"),
                "events": _count(cell, "total_events"),
                "conversion_rate": _rate(cell),
            }
            for key, cell in rows["trend"]
        ],
        "event_breakdown": [{"event": key, **_counts(cell)} for key, cell in rows["event_breakdown"]],
        "site_breakdown": [
            {"site": key, **_counts(cell), "conversion_rate": _rate(cell)} for key, cell in rows["site_breakdown"]
        ],
        "funnel": [
            {"step": step, "sessions": sessions, "drop_off_percent": None if lost is None else round(lost, RATE_PLACES)}
            for step, sessions, lost in funnel.select("step", "sessions", "drop_off_previous_pct").rows()
        ],
        "meta": {"warnings": [several] if len(facts.currencies) > 1 else [], "unlinked_qrs": unlinked},
    }


def _of(section: str, cells: Mapping[tuple[str, str | None], Cell]) -> list[tuple[str, Cell]]:
    listed = ((str(key), cell) for (part, key), cell in cells.items() if part == section)
    return sorted(listed, key=lambda row: row[0])


def _counts(cell: Cell) -> dict[str, int]:
    return {name: _count(cell, name) for name in ("total_events", "unique_sessions", "conversions")}


def _count(cell: Cell, name: str) -> int:
    return int(cell.get(name, 0))


def _rate(cell: Cell) -> float | None:
    rate = conversion_rate(cell.get("conversions", Decimal(0)), cell.get("unique_sessions", Decimal(0)))
    return None if rate is None else float(round(rate, RATE_PLACES))


def conversion_rate(conversions: Decimal, sessions: Decimal) -> Decimal | None:
    """Conversions per session in percent, which may pass 100; None without a session."""
    return conversions / sessions * 100 if sessions else None
