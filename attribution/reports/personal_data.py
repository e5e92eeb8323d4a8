"""Personal data in the wrong place, counted by rule and field."""

from typing import Final

import polars as pl

from attribution import privacy
from attribution.personal_data import IN_FILE_NAME, OF_EXTERNAL_ID
from attribution.rules import identifiers
from attribution.schemas.personal_data import PersonalData

OF_IDENTIFIERS: Final = (
    *(rule.__name__ for rule in (identifiers.email_hash_unusable, identifiers.phone_hash_unusable)),
    *(rule.__name__ for rule in (identifiers.email_not_hashed, identifiers.phone_not_hashed)),
    *OF_EXTERNAL_ID.values(),
)
RULES: Final = (*(rule for rule in privacy.RULES if rule != privacy.UPPER_CASE), *OF_IDENTIFIERS, IN_FILE_NAME)
"""The rules whose findings are personal data in the wrong place; a hash in capitals is a matter of form."""


def is_personal_data() -> pl.Expr:
    """The finding is one of personal data."""
    return pl.col("rule").is_in(RULES)


def personal_data(findings: pl.LazyFrame) -> pl.LazyFrame:
    """As `schemas.personal_data`, from a table as `schemas.findings`."""
    distinct = pl.col("fingerprint").drop_nulls().n_unique().cast(pl.Int64)
    counted = (
        findings.filter(is_personal_data())
        .with_columns(pl.col("field_path").str.replace_all(r"\[\d+\]", "[]"))
        .group_by("rule", "field_path", "severity", "confidence")
        .agg(
            findings=pl.len().cast(pl.Int64),
            rows=pl.struct("source_file", "row_number").n_unique().cast(pl.Int64),
            files=pl.col("source_file").n_unique().cast(pl.Int64),
            distinct_values=pl.when(pl.col("fingerprint").is_not_null().any()).then(distinct),
        )
    )
    order = ["findings", "rule", "field_path", "confidence"]
    return PersonalData.shaped(counted.sort(order, descending=[True, False, False, False]))
