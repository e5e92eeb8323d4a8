"""`findings`: one row per kept row (or file) and thing about it that is worth a person's look."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table


class Findings(Table):
    """One row per finding: lint, conflicts, suspects, time flags, leaks, personal data. Never a value of the row."""

    rule: Series[str] = pa.Field(description="What was found")
    severity: Series[str] = pa.Field(isin=terms.SEVERITIES, description="error, warning or info")
    source_file: Series[str] = pa.Field(nullable=True, description="File, as a path below the raw folder")
    row_number: Series[pl.Int64] = pa.Field(nullable=True, description="Line or record in that file")
    event_id: Series[str] = pa.Field(
        nullable=True,
        description="The row's event id; without a row, what it is about: a scan session, a QR code, a rate's currency and day",
    )
    field_path: Series[str] = pa.Field(description="The field, dotted for a place inside JSON; empty for the row")
    confidence: Series[str] = pa.Field(isin=terms.CONFIDENCES, description="How certain it is: high, medium or low")
    fingerprint: Series[str] = pa.Field(
        nullable=True, description="Keyed digest of the found value, to count equal ones; null without a key"
    )
