"""The inputs beside events: scans, QR codes, spend and rates, each brought to its table; bad rows are rejected.

Pure functions from raw columns (`attribution.sources.aliases`) to the tables' contracts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from attribution import devices, parse
from attribution.money import RATE, is_currency
from attribution.schemas.contract import Table
from attribution.schemas.fx import Fx
from attribution.schemas.qr_codes import QrCodes
from attribution.schemas.scans import Scans
from attribution.schemas.spend import Spend
from attribution.sources.aliases import COLUMNS

SCAN: Final = ("scan_session_id", "scanned_at")
DAYS_WRITTEN: Final = ((10, "%Y-%m-%d"), (8, "%Y%m%d"))
"""How many characters an ISO 8601 date has, and their form."""
DOTTED: Final = r"^\d\d?\.\d\d?\.20\d\d$"
"""A date with points, as spreadsheets save it where people write the day first. (With slashes it may be either.)"""
Rules = Mapping[str, tuple[str, Callable[[], pl.Expr]]]
"""Reason -> (column, expression that is true where the row breaks it)."""


@dataclass(frozen=True)
class SideInput:
    """One kind of input beside events: its contract, how columns are typed, and what makes a row a reject."""

    table: type[Table]
    typed: Mapping[str, Callable[[pl.Expr, pl.DataType], pl.Expr]]
    rules: Rules
    merge: Callable[[pl.LazyFrame], pl.LazyFrame]
    """From typed rows, sorted by `order` where there is one, to the table's rows."""
    order: tuple[str, ...] = ()
    remembered: tuple[str, ...] = ()
    """Columns for which rules may ask whether anything was given (`<column>_given`), readable or not."""


