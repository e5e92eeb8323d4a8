"""An accepted row as a row of `events`: marked, stripped of what consent forbids, with its ids and key.

The last step of `attribution.ingest`. A row whose `event_id` is missing gets one made from its content, so that a
second run gives the same.
"""

import hashlib
from collections.abc import Collection
from typing import Final

import msgspec
import polars as pl

from attribution import terms
from attribution.consent import STRIPPED, expr_stripped
from attribution.privacy import REDACTED
from attribution.row_kinds import is_browser
from attribution.rules.identifiers import not_a_value, unusable_hash
from attribution.rules.identity import is_all_zero
from attribution.schemas.events import EVENT_COLUMNS
from attribution.sources.aliases import JSON_COLUMNS

TEST_EVENT: Final = "test_event"
NO_OBJECTS: Final[tuple[object, ...]] = ({}, [], None)
"""The values of a free object that holds nothing."""
DERIVED: Final = (
    "row_id",
    "event_key",
    "event_id",
    "event_id_is_derived",
    "order_id",
    "consent_sent",
    "is_duplicate",
    "exclusion",
)
"""Columns of an event that are made here, or say what the platform or the settings make of it: not part of the content from
which a missing id is made.
"""


def is_test() -> pl.Expr:
    """Test traffic: the event's name, a `test` property, or the all-zero ids of the platform's verification page."""
    named = (pl.col("event_name") == TEST_EVENT) | (is_browser() & (pl.col("event_type") == TEST_EVENT))
    zero = pl.any_horizontal(pl.col(name) == terms.ZERO_UUID for name in ("event_id", "scan_session_id"))
    said = pl.any_horizontal(_json_field(name, "test").is_in(["true", "1"]) for name in ("metadata", "properties"))
    return pl.any_horizontal(named, zero, said).fill_null(value=False)


def _json_field(column: str, name: str) -> pl.Expr:
    """A top-level field of a JSON column; only rows that mention its name are parsed."""
    text = pl.col(column)
    mentions = text.str.contains(f'"{name}"', literal=True) & text.str.starts_with("{") & text.str.ends_with("}")
    return pl.when(mentions).then(text).str.json_path_match(f"$.{name}")


def _order_id() -> pl.Expr:
    """The order id of a row; null where it was personal data, as what redaction leaves would be one id for many orders."""
    said = (_json_field(name, "order_id") for name in ("properties", "metadata"))
    order = pl.coalesce(pl.when(text.str.strip_chars() != "").then(text) for text in said)
    return pl.when(~order.str.contains(REDACTED, literal=True)).then(order)


def _exclusion(exclude: Collection[str]) -> pl.Expr:
    marks = {terms.TEST: is_test(), terms.FRAUD: pl.col("is_fraud")}
    mark = pl.lit(None, pl.String)
    for reason in reversed(terms.EXCLUSIONS):
        if reason in exclude:
            mark = pl.when(marks[reason]).then(pl.lit(reason)).otherwise(mark)
    return mark


def form_events(accepted: pl.DataFrame, exclude: Collection[str], *, by_session: bool = False) -> pl.DataFrame:
    """The rows as `schemas.events`, each under its own consent.

    Args:
        accepted: As `attribution.ingest.prepare`, redacted.
        exclude: Which of `terms.EXCLUSIONS` are left out of analysis.
        by_session: As for `ingest`.
    """
    stripped = (
        accepted.lazy()
        .with_columns(exclusion=_exclusion(exclude))
        .with_columns(
            *(expr_stripped(name) for name in STRIPPED),
            *_usable_identifiers(),
            *(pl.when(~is_all_zero(name)).then(name).alias(name) for name in ("visitor_id", "web_session_id")),
            consent_sent="consent",
            event_id_is_derived=pl.col("event_id").is_null(),
            received_at=pl.col("received_time"),
        )
        .with_columns(order_id=_order_id())
    )
    rows = _with_derived_ids(stripped.collect(), STRIPPED if by_session else ())
    return rows.with_columns(event_key=expr_event_key()).select(EVENT_COLUMNS)


def _usable_identifiers() -> list[pl.Expr]:
    """Hashed identifiers in lower case, and the customer's own user id; unusable ones become null."""
    return [
        pl.when(~not_a_value("external_id")).then("external_id").alias("external_id"),
        *(
            pl.when(~unusable_hash(name)).then(pl.col(name).str.to_lowercase()).alias(name)
            for name in ("email_hash", "phone_hash")
        ),
    ]


def expr_event_key() -> pl.Expr:
    """A 64-bit hash of what identifies an event: a cheap first look for duplicates, never the proof."""
    return pl.struct("source", "site_id", "event_id").hash(seed=0)


def _object(text: str | None) -> str | None:
    """A free object in one spelling, whatever the order of its keys and its spacing; None for an empty one."""
    try:
        value = msgspec.json.decode(text) if text else None
        return msgspec.json.encode(value, order="sorted").decode() if value not in NO_OBJECTS else None
    except (msgspec.DecodeError, RecursionError):
        return text


def _with_derived_ids(rows: pl.DataFrame, fleeting: Collection[str]) -> pl.DataFrame:
    """The rows, with a digest of the row's content as each missing event id, so that a second run gives the same.

    Never of what consent strips or may yet strip (`fleeting`): whoever has the rest of the row could try values until the
    digest matches.
    """
    missing = rows["event_id"].is_null()
    if not missing.any():
        return rows
    content = rows.filter(missing).select(name for name in EVENT_COLUMNS if name not in {*DERIVED, *fleeting})
    objects = [content[name] for name in JSON_COLUMNS if name in content.columns]
    content = content.with_columns(pl.Series(texts.name, map(_object, texts), pl.String) for texts in objects)
    digests = [hashlib.blake2b(repr(row).encode(), digest_size=16).hexdigest() for row in content.iter_rows()]
    derived = [f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}" for d in digests]
    return rows.with_columns(rows["event_id"].clone().scatter(missing.arg_true(), derived))
