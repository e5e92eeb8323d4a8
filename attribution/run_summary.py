"""What a run says at its end: what each QR code earned, the ledger in a line per currency, and where the page is."""

import io
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from attribution import terms
from attribution.lacking import READS, lacking
from attribution.left_aside import files_left_aside
from attribution.money import exact_text, rounded
from attribution.terminal import cut, printable

SHOWN: Final = 10
"""QR codes with a line of their own; of more, how many there are and what they earned together."""
FEW: Final = "*"
"""Beside an interval from too few people to rely on."""
NONE: Final = "–"
SAID: Final = ("revenue_intervals", *READS)
"""Reports of which a run says something at its end."""
GAP: Final = "  "
"""Between columns."""
LEAST, MOST = 9, 30
"""Characters of a name that is cut."""
WIDE: Final = 1_000
"""More than a table can need: the widths of its columns are told."""


def earned(per_qr: pl.DataFrame, intervals: pl.DataFrame, width: int) -> str:
    """What the QR codes earned that earned most, as a table in plain text; empty where no QR code is known.

    Args:
        per_qr: As `schemas.revenue_per_qr`.
        intervals: As `schemas.revenue_intervals`.
        width: Columns of the terminal; long names are cut.
    """
    codes = per_qr.filter(pl.col("qr_code_id") != terms.UNLINKED)
    if not codes.height:
        return ""
    model, currency = codes.row(0, named=True)["model"], codes.row(0, named=True)["currency"]
    bounds = intervals.filter(pl.col("model") == model, pl.col("scope") == "qr_code").select(
        "qr_code_id", "revenue_low", "revenue_high", "too_few", "level"
    )
    shown = codes.head(SHOWN).join(bounds, on="qr_code_id", how="left", maintain_order="left").to_dicts()
    level = next((f"{row['level'] * 100:g}% interval" for row in shown if row["level"] is not None), "interval")
    cells = [["QR code", "campaign", "scans", "conversions", f"revenue, {currency}", level]]
    cells += [_cells(row) for row in shown]
    rest = codes.slice(SHOWN)
    unlinked = per_qr.filter(pl.col("qr_code_id") == terms.UNLINKED, pl.col("revenue") != 0)
    for name, rows in ((f"{rest.height:,} more", rest), (terms.UNLINKED, unlinked)):
        sums = rows.select(_known_sum("scans"), pl.col("conversions", "revenue").sum(), currency=pl.lit(currency))
        cells += [[name, "", *_earned(sums.row(0, named=True)), ""]] if rows.height else []
    few = f"{FEW} too few buyers to rely on\n" if any(row["too_few"] for row in shown) else ""
    return f"What each QR code earned (model {model}):\n{_drawn(cells, width)}{few}"


def ledger_lines(ledger: Mapping[str, Any], reports: Mapping[str, pl.DataFrame], out: Path, seconds: float) -> str:
    """Rows and money in a line each, what is missing, whether the ledger balances, and where the page is.

    Args:
        ledger: As `attribution.ledger.ledger` gives it.
        reports: `SAID`, by name.
        out: The output folder.
        seconds: What the run took.
    """
    lines = [
        _rows(ledger["rows"]),
        *(_money(currency, amounts) for currency, amounts in ledger["revenue"].items()),
        *(f"{lead}: {printable(said)}." for lead, said in lacking(ledger, reports)),
        printable(files_left_aside(ledger)),
        f"The ledger {'balances' if ledger['balanced'] else 'DOES NOT BALANCE'}. {seconds:.1f} s.",
        f"Page: {out / 'reports' / 'index.html'}",
    ]
    return "".join(f"{line}\n" for line in lines if line)


def _rows(rows: Mapping[str, Any]) -> str:
    counted = {
        "malformed": rows["malformed"],
        "quarantined": rows["quarantined"],
        "duplicates": rows["duplicates"],
        "excluded": sum(rows["excluded"].values()),
        "analysed": rows["analysed"],
    } | ({"erased": rows["erased"]} if rows.get("erased") else {})
    return f"{rows['read']:,} rows read: {', '.join(f'{count:,} {name}' for name, count in counted.items())}."


def _money(currency: str, amounts: Mapping[str, Any]) -> str:
    def said(amount: str) -> str:
        return exact_text(Decimal(amount), currency)

    left = {reason: amount for reason, amount in amounts["unattributed"].items() if Decimal(amount)}
    listed = ", ".join(f"{reason} {said(amount)}" for reason, amount in left.items()) or "none"
    return (
        f"{currency}: {said(amounts['read'])} read, {said(amounts['attributed'])} attributed, unattributed: {listed}."
    )


def _cells(row: Mapping[str, Any]) -> list[str]:
    currency, low, high = row["currency"], row["revenue_low"], row["revenue_high"]
    bounds = NONE if low is None else f"{rounded(low, currency):,} to {rounded(high, currency):,}"
    return [
        printable(row["qr_name"] or row["qr_code_id"]),
        printable(row["campaign"] or ""),
        *_earned(row),
        bounds + (FEW if row["too_few"] else " " if low is not None else ""),
    ]


def _known_sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def _earned(row: Mapping[str, Any]) -> list[str]:
    """Scans, which without a scan export are not known, conversions and revenue."""
    scans = NONE if row["scans"] is None else f"{row['scans']:,}"
    conversions = f"{row['conversions']:,.2f}".removesuffix(".00")
    return [scans, conversions, exact_text(row["revenue"], row["currency"])]


def _drawn(cells: list[list[str]], width: int) -> str:
    """The cells in columns, the first two of names, which are cut where there is no room; numbers never are."""
    numbers = list(zip(*cells, strict=True))[2:]
    room = width - sum(len(GAP) + max(map(len, column)) for column in numbers) - len(GAP)
    widest = min(max(room // 2, LEAST), MOST)
    table = Table(box=None, show_edge=False, show_header=False, padding=(0, len(GAP), 0, 0))
    for _ in ("QR code", "campaign"):
        table.add_column(no_wrap=True)
    for _ in numbers:
        table.add_column(justify="right", no_wrap=True)
    for name, campaign, *row in cells:
        table.add_row(*map(Text, [cut(name, widest), cut(campaign, widest), *row]))
    page = io.StringIO()
    Console(file=page, width=WIDE, color_system=None).print(table)
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())
