"""`duplicates`: one row per event row that is a copy of another."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table


class Duplicates(Table):
    """One row per duplicate row of `events`. What is not listed here and not excluded is analysed."""

    row_id: Series[pl.UInt64] = pa.Field(description="The duplicate row")
    original_row_id: Series[pl.UInt64] = pa.Field(
        nullable=True, description="The row that counts; null if not exported"
    )
    reason: Series[str] = pa.Field(isin=terms.DUPLICATE_REASONS, description="Why it is known to be a duplicate")
    event_id: Series[str] = pa.Field(description="The id that both carry")
    conflicting: Series[str] = pa.Field(
        nullable=True, description="Columns that differ from the original, comma-separated"
    )
