"""What the row says of itself: consent, duplicate, fraud."""

import polars as pl

from attribution import terms
from attribution.rules.rule import rule


@rule("consent", raw="reject", stored="reject")
def consent_unknown() -> pl.Expr:
    """A consent that is not one of the three known words. What it permits is not guessed."""
    return ~pl.col("consent").is_in(terms.CONSENT_STATES)


@rule("consent", raw="reject", stored="info")
def consent_said_unspecified() -> pl.Expr:
    """The word `unspecified`, which is none of the three known words. Read as missing consent, which it is our own word for."""
    return pl.col("consent_given") & (pl.col("consent") == terms.UNSPECIFIED)


@rule("is_duplicate", raw="reject", stored="reject")
def is_duplicate_unreadable() -> pl.Expr:
    """A flag that is neither 0 nor 1."""
    return pl.col("is_duplicate").is_null()


@rule("is_fraud", raw="reject", stored="reject")
def is_fraud_unreadable() -> pl.Expr:
    """A flag that is neither 0 nor 1."""
    return pl.col("is_fraud").is_null()
