"""Ingest: raw rows -> `events`, `rejects`, `findings`.

Reads:  the rows of one file under canonical raw names (`attribution.sources`).
Writes: `events` (one row per accepted row), the failing rows (explained by `attribution.schemas.raw_event` and
        written to `rejects`) and `findings` (one row per row and rule worth a person's look).
Rule:   bring every shape to one canonical row, refuse what breaks a rule of `attribution.rules`, mark test traffic
        and fraud, look for personal data in the wrong place and redact it, and strip what consent forbids.
May be split by any rows: each row is judged alone.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import polars as pl
import polars.selectors as cs

from attribution import parse, personal_data, terms
from attribution.consent import STRIPPED, expr_stripped, is_leak, is_withheld
from attribution.personal_data import HITS, NOTED
from attribution.privacy import DEFAULT, REDACTED, Options
from attribution.rules import RULES, rejecting_rules
from attribution.rules.identifiers import external_id_is_address, external_id_is_phone_number, unusable_hash
from attribution.schemas.events import EVENT_COLUMNS
from attribution.sources.aliases import EVENT_COLUMNS as RAW_COLUMNS

ROW_BITS: Final = 36
"""`row_id` = source_id shifted by this many bits, plus the row number."""
TIMES: Final = ("event_time", "received_time", "timestamp")
DERIVED: Final = ("row_id", "event_key", "event_id", "order_id", "consent_sent")
"""Columns of an event that are made here: they are no part of the content that a missing id is made from."""
IDS: Final = ("event_id", "scan_session_id", "web_session_id", "visitor_id")
FLAGS: Final = ("is_duplicate", "is_fraud")
TEST_EVENT: Final = "test_event"
CONSENT_LEAK: Final = "consent_leak"
WORDS: Final = dict.fromkeys(("note", "rule", "severity", "field_path"), pl.String)


@dataclass(frozen=True)
class Ingested:
    """The results of one batch; every input row is in exactly one of `events` and `failing`."""

    events: pl.LazyFrame
    failing: pl.LazyFrame
    findings: pl.LazyFrame
    strips: pl.LazyFrame


def ingest(
    rows: pl.LazyFrame,
    *,
    shape: str,
    source_id: int,
    exclude: Collection[str] = terms.EXCLUSIONS,
    options: Options = DEFAULT,
) -> Ingested:
    """Judge a batch of rows.

    Args:
        rows: `row_number` and any of the canonical raw columns, as text or typed.
        shape: `stored` or `raw`: what has been done to the rows already.
        source_id: Identifies the file; unique in a run, below 2^27.
        exclude: Which of `terms.EXCLUSIONS` leave analytics; the others are kept and counted in.
        options: How personal data is looked for.

    Returns:
        `events` as `schemas.events`; `failing` with the prepared columns that the rules look at; `findings` with
        `row_id, event_id, rule, severity, field_path, confidence, fingerprint`, in no order; `strips` with
        `consent, field, rows`: how many accepted rows without consent came with the field filled. No value of a field
        is in either.
        The batch is held in memory between the steps: four results are made of it.
    """
    prepared = prepare(rows, source_id)
    is_failing = pl.any_horizontal(rule.broken().fill_null(value=False) for rule in rejecting_rules(shape))
    judged = prepared.with_columns(is_failing=is_failing).collect().lazy()
    good = judged.filter(~pl.col("is_failing")).drop("is_failing")
    accepted = personal_data.redacted(good, options).collect().lazy()
    return Ingested(
        events=_events(accepted, exclude),
        failing=judged.filter("is_failing").drop("is_failing"),
        findings=_findings(accepted, shape),
        strips=_strips(accepted),
    )


def prepare(rows: pl.LazyFrame, source_id: int) -> pl.LazyFrame:
    """Every canonical raw column, typed, with `row_id`, `occurred_at` and `time_source`.

    Where a value could not be read the typed column is null, and `amount_text` and `event_time_given` remember that
    there was something.
    """
    found = rows.collect_schema()
    rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in RAW_COLUMNS if name not in found)
    types = {**dict.fromkeys(RAW_COLUMNS, pl.String()), **found}
    texts = [name for name in RAW_COLUMNS if name not in (*TIMES, *FLAGS, "amount", "screen_width", "screen_height")]
    typed = rows.select(
        _row_id(source_id),
        *(parse.expr_text(pl.col(name), types[name]).alias(name) for name in texts),
        *(parse.expr_time(pl.col(name), types[name]).alias(name) for name in TIMES),
        *(parse.expr_flag(pl.col(name), types[name]).alias(name) for name in FLAGS),
        *(parse.expr_integer(pl.col(name), types[name]).alias(name) for name in ("screen_width", "screen_height")),
        amount=parse.expr_amount(pl.col("amount"), types["amount"]),
        amount_text=parse.expr_text(pl.col("amount"), types["amount"]),
        event_time_given=pl.col("event_time").is_not_null(),
    )
    return typed.with_columns(*(parse.expr_id(pl.col(name)) for name in IDS), *_meanings())


def _row_id(source_id: int) -> pl.Expr:
    return (pl.col("row_number").cast(pl.UInt64) + pl.lit(source_id << ROW_BITS, pl.UInt64)).alias("row_id")


def _meanings() -> list[pl.Expr]:
    """What a row leaves unsaid: its source, consent and time."""
    by_name = pl.when(pl.col("event_name").is_null()).then(pl.lit(terms.BROWSER)).otherwise(pl.lit(terms.SERVER))
    sent = [pl.col(name).is_not_null() for name in TIMES]
    return [
        pl.col("source").str.to_lowercase().fill_null(by_name),
        pl.col("consent").fill_null(terms.UNSPECIFIED),
        pl.coalesce(TIMES).alias("occurred_at"),
        pl.when(sent[0])
        .then(pl.lit(TIMES[0]))
        .when(sent[1])
        .then(pl.lit(TIMES[1]))
        .when(sent[2])
        .then(pl.lit(TIMES[2]))
        .alias("time_source"),
    ]


def is_test() -> pl.Expr:
    """Test traffic: the event's name, a `test` property, or the all-zero ids of the platform's verification page."""
    named = pl.coalesce("event_name", "event_type") == TEST_EVENT
    zero = pl.any_horizontal(pl.col(name) == terms.ZERO_UUID for name in ("event_id", "scan_session_id"))
    said = pl.any_horizontal(_json_field(name, "test").is_in(["true", "1"]) for name in ("metadata", "properties"))
    return pl.any_horizontal(named, zero, said).fill_null(value=False)


def _json_field(column: str, name: str) -> pl.Expr:
    """A top-level field of a JSON column; only rows that mention its name are parsed."""
    text = pl.col(column)
    mentions = text.str.contains(f'"{name}"', literal=True) & text.str.starts_with("{") & text.str.ends_with("}")
    return pl.when(mentions).then(text).str.json_path_match(f"$.{name}")


def _order_id() -> pl.Expr:
    """The order id of a row; none where it was personal data, for what is left would be one id for many orders."""
    order = pl.coalesce(_json_field("properties", "order_id"), _json_field("metadata", "order_id"))
    return pl.when(~order.str.contains(REDACTED, literal=True)).then(order)


def _exclusion(exclude: Collection[str]) -> pl.Expr:
    marks = {terms.TEST: is_test(), terms.FRAUD: pl.col("is_fraud")}
    mark = pl.lit(None, pl.String)
    for reason in reversed(terms.EXCLUSIONS):
        if reason in exclude:
            mark = pl.when(marks[reason]).then(pl.lit(reason)).otherwise(mark)
    return mark


def _events(accepted: pl.LazyFrame, exclude: Collection[str]) -> pl.LazyFrame:
    stripped = accepted.with_columns(exclusion=_exclusion(exclude)).with_columns(
        *(expr_stripped(name) for name in STRIPPED),
        *_usable_identifiers(),
        consent_sent="consent",
        event_id_is_derived=pl.col("event_id").is_null(),
        received_at=pl.col("received_time"),
    )
    with_ids = stripped.with_columns(
        order_id=_order_id(),
        event_id=_event_id(),
    )
    return with_ids.with_columns(event_key=expr_event_key()).select(EVENT_COLUMNS)


def _usable_identifiers() -> list[pl.Expr]:
    """Identifiers in lower case; what is no usable identifier is dropped."""
    hashes = [
        pl.when(~unusable_hash(name)).then(pl.col(name).str.to_lowercase()).alias(name)
        for name in ("email_hash", "phone_hash")
    ]
    is_personal = external_id_is_address() | external_id_is_phone_number()
    return [*hashes, pl.when(~is_personal).then("external_id").alias("external_id")]


def expr_event_key() -> pl.Expr:
    """A 64-bit hash of what identifies an event: a cheap first look for duplicates, never the proof."""
    return pl.struct("source", "site_id", "event_id").hash(seed=0)


def _event_id() -> pl.Expr:
    content = [name for name in EVENT_COLUMNS if name not in DERIVED]
    return pl.struct("event_id", *content).map_batches(_with_derived_ids, return_dtype=pl.String).alias("event_id")


def _with_derived_ids(rows: pl.Series) -> pl.Series:
    """The event ids; a missing one is a digest of the row's content, so that a second run gives the same."""
    ids = rows.struct.field("event_id")
    if not ids.null_count():
        return ids
    content = rows.struct.unnest().filter(ids.is_null()).drop("event_id")
    digests = [hashlib.blake2b(repr(row).encode(), digest_size=16).hexdigest() for row in content.iter_rows()]
    derived = [f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}" for d in digests]
    return ids.scatter(ids.is_null().arg_true(), derived)


