"""QR codes and rates that the inputs tell more than once and not alike. One counts (`side_inputs`); people should know."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from attribution import terms
from attribution.personal_data import FOUND

TOLD: Final[Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "qr_codes": ("qr_code_told_differently", ("qr_code_id",), ("name", "campaign", "placement", "cost", "currency")),
    "fx": ("rate_told_differently", ("currency", "date"), ("rate",)),
}
"""Kind of input -> the finding's rule, what a row is told of, and what may be told differently."""


def disagreements(rows: pl.LazyFrame, kind: str) -> pl.DataFrame:
    """One finding per QR code, or currency and day, and column in which its rows differ; of none for other kinds.

    Args:
        rows: Typed rows of all files of the kind, as `side_inputs.read_rows` gives them.
        kind: `scans`, `qr_codes`, `spend` or `fx`.

    Returns:
        As `personal_data.FOUND`, of no row: `event_id` says what it is about, as `EUR 2026-05-01`.
    """
    if kind not in TOLD:
        return pl.DataFrame(schema=FOUND)
    rule, keys, columns = TOLD[kind]
    differ = rows.group_by(keys).agg(pl.col(name).drop_nulls().n_unique() > 1 for name in columns)
    told = differ.unpivot(columns, index=keys, variable_name="field_path", value_name="differs").filter("differs")
    said = {"rule": rule, "severity": terms.WARNING, "confidence": terms.HIGH}
    about = pl.concat_str(*(pl.col(name).cast(pl.String) for name in keys), separator=" ")
    found = told.select("field_path", event_id=about, **{name: pl.lit(word) for name, word in said.items()})
    blank = found.with_columns(row_id=pl.lit(None, pl.UInt64), fingerprint=pl.lit(None, pl.String))
    return blank.select(*FOUND).sort("event_id", "field_path").collect()
