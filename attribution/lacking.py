"""What the figures of a run lack, in words: rows and money that are in none, and what the exports do not tell at all."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from attribution import terms
from attribution.disagreements import FAR_RATES, OTHER_RATES
from attribution.numbers import format_number
from attribution.unpriced import unpriced

KINDS: Final = {"fx": "Exchange rate", "qr_codes": "QR code", "scans": "Scan", "spend": "Spend"}
"""Kinds of files in words, as a row of one is called."""
NAMED: Final = 3
"""Rules that are named; of more, how many."""
READS: Final = ("data_quality", "unconverted_revenue", "revenue_per_qr", "unattributed_revenue")
"""Reports that tell it."""
Lack = tuple[str, str]
"""What is lacking, and of what it is said, which may hold names of QR codes."""


def lacking(
    ledger: Mapping[str, Any], reports: Mapping[str, pl.DataFrame], *, of_period: bool = False, locale: str = "en_US"
) -> list[Lack]:
    """What the figures lack, the most first; nothing where they lack nothing.

    Args:
        ledger: As `attribution.ledger.ledger` gives it.
        reports: Report tables by name; of them `READS`.
        of_period: The reports are a period's, of which there may be nothing to tell.
        locale: How counts and money are written.
    """
    found = [
        *_other_rates(reports["data_quality"], reports["revenue_per_qr"]),
        *([] if of_period else _not_told(ledger, reports)),
        *_refused(ledger, reports["data_quality"], "all days; " if of_period else "", locale),
        unpriced(reports["unconverted_revenue"], reports["revenue_per_qr"], locale),
    ]
    return [(lead, said) for lead, said in found if said]


def _other_rates(quality: pl.DataFrame, per_qr: pl.DataFrame) -> list[Lack]:
    """That rates look as if they were into another currency: then every amount that was converted is wrong."""
    if not per_qr.height:
        return []
    currency = per_qr["currency"][0]
    counts = dict(quality.group_by("rule").agg(pl.col("rows").sum()).rows())
    far = counts.get(FAR_RATES, 0)
    told = [
        f"the rate of {currency} itself is not 1" * (OTHER_RATES in counts),
        (
            f"the rates of {far} {'currency' if far == 1 else 'currencies'} are far from the European Central Bank's "
            "(see tables/findings.parquet)"
        )
        * (far > 0),
    ]
    lead = f"The exchange rates do not seem to be into {currency}, so every converted amount may be wrong"
    return [(lead, "; ".join(reason for reason in told if reason))]


def _refused(ledger: Mapping[str, Any], quality: pl.DataFrame, of: str, locale: str) -> list[Lack]:
    """Rows that were refused: of events, with what money they carry, and of the files beside them."""
    which, rows = f"({of}see tables/rejects.parquet)", ledger["rows"]
    beside = [
        (
            f"{KINDS.get(kind, kind)} rows were rejected {which}",
            _by_rule(quality, kind, counts["rejected"], counts["read"], locale),
        )
        for kind, counts in ledger["other"].items()
    ]
    events = _by_rule(quality, "events", rows["malformed"] + rows["quarantined"], rows["read"], locale)
    return [(f"Events were rejected, and any money they carry is not counted {which}", events), *beside]


def _not_told(ledger: Mapping[str, Any], reports: Mapping[str, pl.DataFrame]) -> list[Lack]:
    """What no row tells, as where a column is missing or has a name that nobody knows."""
    per_qr, left = reports["revenue_per_qr"], reports["unattributed_revenue"]
    if not ledger["rows"]["analysed"]:
        return []
    if not (ledger["revenue"] or left.height or (per_qr["conversions"] != 0).any()):
        return [
            (
                "Nothing was earned",
                "no event is a conversion (see conversions.event_names and conversions.with_value in the settings)",
            )
        ]
    has_sessions = (per_qr["scan_sessions"] != 0).any()
    return [
        ("Nothing can be attributed", "" if has_sessions else "no event names a scan session (scan_session_id)"),
        ("Nothing was earned", "" if ledger["revenue"] else "no conversion has an amount (conversion_value)"),
    ]


def _by_rule(quality: pl.DataFrame, kind: str, count: int, read: int, locale: str) -> str:
    """Such as `25 of 400, breaking amount_not_a_number (24 rows), field_count (1 row)`; empty where none was rejected.

    Most rows first; a row may break several rules.

    Args:
        quality: As `reports.data_quality` gives it.
        kind: That of the files.
        count, read: Rows that were refused, and all of that kind.
        locale: How counts are written.
    """
    if not count:
        return ""
    is_refused = pl.col("stage").is_in([terms.MALFORMED, terms.QUARANTINED])
    by_rule = quality.filter(is_refused, pl.col("kind") == kind).group_by("rule").agg(pl.col("rows").sum())
    counts = by_rule.sort("rows", "rule", descending=[True, False]).rows()
    named = [f"{rule} ({format_number(rows, locale)} row{'s' * (rows != 1)})" for rule, rows in counts[:NAMED]]
    left = len(counts) - NAMED
    broke = ", ".join(named) + f" and {left} more rule{'s' * (left != 1)}" * (left > 0)
    some = f"{format_number(count, locale)} of {format_number(read, locale)}"
    return f"{some}, breaking {broke}" if broke else some
