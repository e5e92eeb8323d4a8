"""The ledger as a part of the page."""

import html
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attribution.left_aside import files_left_aside
from attribution.numbers import format_fixed, format_number


def account(ledger: Mapping[str, Any], locale: str) -> str:
    """Every row by what became of it, whether both sides of each check agree, and the files of which something is missing.

    Args:
        ledger: As `attribution.ledger.ledger` gives it.
        locale: How counts are written.
    """
    rows = ledger["rows"]
    parts = [
        ("read", rows["read"]),
        ("malformed", rows["malformed"]),
        ("quarantined", rows["quarantined"]),
        ("duplicates", rows["duplicates"]),
        *((f"excluded: {reason}", count) for reason, count in rows["excluded"].items()),
        ("analysed", rows["analysed"]),
        *([("erased on request", rows["erased"])] if "erased" in rows else []),
    ]
    listed = "".join(
        f'<tr><th scope="row">{name}</th><td class="number">{format_number(count, locale)}</td></tr>'
        for name, count in parts
    )
    checks = "".join(_checked(check, locale) for check in ledger["checks"])
    left = html.escape(files_left_aside(ledger))
    return f'<table class="ledger"><tbody>{listed}</tbody></table><ul class="checks">{checks}</ul>{left and f"<p>{left}</p>"}'


def _checked(check: Mapping[str, Any], locale: str) -> str:
    mark, sign = ("✓", "=") if check["holds"] else ("✗", "≠")
    left, right = (_side(check[name], locale) for name in ("left", "right"))
    return f"<li>{mark} {html.escape(check['name'])}: {left} {sign} {right}</li>"


def _side(told: object, locale: str) -> str:
    """A count, or money as text; nothing of it is rounded."""
    number = Decimal(str(told)).normalize()
    exponent = number.as_tuple().exponent
    return format_fixed(number, -exponent if isinstance(exponent, int) and exponent < 0 else 0, locale)
