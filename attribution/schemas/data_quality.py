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

    Covers all days, even in the folder of a period. An input row counts under each rule that it broke, so do not add up rows.
    A finding that is not about a row is about a file, a scan session, a QR code or a day's rate, and counts once for each.
    """

    stage: Series[str] = pa.Field(
        isin=[terms.MALFORMED, terms.QUARANTINED, FINDING],
        description="malformed: never became a record; quarantined: broke a rule; finding: kept, but worth a look",
    )
    kind: Series[str] = pa.Field(
        nullable=True,
        description="Kind of file: events, scans, qr_codes, spend, fx; null: no file, or one not recognised",
    )
    rule: Series[str] = pa.Field(description="The rule's name")
    severity: Series[str] = pa.Field(
        isin=terms.SEVERITIES, description="error, warning or info; error for rejected rows"
    )
    column: Series[str] = pa.Field(
        description="The column at fault, or several separated by commas; scan_session where the rows of one disagree; "
        "empty if it is the whole row or file"
    )
    rows: Series[pl.Int64] = pa.Field(
        ge=1, description="Distinct input rows; for findings not about a row, the distinct things they are about"
    )
    files: Series[pl.Int64] = pa.Field(ge=0, description="Distinct files that these are in; 0: not in a file")
    meaning: Series[str] = pa.Field(nullable=True, description="What the rule means, in words")

    class Config(Table.Config):
        """Nothing is counted in two rows under the same names."""

        unique = ("stage", "kind", "rule", "severity", "column")