def read_rows(rows: pl.DataFrame, kind: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Type the rows of one file and split off the bad ones.

    Args:
        rows: `row_number` and raw columns.
        kind: `scans`, `qr_codes`, `spend` or `fx`.

    Returns:
        The typed good rows, and `row_number, reason, column` for each bad row and rule.
    """
    side = SIDE_INPUTS[kind]
    blank = [pl.lit(None, pl.String).alias(name) for name in COLUMNS[kind] if name not in rows.columns]
    given = rows.with_columns(blank) if "row_number" in rows.columns else _no_rows(kind)
    typed = given.select(
        pl.col("row_number").cast(pl.Int64),
        *(
            side.typed.get(name, parse.expr_text)(pl.col(name), given.schema[name]).alias(name)
            for name in COLUMNS[kind]
        ),
        *(_given(pl.col(name), given.schema[name]).alias(f"{name}_given") for name in side.remembered),
    )
    broken = {reason: rule().fill_null(value=False) for reason, (_, rule) in side.rules.items()}
    marked = typed.with_columns(**{f"breaks_{reason}": mark for reason, mark in broken.items()})
    is_bad = pl.any_horizontal(f"breaks_{reason}" for reason in broken)
    bad = pl.concat(
        marked.filter(f"breaks_{reason}").select("row_number", reason=pl.lit(reason), column=pl.lit(column))
        for reason, (column, _) in side.rules.items()
    )
    return marked.filter(~is_bad).select(list(COLUMNS[kind])), bad


def as_table(rows: pl.LazyFrame, kind: str) -> pl.LazyFrame:
    """The rows of all files of a kind as its table: one row per key, the same whatever the order of files.

    Args:
        rows: Typed rows, sorted by the kind's `order`.
        kind: As in `read_rows`.
    """
    side = SIDE_INPUTS[kind]
    return side.table.shaped(side.merge(rows))


def typed_schema(kind: str) -> dict[str, pl.DataType]:
    """The columns of typed rows of a kind, for a folder without such a file."""
    return dict(read_rows(_no_rows(kind), kind)[0].schema)


def _no_rows(kind: str) -> pl.DataFrame:
    return pl.DataFrame(schema={"row_number": pl.Int64, **dict.fromkeys(COLUMNS[kind], pl.String)})


def _given(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return parse.expr_text(column, dtype).is_not_null()


def _date(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The day as it is written: for a time with an offset or a zone, the day there."""
    time = parse.expr_time(column, dtype)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return pl.when(time.is_not_null()).then(column).dt.date()
    if dtype != pl.String:
        return time.dt.date()
    text = column.str.strip_chars()
    written = [text.str.slice(0, length).str.to_date(form, strict=False) for length, form in DAYS_WRITTEN]
    dotted = pl.when(text.str.contains(DOTTED)).then(text.str.to_date("%d.%m.%Y", strict=False))
    return pl.when(time.is_not_null()).then(pl.coalesce(*written, time.dt.date())).otherwise(dotted)


def _rate(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    text = column.cast(pl.String) if dtype != pl.String else column.str.strip_chars()
    return pl.when(text.str.contains(parse.NUMBER)).then(text).cast(RATE, strict=False)


def _missing(column: str) -> Callable[[], pl.Expr]:
    return lambda: pl.col(column).is_null()


def _bad_currency() -> pl.Expr:
    return ~is_currency("currency")


def _id(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return parse.expr_id(parse.expr_text(column, dtype))


def _currency(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return parse.expr_text(column, dtype).str.strip_chars().str.to_uppercase()


def _qr_code(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return parse.expr_qr_code(parse.expr_text(column, dtype))


def _device_word(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return devices.expr_word(parse.expr_text(column, dtype))


def _scans(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row per scan session: of several the earliest, with what it leaves out taken from the next. A session's rows are
    adjacent; most sessions have one.
    """
    session = pl.col("scan_session_id")
    again = rows.select(session).filter(session == session.shift(1)).unique().collect(engine="streaming").to_series()
    alone = rows.with_columns(has_conflict=pl.lit(value=False))
    if again.is_empty():
        return alone
    is_repeated = session.is_in(again.implode())
    ordered = rows.filter(is_repeated).sort(
        session, "scanned_at", *(name for name in COLUMNS["scans"] if name not in SCAN), nulls_last=True
    )
    firsts = ordered.group_by(session, maintain_order=True).agg(
        pl.all().drop_nulls().first(),
        has_conflict=(pl.col("qr_code_id").min() != pl.col("qr_code_id").max()).fill_null(value=False),
    )
    return alone.filter(~is_repeated).merge_sorted(firsts.select(alone.collect_schema().names()), key="scan_session_id")


def _qr_codes(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row per QR code: of several, each column's first value in content order; the currency is that of the cost."""
    ordered = rows.sort(*COLUMNS["qr_codes"], nulls_last=True)
    currency, has_cost = pl.col("currency"), pl.col("cost").is_not_null()
    of_cost = pl.when(has_cost.any()).then(currency.filter(has_cost).first()).otherwise(currency.drop_nulls().first())
    others = pl.exclude("qr_code_id", "currency").drop_nulls().first()
    merged = ordered.group_by("qr_code_id", maintain_order=True).agg(others, currency=of_cost)
    return merged.select(*COLUMNS["qr_codes"])


def _spend(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.sort("date", "campaign", "qr_code_id", "currency", "amount")


def _fx(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.sort("currency", "date", "rate").unique(["currency", "date"], keep="first", maintain_order=True)


SIDE_INPUTS: Final[Mapping[str, SideInput]] = {
    "scans": SideInput(
        Scans,
        {
            "scan_session_id": _id,
            "scanned_at": parse.expr_time,
            "qr_code_id": _qr_code,
            **dict.fromkeys(devices.WORDS, _device_word),
        },
        {
            "scan_session_id_missing": ("scan_session_id", _missing("scan_session_id")),
            "scanned_at_unreadable": ("scanned_at", _missing("scanned_at")),
        },
        _scans,
        order=("scan_session_id",),
    ),
    "qr_codes": SideInput(
        QrCodes,
        {"qr_code_id": _qr_code, "cost": parse.expr_amount, "currency": _currency},
        {
            "qr_code_id_missing": ("qr_code_id", _missing("qr_code_id")),
            "currency_not_iso_4217": ("currency", _bad_currency),
            "cost_not_a_number": ("cost", lambda: pl.col("cost_given") & pl.col("cost").is_null()),
        },
        _qr_codes,
        remembered=("cost",),
    ),
    "spend": SideInput(
        Spend,
        {"qr_code_id": _qr_code, "amount": parse.expr_amount, "date": _date, "currency": _currency},
        {
            "date_unreadable": ("date", _missing("date")),
            "amount_not_a_number": ("amount", _missing("amount")),
            "currency_not_iso_4217": ("currency", _bad_currency),
            "campaign_missing": ("campaign", lambda: pl.col("campaign").is_null() & pl.col("qr_code_id").is_null()),
        },
        _spend,
    ),
    "fx": SideInput(
        Fx,
        {"date": _date, "rate": _rate, "currency": _currency},
        {
            "date_unreadable": ("date", _missing("date")),
            "currency_not_iso_4217": ("currency", _bad_currency),
            "currency_missing": ("currency", _missing("currency")),
            "rate_not_a_number": ("rate", lambda: pl.col("rate_given") & pl.col("rate").is_null()),
            "rate_not_positive": ("rate", lambda: (pl.col("rate") <= 0) | ~pl.col("rate_given")),
        },
        _fx,
        remembered=("rate",),
    ),
}
