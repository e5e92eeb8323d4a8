"""Every rule that an incoming event row can break. A rule's name is the reason code in `rejects` and `findings`.

A rule is an expression that is true where the row breaks it, over the prepared columns that
`attribution.ingest` makes: the canonical raw columns as text, and the parsed values beside them.
What becomes of the row depends on its shape: the platform would have refused a raw payload, while a
stored row is kept where its meaning is clear.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from attribution import terms
from attribution.money import EXACT_DIGITS, SCALE, currencies
from attribution.parse import (
    HASH,
    SNAKE_CASE,
    expr_decimal_places,
    expr_is_uuid,
    expr_significant_digits,
)

Outcome = Literal["reject", "error", "warning", "info"]
"""`reject` sends the row to `rejects`; the others keep it and note a finding of that severity."""

MAX_JSON_BYTES: Final = 10 * 1024
MAX_DEPTH: Final = 5
LATE_SECONDS: Final = 5 * 60
EARLY_DAYS: Final = 60
EMPTY_HASH: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of the empty string: no value."""


@dataclass(frozen=True)
class Rule:
    """One rule: where it looks, when a row breaks it, and what becomes of such a row."""

    name: str
    column: str
    raw: Outcome
    stored: Outcome
    broken: Callable[[], pl.Expr]

    def outcome(self, shape: str) -> Outcome:
        """What becomes of a row of this shape that breaks the rule."""
        return self.raw if shape == terms.RAW else self.stored


RULES: Final[dict[str, Rule]] = {}


def rule(column: str, *, raw: Outcome, stored: Outcome) -> Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]:
    """Register the decorated expression under its own name."""

    def register(broken: Callable[[], pl.Expr]) -> Callable[[], pl.Expr]:
        RULES[broken.__name__] = Rule(broken.__name__, column, raw, stored, broken)
        return broken

    return register


def rejecting_rules(shape: str) -> list[Rule]:
    """The rules that send a row of this shape to `rejects`."""
    return [rule for rule in RULES.values() if rule.outcome(shape) == "reject"]


def is_server() -> pl.Expr:
    """The row is a server event."""
    return pl.col("source") == terms.SERVER


def not_uuid(column: str) -> pl.Expr:
    """The column holds something, and it is no UUID."""
    return ~expr_is_uuid(pl.col(column))


@rule("source", raw="reject", stored="reject")
def source_unknown() -> pl.Expr:
    """Neither `browser` nor `server`."""
    return ~pl.col("source").is_in([terms.BROWSER, terms.SERVER]).fill_null(value=False)


@rule("event_name", raw="reject", stored="reject")
def event_name_missing() -> pl.Expr:
    """A browser event without `event_type`, a server event without `event_name`."""
    return pl.when(is_server()).then(pl.col("event_name").is_null()).otherwise(pl.col("event_type").is_null())


@rule("site_id", raw="reject", stored="warning")
def site_id_missing() -> pl.Expr:
    """No site."""
    return pl.col("site_id").is_null()


@rule("event_id", raw="reject", stored="warning")
def event_id_not_uuid() -> pl.Expr:
    """An event id that is no UUID."""
    return not_uuid("event_id")


@rule("scan_session_id", raw="reject", stored="warning")
def scan_session_id_missing() -> pl.Expr:
    """A server event without the scan session that it must carry."""
    return is_server() & pl.col("scan_session_id").is_null()


@rule("scan_session_id", raw="reject", stored="warning")
def scan_session_id_not_uuid() -> pl.Expr:
    """A scan session id that is no UUID."""
    return not_uuid("scan_session_id")


@rule("web_session_id", raw="reject", stored="warning")
def web_session_id_not_uuid() -> pl.Expr:
    """A web session id that is no UUID."""
    return not_uuid("web_session_id")


@rule("visitor_id", raw="reject", stored="warning")
def visitor_id_not_uuid() -> pl.Expr:
    """A visitor id that is no UUID."""
    return not_uuid("visitor_id")


@rule("event_time", raw="reject", stored="warning")
def event_time_unreadable() -> pl.Expr:
    """An event time that is no ISO 8601 time of the years 2000 to 2099."""
    return pl.col("event_time_given") & pl.col("event_time").is_null()


@rule("event_time", raw="reject", stored="reject")
def time_missing() -> pl.Expr:
    """No readable time at all, so the row cannot be placed."""
    return pl.col("occurred_at").is_null()


@rule("amount", raw="reject", stored="reject")
def amount_not_a_number() -> pl.Expr:
    """A conversion value that is no decimal number (or one of more than 14 digits before the point)."""
    return pl.col("amount_text").is_not_null() & pl.col("amount").is_null()


@rule("amount", raw="reject", stored="info")
def amount_missing() -> pl.Expr:
    """A currency without an amount on a server event."""
    return is_server() & pl.col("currency").is_not_null() & pl.col("amount_text").is_null()


@rule("currency", raw="reject", stored="error")
def currency_missing() -> pl.Expr:
    """An amount without a currency."""
    return pl.col("amount").is_not_null() & pl.col("currency").is_null()


