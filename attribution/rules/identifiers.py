"""Hashed identifiers of a person, and the customer's own user id."""

from typing import Final

import polars as pl

from attribution.parse import HASH
from attribution.rules.rule import rule

EMPTY_HASH: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of the empty string: no value."""


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
