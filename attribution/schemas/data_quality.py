"""`data_quality`: one row per stage, kind of file, rule, severity and column."""

from typing import Final

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table

FINDING: Final = "finding"
"""The stage of what is kept, and worth a person's look."""


class DataQuality(Table):
    """One row per stage, kind of file, rule, severity and column, most rows first: rejects and findings, counted.

    Of all days, also in the folder of a period. An input row counts in each rule that it broke, so that rows must not be
    added. A finding of no row is of a file, a scan session, a QR code or a day's rate, and counts once for each.
    """

    stage: Series[str] = pa.Field(
        isin=[terms.MALFORMED, terms.QUARANTINED, FINDING],
        description="malformed: never became a record; quarantined: broke a rule; finding: kept, but worth a look",
    )
    kind: Series[str] = pa.Field(
        nullable=True,
        description="Kind of file: events, scans, qr_codes, spend, fx; null: of no file, or of one not recognised",
    )
    rule: Series[str] = pa.Field(description="The rule's name")
    severity: Series[str] = pa.Field(isin=terms.SEVERITIES, description="error, warning or info; of refused rows error")
    column: Series[str] = pa.Field(
        description="The column at fault, of several all, comma-separated; scan_session where the rows of one disagree; "
        "empty where it is the row or the file"
    )
    rows: Series[pl.Int64] = pa.Field(
        ge=1, description="Distinct input rows; of findings of no row, the distinct things that they are of"
    )
    files: Series[pl.Int64] = pa.Field(ge=0, description="Distinct files that these are in; 0: of no file")
    meaning: Series[str] = pa.Field(nullable=True, description="What the rule says of such a row, in words")

    class Config(Table.Config):
        """Nothing is counted in two rows under the same names."""

        unique = ("stage", "kind", "rule", "severity", "column")