@rule("currency", raw="reject", stored="reject")
def currency_not_iso_4217() -> pl.Expr:
    """A currency that is no ISO 4217 code."""
    return ~pl.col("currency").is_in(sorted(currencies()))


@rule("amount", raw="warning", stored="warning")
def amount_digits_inexact() -> pl.Expr:
    """More significant digits than a JSON number carries exactly, or more places than are kept: read as rounded."""
    text = pl.col("amount_text")
    is_long = text.str.len_bytes() > SCALE
    told = pl.when(is_long).then(text)
    return (expr_significant_digits(told) > EXACT_DIGITS) | (expr_decimal_places(told) > SCALE)


@rule("consent", raw="reject", stored="reject")
def consent_unknown() -> pl.Expr:
    """A consent that is not one of the three words: what it permits is not guessed."""
    return ~pl.col("consent").is_in(terms.CONSENT_STATES)


@rule("is_duplicate", raw="reject", stored="reject")
def is_duplicate_unreadable() -> pl.Expr:
    """A flag that is neither 0 nor 1."""
    return pl.col("is_duplicate").is_null()


@rule("is_fraud", raw="reject", stored="reject")
def is_fraud_unreadable() -> pl.Expr:
    """A flag that is neither 0 nor 1."""
    return pl.col("is_fraud").is_null()


@rule("metadata", raw="reject", stored="warning")
def metadata_not_an_object() -> pl.Expr:
    """Metadata that is no JSON object."""
    return not_an_object("metadata")


@rule("properties", raw="reject", stored="warning")
def properties_not_an_object() -> pl.Expr:
    """Properties that are no JSON object."""
    return not_an_object("properties")


@rule("metadata", raw="reject", stored="warning")
def metadata_too_large() -> pl.Expr:
    """Metadata over 10 KB as UTF-8 JSON."""
    return pl.col("metadata").str.len_bytes() > MAX_JSON_BYTES


@rule("properties", raw="reject", stored="warning")
def properties_too_large() -> pl.Expr:
    """Properties over 10 KB as UTF-8 JSON."""
    return pl.col("properties").str.len_bytes() > MAX_JSON_BYTES


@rule("metadata", raw="reject", stored="warning")
def metadata_too_deep() -> pl.Expr:
    """Metadata nested more than 5 deep."""
    text = pl.col("metadata")
    may_be_deep = text.str.count_matches(r"[\[{]") > MAX_DEPTH
    return pl.when(may_be_deep).then(text).map_batches(_depths, return_dtype=pl.Int32) > MAX_DEPTH


@rule("event_name", raw="info", stored="info")
def name_not_snake_case() -> pl.Expr:
    """A name that is not in snake_case: lint."""
    return ~pl.coalesce("event_name", "event_type").str.contains(SNAKE_CASE)


@rule("event_time", raw="warning", stored="warning")
def time_after_receipt() -> pl.Expr:
    """Later than it was received by over 5 minutes."""
    return pl.col("occurred_at") > pl.col("received_time") + pl.duration(seconds=LATE_SECONDS)


@rule("event_time", raw="warning", stored="warning")
def time_long_before_receipt() -> pl.Expr:
    """Received over 60 days after it happened."""
    return pl.col("occurred_at") < pl.col("received_time") - pl.duration(days=EARLY_DAYS)


@rule("email_hash", raw="error", stored="error")
def email_hash_unusable() -> pl.Expr:
    """Not 64 hex digits (a raw address, another digest), or the hash of the empty string. The value is dropped."""
    return unusable_hash("email_hash")


@rule("phone_hash", raw="error", stored="error")
def phone_hash_unusable() -> pl.Expr:
    """Not 64 hex digits (a raw number, another digest), or the hash of the empty string. The value is dropped."""
    return unusable_hash("phone_hash")


@rule("external_id", raw="error", stored="error")
def external_id_is_address() -> pl.Expr:
    """An e-mail address as the customer's user id. The value is dropped."""
    return pl.col("external_id").str.contains("@", literal=True)


def unusable_hash(column: str) -> pl.Expr:
    """The column holds something that is no SHA-256 of anything."""
    text = pl.col(column)
    return ~text.str.contains(HASH) | (text.str.to_lowercase() == EMPTY_HASH)


def not_an_object(column: str) -> pl.Expr:
    """The column holds text that does not have the outline of a JSON object."""
    text = pl.col(column)
    return ~(text.str.starts_with("{") & text.str.ends_with("}"))


def _depths(texts: pl.Series) -> pl.Series:
    """How deep each JSON text nests; brackets inside strings do not count."""
    return pl.Series([None if text is None else _depth(text) for text in texts], dtype=pl.Int32)


def _depth(text: str) -> int:
    deepest = depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            inside, escaped = (escaped or char != '"'), (char == "\\" and not escaped)
        elif char == '"':
            inside = True
        elif char in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "}]":
            depth -= 1
    return deepest
