"""Personal data in the wrong place: the fields that are looked at, what is found, and the redacted rows.

`attribution.privacy` knows what personal data looks like; this module knows where to look for it in an event row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, Literal, Protocol

import polars as pl

from attribution.parse import LOWER_UUID
from attribution.privacy import (
    DEFAULT,
    EMAIL,
    PHONE,
    Inspection,
    Options,
    inspect_json,
    inspect_name,
    inspect_text,
    inspect_url,
    suspect,
    suspects_beside_uuids,
)
from attribution.rules.identity import IS_UUID

Kind = Literal["json", "url", "text", "name"]


class Inspect(Protocol):
    """Looks closely at one text."""

    def __call__(self, text: str, root: str, *, options: Options) -> Inspection:
        """What is found in the text of column `root`, and the text without it."""


Fields = Mapping[str, tuple[Kind, Inspect]]
"""Column -> kind of text, and its inspector."""
FIELDS: Final[Fields] = {
    "metadata": ("json", inspect_json),
    "properties": ("json", inspect_json),
    "page_url": ("url", inspect_url),
    "referrer": ("url", inspect_url),
    "page_title": ("text", inspect_text),
    "element_text": ("text", inspect_text),
}
"""Free texts."""
IDS: Final = ("event_id", "scan_session_id", "web_session_id", "visitor_id", "user_id", "external_id")
"""Columns whose value is dropped where it holds personal data: what redaction leaves would be one id for many."""
NAMES: Final = (
    *IDS,
    *("site_id", "event_type", "event_name", "qr_code_id", "user_agent", "language", "device_type"),
    *("browser_family", "os_family", "country_code", "city"),
)
"""Ids and names: nobody's data is expected there, and only what is surely an address or a phone number counts."""
OF_EXTERNAL_ID: Final = {EMAIL: "external_id_is_address", PHONE: "external_id_is_phone_number"}
"""Rules of the customer's own user id: personal identifiers are sent beside it, so what is found in it has names of its own."""
IN_FILE_NAME: Final = "personal_data_in_file_name"
"""Rule of a finding: a file of the raw folder is named after a person."""
FOUND: Final = {
    "row_id": pl.UInt64,
    "event_id": pl.String,
    **dict.fromkeys(("rule", "severity", "field_path", "confidence", "fingerprint"), pl.String),
}
"""The columns of a finding: the row, what was found in which field, and how sure that is."""
NOTED: Final = tuple(FOUND)[2:]


def names(columns: Iterable[str]) -> Fields:
    """How ids and names are looked at."""
    return dict.fromkeys(columns, ("name", inspect_name))


def inspect_external_id(text: str, root: str, *, options: Options = DEFAULT) -> Inspection:
    """Look at the customer's own user id as at any other id, under its own rules."""
    seen = inspect_name(text, root, options=options)
    return replace(seen, hits=tuple(replace(hit, rule=OF_EXTERNAL_ID[hit.rule]) for hit in seen.hits))


EVERY: Final[Fields] = {**names(NAMES), "external_id": ("name", inspect_external_id), **FIELDS}
"""Every column of an event that is looked at, the ids first, because findings carry the event's id."""


