"""What the platform answered, read from a file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from attribution.errors import InputError
from attribution.platform_summary.facts import Days

KEYS: Final = {"trend": "date", "event_breakdown": "event", "site_breakdown": "site", "funnel": "step"}
"""Section -> the field that names its rows."""
NAMES: Final = {
    "total_events": "total_events",
    "events": "total_events",
    "unique_sessions": "unique_sessions",
    "total_conversions": "conversions",
    "conversions": "conversions",
    "conversion_rate": "conversion_rate",
    "revenue": "revenue",
    "sessions": "sessions",
    "drop_off_percent": "drop_off_percent",
}
"""Field of the answer -> our measure."""


@dataclass(frozen=True)
class Theirs:
    """What the platform answered."""

    days: Days
    numbers: Mapping[tuple[str, str | None, str], Decimal]
    """Section, key (null in `count`) and measure -> number."""
    steps: tuple[str, ...]
    currency: str | None


class _NoNumberError(Exception):
    """A field that should hold a number does not."""

    def __init__(self, section: str, field: str) -> None:
        super().__init__(f"{section}.{field}")


def read(path: Path) -> Theirs:
    """The platform's answer, from a file.

    Raises:
        InputError: The file is not there, or is not such an answer.
    """
    try:
        content = json.loads(path.read_bytes(), parse_float=Decimal)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else f"cannot be read as JSON ({type(error).__name__})"
        message = f"{path}: {why}. Save the response to POST /analytics/ct/ there."
        raise InputError(message) from error
    if isinstance(content, dict) and isinstance(content.get("data"), dict):
        content = content["data"]
    if not isinstance(content, dict) or not ({"count", *KEYS} & {*content}):
        message = (
            f"{path}: not a response to POST /analytics/ct/. Expected count, {', '.join(KEYS)}; it has none of them."
        )
        raise InputError(message)
    count = _row(content.get("count"))
    try:
        numbers = dict(_numbers("count", None, count))
        for section, field in KEYS.items():
            for row in _rows(content.get(section)):
                numbers |= dict(_numbers(section, str(row.get(field))[: 10 if section == "trend" else None], row))
    except _NoNumberError as error:
        message = (
            f"{path}: {error} is not a number such as 1234.50. Save the response to POST /analytics/ct/ unchanged."
        )
        raise InputError(message) from None
    steps = tuple(str(row.get("step")) for row in _rows(content.get("funnel")))
    currency = count.get("primary_currency")
    return Theirs(_days(path, count.get("period")), numbers, steps, currency if isinstance(currency, str) else None)


def _row(section: object) -> Mapping[str, Any]:
    return section if isinstance(section, dict) else {}


def _rows(section: object) -> Sequence[dict[str, Any]]:
    return [row for row in section if isinstance(row, dict)] if isinstance(section, list) else []


def _numbers(
    section: str, key: str | None, row: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, str | None, str], Decimal]]:
    for field, value in row.items():
        if field in NAMES and value is not None and not isinstance(value, (bool, list, dict)):
            yield (section, key, NAMES[field]), _number(section, field, value)


def _number(section: str, field: str, value: str | float | Decimal) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _NoNumberError(section, field) from None
    if not number.is_finite():
        raise _NoNumberError(section, field)
    return number


def _days(path: Path, period: object) -> Days:
    if not isinstance(period, dict):
        return None
    try:
        return date.fromisoformat(str(period["start"])[:10]), date.fromisoformat(str(period["end"])[:10])
    except (KeyError, ValueError) as error:
        message = f"{path}: count.period has no start and end as dates such as 2026-10-01."
        raise InputError(message) from error
