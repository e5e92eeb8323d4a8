"""Hashed identifiers of a person."""

import polars as pl

from attribution.hashes import OF_NOTHING, SALTED, USABLE
from attribution.privacy.suspects import ADDRESS
from attribution.rules.free_objects import not_an_object
from attribution.rules.rule import rule


@rule("email_hash", raw="error", stored="error")
def email_hash_unusable() -> pl.Expr:
    """Not 64 hex digits (a raw address, another digest), or the hash of the empty string. The value is dropped."""
    return unusable_hash("email_hash")


@rule("phone_hash", raw="error", stored="error")
def phone_hash_unusable() -> pl.Expr:
    """Not 64 hex digits (a raw number, another digest), or the hash of the empty string. The value is dropped."""
    return unusable_hash("phone_hash")


@rule("email_hash", raw="info", stored="info")
def email_hash_upper_case() -> pl.Expr:
    """64 hex digits in capitals: usable, but other systems may take it for someone else's. Kept in lower case."""
    return _is_upper_case("email_hash")


@rule("phone_hash", raw="info", stored="info")
def phone_hash_upper_case() -> pl.Expr:
    """64 hex digits in capitals: usable, but other systems may take it for someone else's. Kept in lower case."""
    return _is_upper_case("phone_hash")


@rule("email_hash", raw="warning", stored="warning")
def email_hash_salted() -> pl.Expr:
    """A digest stored with a salt or scheme: it cannot join anyone, because no other digest is made the same way."""
    return pl.col("email_hash").str.contains(SALTED)


@rule("phone_hash", raw="warning", stored="warning")
def phone_hash_salted() -> pl.Expr:
    """A digest stored with a salt or scheme: it cannot join anyone, because no other digest is made the same way."""
    return pl.col("phone_hash").str.contains(SALTED)


@rule("external_id", raw="warning", stored="warning")
def external_id_not_a_value() -> pl.Expr:
    """An object or a list, whose content is unknown. It is not kept."""
    return not_a_value("external_id")


def not_a_value(column: str) -> pl.Expr:
    """The column holds the text of a JSON object or list."""
    text = pl.when(pl.col(column).str.contains(r"^\s*[\[{]")).then(column)
    return text.str.json_path_match("$").is_not_null()


@rule("user_identifiers", raw="warning", stored="warning")
def user_identifiers_unusable() -> pl.Expr:
    """Text that is not a JSON object. It is not kept."""
    return not_an_object("user_identifiers")


@rule("user_identifiers.email", raw="error", stored="error")
def email_not_hashed() -> pl.Expr:
    """An unhashed e-mail address among the hashed identifiers. It is not kept."""
    return pl.col("user_identifiers.email").str.contains(ADDRESS)


@rule("user_identifiers.phone", raw="error", stored="error")
def phone_not_hashed() -> pl.Expr:
    """An unhashed phone number among the hashed identifiers. It is not kept."""
    number = pl.col("user_identifiers.phone")
    return number.str.contains(rf"\d(?:\D*\d){{5}}|{ADDRESS}") & ~number.str.contains(USABLE)


def _is_upper_case(column: str) -> pl.Expr:
    text = pl.col(column)
    return ~unusable_hash(column) & (text != text.str.to_lowercase())


def unusable_hash(column: str) -> pl.Expr:
    """The column holds something that is no SHA-256 of anything."""
    text = pl.col(column)
    return ~text.str.contains(USABLE) | (text.str.to_lowercase() == OF_NOTHING)
