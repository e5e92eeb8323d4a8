"""Personal data in the wrong place: the fields that are looked at, what is found, and the redacted rows.

What personal data looks like is told by `attribution.privacy`; here is where it is looked for in an event row.
"""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Final, Literal, Protocol

import polars as pl

from attribution.privacy import (
    DEFAULT,
    Inspection,
    Options,
    inspect_json,
    inspect_name,
    inspect_text,
    inspect_url,
    suspect,
)

Kind = Literal["json", "url", "text", "name"]


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
IDS: Final = ("event_id", "scan_session_id", "web_session_id", "visitor_id", "user_id")
"""Columns whose value is dropped where it holds a piece: what is left would be one id for many."""
NAMES: Final = (
    *IDS,
    *("site_id", "event_type", "event_name", "qr_code_id", "user_agent", "language", "device_type"),
    *("browser_family", "os_family", "country_code", "city"),
)
"""Ids and names: nobody's data is expected there, and only what is surely an address or a phone number counts."""
HITS: Final = (*(f"{column}_hits" for column in FIELDS), "name_hits")
IN_FILE_NAME: Final = "personal_data_in_file_name"
"""Rule of a finding: a file of the raw folder is named after a person."""
NAMED: Final[tuple[Kind, Inspect]] = ("name", inspect_name)
FINDING: Final = pl.Struct(dict.fromkeys(("rule", "severity", "field_path", "confidence", "fingerprint"), pl.String()))
NOTED: Final = tuple(field.name for field in FINDING.fields)
INSPECTED: Final = pl.Struct({"redacted": pl.String, "hits": pl.List(FINDING)})


def redacted(rows: pl.LazyFrame, options: Options = DEFAULT) -> pl.LazyFrame:
    """The rows with every found piece of personal data replaced, and beside each field its `…_hits`.

    A piece becomes `[redacted:<rule>]`; an id (`IDS`) that holds one becomes null. A row's hits are a list of findings
    (`FINDING`), null where there is none; those of all `NAMES` stand together.
    """
    inspected = named(rows, NAMES, options).with_columns(
        _inspected(column, *field, options).alias(f"{column}_seen") for column, field in FIELDS.items()
    )
    seen = {column: pl.col(f"{column}_seen").struct for column in FIELDS}
    return inspected.with_columns(
        *(pl.coalesce(seen[column].field("redacted"), column).alias(column) for column in FIELDS),
        *(seen[column].field("hits").alias(f"{column}_hits") for column in FIELDS),
    ).drop(f"{column}_seen" for column in FIELDS)


def named(rows: pl.LazyFrame, columns: Collection[str], options: Options = DEFAULT) -> pl.LazyFrame:
    """The rows with what is found in ids and names replaced or dropped, and `name_hits` beside them.

    Hardly a batch has any, so those columns only are looked at closely in which something is suspected.

    Args:
        rows: Rows in memory with those columns, as text.
        columns: Which ones.
        options: How personal data is looked for.
    """
    marks = rows.select(suspect(column, "name").any() for column in columns).collect()
    suspected = [column for column in columns if marks[column].item()]
    seen = {column: _inspected(column, "name", inspect_name, options) for column in suspected}
    clean = [
        pl.when(seen[column].is_null()).then(column)
        if column in IDS
        else pl.coalesce(seen[column].struct.field("redacted"), column)
        for column in suspected
    ]
    none = pl.lit([], pl.List(FINDING))
    hits = pl.concat_list(none, *(look.struct.field("hits").fill_null(none) for look in seen.values()))
    return rows.with_columns(
        *(shown.alias(column) for shown, column in zip(clean, suspected, strict=True)),
        name_hits=pl.when(hits.list.len() > 0).then(hits),
    )


def still_found(rows: pl.LazyFrame, options: Options = DEFAULT) -> pl.LazyFrame:
    """How many rows hold personal data in each field: `field, rows`; one row per field of `FIELDS` and `NAMES`.

    Each field is read alone and only its suspected texts go on, so that clean tables are searched at a glance.
    """
    counted = [
        rows.select(column)
        .filter(suspect(column, kind))
        .select(
            field=pl.lit(column),
            rows=_inspected(column, kind, inspect, options).is_not_null().sum().cast(pl.Int64),
        )
        for column, (kind, inspect) in {**FIELDS, **dict.fromkeys(NAMES, NAMED)}.items()
    ]
    return pl.concat(counted)


def _inspected(column: str, kind: Kind, inspect: Inspect, options: Options) -> pl.Expr:
    suspected = pl.when(suspect(column, kind)).then(pl.col(column))
    look = partial(_inspect_all, column=column, inspect=inspect, options=options)
    return suspected.map_batches(look, return_dtype=INSPECTED)


def _inspect_all(texts: pl.Series, *, column: str, inspect: Inspect, options: Options) -> pl.Series:
    """Each suspected text with its findings; null where there is no text or nothing was found."""
    places = texts.is_not_null().arg_true()
    inspections = [inspect(text, column, options=options) for text in texts.gather(places)]
    found = [place for place, seen in zip(places, inspections, strict=True) if seen.hits]
    results = [{"redacted": seen.redacted, "hits": _notes(seen)} for seen in inspections if seen.hits]
    if not found:
        return pl.Series([None], dtype=INSPECTED).new_from_index(0, len(texts))
    blank = pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(texts))
    return pl.Series(results, dtype=INSPECTED).gather(blank.scatter(found, range(len(found))))


def _notes(seen: Inspection) -> list[dict[str, str | None]]:
    return [{name: getattr(hit, name) for name in NOTED} for hit in seen.hits]
