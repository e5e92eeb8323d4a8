"""`consent_losses`: one row per thing that analysis loses where consent is withheld."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table

FIELD_STRIPPED, REFUND_WITHOUT_ORDER, SESSION_WITHOUT_VISITOR = (
    "field_stripped",
    "refund_without_order",
    "session_without_visitor",
)


class ConsentLosses(Table):
    """One row per loss and field: how much data is missing from the analysis because consent was withheld."""

    loss: Series[str] = pa.Field(
        description="field_stripped: analysed events; refund_without_order: refunds that cannot name their order; "
        "session_without_visitor: scan sessions that count as a person of their own"
    )
    field: Series[str] = pa.Field(nullable=True, description="The field, if the loss is of one")
    rows: Series[pl.Int64] = pa.Field(description="Rows that lost it, or might have")
    of_rows: Series[pl.Int64] = pa.Field(description="All rows of that kind")
    share_pct: Series[float] = pa.Field(nullable=True, description="rows / of_rows, 0 to 100")
    expected_values: Series[float] = pa.Field(
        nullable=True,
        description="field_stripped: rows times the share of the other rows of their source (browser, server) that have the "
        "field filled; null where a source has no others",
    )
