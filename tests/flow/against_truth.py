"""Holds a run's tables against the truth that a simulated world planted."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from attribution.simulate import Truth


def found(out: Path) -> dict[str, Any]:
    """What a run found, in the words of `Truth`."""
    conversions = pl.read_parquet(out / "tables" / "conversions.parquet")
    report = pl.read_parquet(out / "reports" / "revenue_per_qr.parquet")
    attributed = conversions.filter(pl.col("unattributed_reason").is_null())
    earned = {code: _earned(rows) for (code,), rows in attributed.group_by("qr_code_id")}
    left = {
        reason: _earned(rows)
        for (reason,), rows in conversions.filter(pl.col("unattributed_reason").is_not_null()).group_by(
            "unattributed_reason"
        )
    }
    counted = conversions.filter(~pl.col("is_refund"))
    return {
        "rows": json.loads((out / "ledger.json").read_text())["rows"],
        "earned": earned,
        "unattributed": left,
        "ties": dict(counted["tie"].value_counts().rows()),
        "revenue": _revenue(conversions),
        "scans": dict(report.select("qr_code_id", "scans").rows()),
        "scan_sessions": dict(report.select("qr_code_id", "scan_sessions").rows()),
    }


def planted(truth: Truth) -> dict[str, Any]:
    """The same, as planted."""
    nothing = (0, 0, {})
    codes = truth.qr_codes
    return {
        "rows": {name: getattr(truth.rows, name) for name in truth.rows.__dataclass_fields__},
        "earned": {
            code: _as_earned(entry.earned) for code, entry in codes.items() if _as_earned(entry.earned) != nothing
        },
        "unattributed": {
            reason: _as_earned(entry) for reason, entry in truth.unattributed.items() if _as_earned(entry) != nothing
        },
        "ties": {tie: count for tie, count in truth.ties.items() if count},
        "revenue": _decimals(truth.revenue),
        "scans": {code: entry.scans for code, entry in codes.items()},
        "scan_sessions": {code: entry.scan_sessions for code, entry in codes.items()},
    }


def differences(out: Path, truth: Truth) -> list[str]:
    """Each place where the run and the truth differ; nothing where they agree."""
    ours, theirs = found(out), planted(truth)
    for name in ("scans", "scan_sessions"):
        ours[name] = {code: count for code, count in ours[name].items() if code in theirs[name]}
    return [
        f"{part}.{key}: found {ours[part].get(key)}, planted {theirs[part].get(key)}"
        for part in theirs
        for key in sorted({*ours[part], *theirs[part]})
        if ours[part].get(key) != theirs[part].get(key)
    ]


def _earned(rows: pl.DataFrame) -> tuple[int, int, dict[str, Decimal]]:
    refunds = rows["is_refund"].sum()
    return rows.height - refunds, refunds, _revenue(rows)


def _as_earned(entry: Any) -> tuple[int, int, dict[str, Decimal]]:
    return entry.conversions, entry.refunds, _decimals(entry.revenue)


def _revenue(rows: pl.DataFrame) -> dict[str, Decimal]:
    summed = rows.filter(pl.col("amount").is_not_null()).group_by("currency").agg(pl.col("amount").sum())
    return {currency: amount.normalize() for currency, amount in summed.rows() if amount}


def _decimals(amounts: dict[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(amount).normalize() for currency, amount in amounts.items() if Decimal(amount)}
