"""Personal data in the wrong place: the fields that are looked at, what is found, and the redacted rows.

What personal data looks like is told by `attribution.privacy`; here is where it is looked for in an event row.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final, Literal, Protocol

import polars as pl

from attribution.privacy import DEFAULT, Inspection, Options, inspect_json, inspect_text, inspect_url, suspect

Kind = Literal["json", "url", "text"]


class Inspect(Protocol):
    """Looks closely at one text."""

    def __call__(self, text: str, root: str, *, options: Options) -> Inspection:
        """What is found in the text of column `root`, and the text without it."""


FIELDS: Final[Mapping[str, tuple[Kind, Inspect]]] = {
    "metadata": ("json", inspect_json),
    "properties": ("json", inspect_json),
    "page_url": ("url", inspect_url),
    "referrer": ("url", inspect_url),
    "page_title": ("text", inspect_text),
    "element_text": ("text", inspect_text),
}
"""Column -> kind of text, and who inspects it."""
FOUND: Final = {
    "row_id": pl.UInt64,
    "event_id": pl.String,
    **dict.fromkeys(("rule", "severity", "field_path", "confidence", "fingerprint"), pl.String),
}
"""The columns of a finding: the row, what was found in which field, and how sure that is."""
NOTED: Final = tuple(FOUND)[2:]


def redacted(rows: pl.DataFrame, options: Options = DEFAULT) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with every found piece of personal data replaced, and what was found.

    A piece in free text becomes `[redacted:<rule>]`; an identifier that is no usable hash becomes null.

    Returns:
        The rows; and one row per found piece, as `FOUND`, field by field.
    """
    suspected = rows.select(suspect(column, kind).alias(column) for column, (kind, _) in FIELDS.items())
    found = []
    for column, (_, inspect) in FIELDS.items():
        places = suspected[column].arg_true()
        seen = _inspected(rows[column].gather(places), column, inspect, options)
        if seen:
            at = places.gather(list(seen))
            clean = rows[column].clone().scatter(at, [inspection.redacted for inspection in seen.values()])
            rows = rows.with_columns(clean)
            found.append(_notes(rows.select("row_id", "event_id")[at], seen.values()))
    return rows, pl.concat([pl.DataFrame(schema=FOUND), *found])


def still_found(rows: pl.LazyFrame, options: Options = DEFAULT) -> pl.LazyFrame:
    """How many rows hold personal data in each field: `field, rows`; one row per field of `FIELDS`.

    Each field is read alone and only its suspected texts go on, so that clean tables are searched at a glance.
    """
    counted = [
        rows.select(column)
        .filter(suspect(column, kind))
        .select(
            field=pl.lit(column), rows=pl.col(column).map_batches(count, return_dtype=pl.Int64, returns_scalar=True)
        )
        for column, (kind, inspect) in FIELDS.items()
        for count in [partial(_count, column=column, inspect=inspect, options=options)]
    ]
    return pl.concat(counted)


def _count(texts: pl.Series, *, column: str, inspect: Inspect, options: Options) -> pl.Series:
    return pl.Series([len(_inspected(texts, column, inspect, options))], dtype=pl.Int64)


def _inspected(texts: pl.Series, column: str, inspect: Inspect, options: Options) -> dict[int, Inspection]:
    """The places of the texts in which something is found, and what."""
    inspections = (inspect(text, column, options=options) for text in texts)
    return {place: seen for place, seen in enumerate(inspections) if seen.hits}


def _notes(rows: pl.DataFrame, seen: Iterable[Inspection]) -> pl.DataFrame:
    """Each row with what was found in it, a row per piece."""
    pieces = [
        (*row, *(getattr(hit, name) for name in NOTED))
        for row, inspection in zip(rows.iter_rows(), seen, strict=True)
        for hit in inspection.hits
    ]
    return pl.DataFrame(pieces, schema=FOUND, orient="row")