def _findings(accepted: pl.LazyFrame, shape: str) -> pl.LazyFrame:
    notes = {
        (rule.name, rule.outcome(shape), rule.column): rule.broken()
        for rule in RULES.values()
        if rule.outcome(shape) != "reject"
    }
    if shape == terms.STORED:
        notes |= {(CONSENT_LEAK, terms.ERROR, name): is_leak(name) for name in STRIPPED}
    marks = {f"note_{place}": broken.fill_null(value=False) for place, broken in enumerate(notes.values())}
    marked = accepted.select("row_id", "event_id", *HITS, **marks)
    noted = marked.filter(pl.any_horizontal(cs.starts_with("note_"), pl.col(HITS).is_not_null())).collect().lazy()
    words = pl.LazyFrame([(mark, *note) for mark, note in zip(marks, notes, strict=True)], WORDS, orient="row")
    told = (
        noted.unpivot(list(marks), index=["row_id", "event_id"], variable_name="note", value_name="is_broken")
        .filter("is_broken")
        .join(words, on="note", how="inner")
        .with_columns(confidence=pl.lit(terms.HIGH), fingerprint=pl.lit(None, pl.String))
    )
    found = [noted.select("row_id", "event_id", finding=name).explode("finding").drop_nulls("finding") for name in HITS]
    columns = ["row_id", "event_id", *NOTED]
    return pl.concat([told.select(columns), *(hits.unnest("finding").select(columns) for hits in found)])


def _strips(accepted: pl.LazyFrame) -> pl.LazyFrame:
    withheld = accepted.filter(is_withheld()).group_by("consent")
    counted = withheld.agg(is_leak(name).sum().cast(pl.Int64).alias(name) for name in STRIPPED)
    return counted.unpivot(STRIPPED, index="consent", variable_name="field", value_name="rows")
