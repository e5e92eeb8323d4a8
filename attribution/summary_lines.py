"""The summary of a period for people, as `attribution report` prints it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attribution.money import exact_text
from attribution.numbers import format_number
from attribution.schedule import ends_early, nothing_there


def lines(told: Mapping[str, Any]) -> list[str]:
    """The summary in a few lines for people."""
    period, now, change = told["period"], told["now"], told["change_pct"]
    before = "no previous period" if told["previous"] is None else f"compared with {told['previous']['name']}"
    zone = period["time_zone"]
    days = (
        f"{period['name']} ({period['first']} to {period['last']}, {zone})" if period["first"] else f"All days ({zone})"
    )
    listed = [f"{days}, {before}:"]
    listed += [f"  {sentence}" for sentence in (nothing_there(told) or ends_early(told),) if sentence]
    for name in ("revenue", "unattributed", "conversions", "attributed_conversions", "scan_sessions", "tie_rate"):
        listed.append(
            f"  {name.replace('_', ' '):22} {_shown(name, now[name], told['currency'])}{_moved(change[name])}"
        )
    listed += [
        f"  {word} {row['qr_name'] or row['qr_code_id']}: {_from_to(row, told['currency'])}"
        for word in ("rose", "fell")
        for row in told[word]
    ]
    listed += [f"  {sentence}" for sentence in told["lacking"]]
    if told["last_report"] is not None:
        moved = _moved(told["last_report"]["change_pct"]["revenue"]) or ": not comparable"
        listed.append(f"  revenue since the last report, {told['last_report']['name']}{moved}")
    run = told["run"]
    listed.append(
        f"  run: {run['rows_read']:,} rows, {run['duplicate_rate']:.2%} duplicates, {run['reject_rate']:.2%} rejected"
    )
    return listed


def _shown(name: str, value: Any, currency: str) -> str:  # noqa: ANN401 - money as text, counts, a share, or nothing
    if value is None:
        return "–"
    if name in {"revenue", "unattributed"}:
        return f"{_money(value, currency)} {currency}"
    return f"{value:.4g}" if name == "tie_rate" else format_number(value)


def _from_to(row: Mapping[str, Any], currency: str) -> str:
    return " -> ".join(_money(row[name], currency) for name in ("before", "revenue"))


def _money(text: str, currency: str) -> str:
    return exact_text(Decimal(text), currency)


def _moved(change: float | None) -> str:
    return "" if change is None else f" ({change:+.1f}%)"
