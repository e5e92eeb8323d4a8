"""Contradictions in QR codes, spend and rates. `side_inputs` settles them by its rules; these findings let people know."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from attribution import terms
from attribution.fx import ecb, ecb_rates, newest_day
from attribution.personal_data import FOUND

TOLD: Final[Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "qr_codes": ("qr_code_told_differently", ("qr_code_id",), ("name", "campaign", "placement", "cost", "currency")),
    "fx": ("rate_told_differently", ("currency", "date"), ("rate",)),
}
"""Kind of input -> the finding's rule, what its rows are about, and the columns in which they may differ. One row counts."""
OTHER_RATES: Final = "rate_of_reporting_currency"
FAR_RATES: Final = "rate_far_from_ecb"
FAR: Final = 1.25
"""The factor by which a rate may differ from another before it is far from it: a company's own rates are nearer, rates into
another currency mostly are not.
"""
ITEM: Final = ("campaign", "qr_code_id", "date", "amount", "currency")
"""What makes two items of spend the same."""


def disagreements(rows: pl.LazyFrame, kind: str, currency: str) -> pl.DataFrame:
    """Findings about the rows of one kind of input; none for scans.

    One per QR code, or currency and day, and column in which its rows differ; one per item of spend that is listed more than
    once (it counts each time, though two overlapping exports may be the cause); one per day on which the reporting currency
    itself has a rate other than 1, which means that the rates are into another currency; and one per currency whose last
    rate is `FAR` from the European Central Bank's, as happens where rates are into another currency, or inverted. (The last
    rate up to the newest day that the package of the bank's rates knows; later ones have nothing to be compared with.)

    Args:
        rows: Typed rows of all files of the kind, as `side_inputs.read_rows` gives them.
        kind: `scans`, `qr_codes`, `spend` or `fx`.
        currency: The reporting currency.

    Returns:
        As `personal_data.FOUND`, without a row: `event_id` says what each is about, such as `EUR 2026-05-01`.
    """
    found = [pl.DataFrame(schema=FOUND)]
    if kind in TOLD:
        rule, keys, columns = TOLD[kind]
        differ = rows.group_by(keys).agg(pl.col(name).drop_nulls().n_unique() > 1 for name in columns)
        told = differ.unpivot(columns, index=keys, variable_name="field_path", value_name="differs").filter("differs")
        found.append(_found(told, rule, terms.WARNING, keys))
    if kind == "spend":
        repeated = rows.group_by(ITEM).agg(pl.len().alias("times")).filter(pl.col("times") > 1)
        found.append(
            _found(repeated.with_columns(field_path=pl.lit("amount")), "spend_told_again", terms.WARNING, ITEM[:3])
        )
    if kind == "fx":
        own = rows.filter(pl.col("currency") == currency, pl.col("rate") != 1).unique(["currency", "date"])
        named = own.with_columns(field_path=pl.lit("rate"))
        found.append(_found(named, OTHER_RATES, terms.ERROR, ("currency", "date")))
        far = _far_from_the_bank(rows, currency).with_columns(field_path=pl.lit("rate"))
        found.append(_found(far, FAR_RATES, terms.ERROR, ("currency", "date")))
    return pl.concat(found)


def _far_from_the_bank(rates: pl.LazyFrame, currency: str) -> pl.LazyFrame:
    """`currency, date` of each currency's last rate that can be compared with the bank's, where it is far off."""
    told = rates.filter(pl.col("currency") != currency).collect()
    if told.is_empty():
        return told.lazy()
    bank = ecb()
    known = told.filter(pl.col("date") <= newest_day(bank)).sort("date", "rate", descending=[False, True])
    last = known.unique("currency", keep="last", maintain_order=True)
    of_bank = [ecb_rates([name], currency, day, day, bank) for name, day in last.select("currency", "date").rows()]
    beside = pl.concat([ecb_rates([], currency, None, None, bank), *of_bank]).drop_nulls().sort("date")
    near = beside.unique("currency", keep="last").select("currency", of_bank="rate")
    times = pl.col("rate").cast(pl.Float64) / pl.col("of_bank").cast(pl.Float64)
    return (
        last.lazy().join(near.lazy(), on="currency").filter(~times.is_between(1 / FAR, FAR)).select("currency", "date")
    )


def _found(told: pl.LazyFrame, rule: str, severity: str, about: Sequence[str]) -> pl.DataFrame:
    said = {"rule": rule, "severity": severity, "confidence": terms.HIGH}
    named = pl.concat_str(*(pl.col(name).cast(pl.String) for name in about), separator=" ", ignore_nulls=True)
    words = {name: pl.lit(word) for name, word in said.items()}
    found = told.select("field_path", event_id=named, **words)
    blank = found.with_columns(row_id=pl.lit(None, pl.UInt64), fingerprint=pl.lit(None, pl.String))
    return blank.select(*FOUND).sort("event_id", "field_path").collect()
