"""What a QR code is called where people read it: its name, followed by its id where another code has the same name; and how
several names are listed.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from attribution.numbers import format_number

NAMED: Final = 3
"""How many names are listed; the rest are counted."""


def expr_called(called: pl.Expr, name: str) -> pl.Expr:
    """What each of some QR codes is called, one row per code.

    Args:
        called: The code's name as it is written, its id where it has none.
        name: The column that holds the name; null where a code has none.
    """
    is_told_by_id = pl.col(name).is_not_null() & called.is_duplicated()
    return pl.when(is_told_by_id).then(pl.format("{} ({})", called, "qr_code_id")).otherwise(called)


def told_apart(reports: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The reports, with QR codes of the same `qr_name` told apart by their ids. A code without a name stays without one.

    Args:
        reports: By name; among them `revenue_per_qr`, which has every code.
    """
    codes = reports["revenue_per_qr"].select("qr_code_id", "qr_name")
    called = codes.with_columns(called=expr_called(pl.coalesce("qr_name", "qr_code_id"), "qr_name"))
    changed = called.filter(pl.col("called") != pl.col("qr_name"))
    if changed.is_empty():
        return dict(reports)
    by_code = dict(changed.select("qr_code_id", "called").rows())
    name = pl.col("qr_code_id").replace_strict(by_code, default=pl.col("qr_name"), return_dtype=pl.String)
    return {
        report: rows.with_columns(qr_name=name) if {"qr_code_id", "qr_name"} <= {*rows.columns} else rows
        for report, rows in reports.items()
    }


def listed(names: Sequence[str], locale: str = "en_US") -> str:
    """Such as `Door and Flyer`, or `Door, Flyer, Poster and 2 more`; at least one name.

    Args:
        names: As they are to be written, those that matter most first.
        locale: How the count is written.
    """
    left = len(names) - NAMED
    parts = [*names[:NAMED], *([f"{format_number(left, locale)} more"] if left > 0 else [])]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
