"""Stored rows whose meaning is clear despite the spelling of a word (`usd`, ` Denied`): read as meant, and reported.

The platform refuses such a payload, so only stored rows are read this way: its own tools, or a spreadsheet, rewrote them.
"""

from typing import Final

import polars as pl

from attribution import terms
from attribution.personal_data import FOUND
from attribution.rules.identity import IS_UUID

MEANT: Final = {
    "currency": pl.col("currency").str.strip_chars().str.to_uppercase(),
    "consent": pl.col("consent").str.strip_chars().str.to_lowercase(),
}
"""Column -> the word that is meant, whatever case and space it is written in."""


def read_as_meant(
    rows: pl.DataFrame, is_failing: pl.Series, broken: list[pl.Expr]
) -> tuple[pl.DataFrame, pl.Series, pl.DataFrame]:
    """The rows, with the word that is meant in those that fail only by the spelling of a word.

    Args:
        rows: As `ingest.prepare` gives them.
        is_failing: Which of them a rule refuses.
        broken: Those rules.

    Returns:
        The rows, which of them still fail, and a finding (`personal_data.FOUND`) for each word read this way, with the
        event's id where that is a UUID: any other id has not been searched for personal data yet.
    """
    places = is_failing.arg_true()
    sent = rows[places]
    meant = sent.with_columns(**MEANT)
    is_read = meant.select(~pl.any_horizontal(broken)).to_series()
    if not is_read.any():
        return rows, is_failing, pl.DataFrame(schema=FOUND)
    places, sent, meant = places.filter(is_read), sent.filter(is_read), meant.filter(is_read)
    found = [_found(sent.filter(sent[name].ne_missing(meant[name])), name) for name in MEANT]
    read = rows.with_columns(rows[name].scatter(places, meant[name]) for name in MEANT)
    return read, is_failing.scatter(places, values=False), pl.concat(found)


def _found(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    words = {"rule": f"{column}_spelled_otherwise", "severity": terms.WARNING, "field_path": column}
    said = {name: pl.lit(word) for name, word in (words | {"confidence": terms.HIGH}).items()}
    event_id = pl.when(f"event_id{IS_UUID}").then("event_id")
    return rows.select("row_id", event_id=event_id, **said, fingerprint=pl.lit(None, pl.String)).select(*FOUND)
