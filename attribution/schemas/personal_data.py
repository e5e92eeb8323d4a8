"""`personal_data`: one row per rule and field in which personal data was found."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table


class PersonalData(Table):
    """One row per rule, confidence and field path (places in a list combined), most findings first. Counts only, no values."""

    rule: Series[str] = pa.Field(description="What was found")
    field_path: Series[str] = pa.Field(description="Where, dotted for a place inside JSON; [] for any place of a list")
    severity: Series[str] = pa.Field(isin=terms.SEVERITIES, description="error, warning or info")
    confidence: Series[str] = pa.Field(isin=terms.CONFIDENCES, description="How certain it is: high, medium or low")
    findings: Series[pl.Int64] = pa.Field(ge=1, description="Number of findings")
    rows: Series[pl.Int64] = pa.Field(ge=1, description="Number of input rows they are in")
    files: Series[pl.Int64] = pa.Field(ge=1, description="Number of files they are in")
    distinct_values: Series[pl.Int64] = pa.Field(
        nullable=True, description="Number of distinct values, by fingerprint; null without a fingerprint key"
    )