def redacted(
    rows: pl.DataFrame, options: Options = DEFAULT, fields: Fields = EVERY
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with every found piece of personal data replaced, and what was found.

    A piece becomes `[redacted:<rule>]`; an id (`IDS`) that holds one becomes null.

    Args:
        rows: Rows with `row_id`, `event_id` and the fields, as text.
        options: How personal data is looked for.
        fields: Where.

    Returns:
        The rows; and one row per found piece, as `FOUND`, field by field.
    """
    found = []
    for column, places in _suspects(rows, fields).items():
        _, inspect = fields[column]
        seen = _inspected(rows[column].gather(places), column, inspect, options)
        if seen:
            at = places.gather(list(seen))
            clean = [None if column in IDS else inspection.redacted for inspection in seen.values()]
            rows = rows.with_columns(rows[column].clone().scatter(at, clean))
            found.append(_notes(rows.select("row_id", "event_id")[at], seen.values()))
    return rows, pl.concat([pl.DataFrame(schema=FOUND), *found])


def _suspects(rows: pl.DataFrame, fields: Fields) -> dict[str, pl.Series]:
    """The places in each field that are worth a close look.

    Names have few distinct values, so these are checked first; hardly any batch has one that is suspect.
    """
    labels = [column for column, (kind, _) in fields.items() if kind == "name" and column not in IDS]
    is_suspected = rows.select(suspect(pl.col(column).unique(), "name").any().alias(column) for column in labels)
    looked_at = [column for column in fields if column not in labels or is_suspected[column].item()]
    marks = rows.select(_mark(column, fields[column][0], rows.schema) for column in looked_at)
    places = {column: marks[column].arg_true() for column in looked_at}
    return {column: _beside_uuids(rows[column], found, fields[column][0]) for column, found in places.items()}


def _beside_uuids(texts: pl.Series, places: pl.Series, kind: Kind) -> pl.Series:
    """The places whose text is suspect for more than a UUID in it."""
    return places if places.is_empty() else places.filter(suspects_beside_uuids(texts.gather(places), kind))


def _mark(column: str, kind: Kind, schema: pl.Schema) -> pl.Expr:
    """Where the text could hold something; a UUID cannot, and ingest has already marked the ids that are one."""
    is_uuid = f"{column}{IS_UUID}"
    if is_uuid not in schema:
        return suspect(pl.col(column), kind)
    others = pl.when(~pl.col(is_uuid)).then(column).alias(column)
    return others.map_batches(partial(_suspected, kind=kind), return_dtype=pl.Boolean)


def _suspected(texts: pl.Series, kind: Kind) -> pl.Series:
    places = texts.is_not_null().arg_true()
    marks = pl.repeat(value=False, n=len(texts), dtype=pl.Boolean, eager=True)
    if places.is_empty():
        return marks
    close = texts.gather(places).to_frame().select(suspect(pl.col(texts.name), kind)).to_series()
    return marks.scatter(places.filter(close), values=True)


def still_found(rows: pl.LazyFrame, options: Options = DEFAULT) -> pl.DataFrame:
    """How many rows hold personal data in each field: `field, rows`; one row per field of `EVERY`. Reads the rows.

    Each field is read alone and only its suspect texts are inspected, so a clean table is searched quickly.
    """
    counted = {column: _holding(rows.select(column), column, options) for column in EVERY}
    return pl.DataFrame(list(counted.items()), schema={"field": pl.String, "rows": pl.Int64}, orient="row")


def _holding(rows: pl.LazyFrame, column: str, options: Options) -> int:
    """How many rows of one column hold personal data. Of names only distinct values are inspected, of ids no UUIDs."""
    kind, inspect = EVERY[column]
    text = pl.col(column)
    worth = rows.filter(~text.str.contains(LOWER_UUID)) if column in IDS else rows
    if kind != "name" or column in IDS:
        texts = worth.filter(suspect(text, kind)).collect(engine="streaming").to_series()
        return len(_inspected(texts.filter(suspects_beside_uuids(texts, kind)), column, inspect, options))
    distinct = rows.unique().filter(suspect(text, kind)).collect(engine="streaming").to_series()
    found = distinct.gather(list(_inspected(distinct, column, inspect, options)))
    if found.is_empty():
        return 0
    held = rows.filter(text.is_in(found.implode()))
    return int(held.select(pl.len()).collect(engine="streaming").item())


def _inspected(texts: pl.Series, column: str, inspect: Inspect, options: Options) -> dict[int, Inspection]:
    """The places of the texts in which something is found, and what."""
    inspections = (inspect(text, column, options=options) for text in texts)
    return {place: seen for place, seen in enumerate(inspections) if seen.hits}


def _notes(rows: pl.DataFrame, seen: Iterable[Inspection]) -> pl.DataFrame:
    """What was found in each row, one row per piece; a field path that itself holds personal data is cut to its column."""
    pieces = [
        (*row, *(getattr(hit, name) for name in NOTED))
        for row, inspection in zip(rows.iter_rows(), seen, strict=True)
        for hit in inspection.hits
    ]
    found = pl.DataFrame(pieces, schema=FOUND, orient="row")
    paths = found["field_path"].unique()
    telling = paths.filter(paths.map_elements(lambda path: bool(inspect_name(path, "").hits), return_dtype=pl.Boolean))
    return found.with_columns(
        pl.when(pl.col("field_path").is_in(telling.implode()))
        .then(expr_top())
        .otherwise("field_path")
        .alias("field_path")
    )


def expr_top() -> pl.Expr:
    """The column of a finding's field path, without the keys on the way, which are the sender's own words."""
    return pl.col("field_path").str.extract(r"^([^.\[]*)")
