"""`rejects`: one row per rejected input row and rule that it broke."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table


class Rejects(Table):
    """One row per rejected input row and reason: `malformed` rows never became a record, `quarantined` ones broke a rule, of
    events one of `attribution.rules`, of other files one of `attribution.side_inputs`, or have an object in a scalar's place.
    Holds no value of the row except its id, if that is a UUID.
    """

    source_file: Series[str] = pa.Field(description="File, as a path below the raw folder")
    row_number: Series[pl.Int64] = pa.Field(ge=1, description="Line of a text file (the header is line 1), else record")
    stage: Series[str] = pa.Field(isin=[terms.MALFORMED, terms.QUARANTINED], description="How far the row got")
    reason: Series[str] = pa.Field(description="The rule's name")
    column: Series[str] = pa.Field(description="The column at fault; empty if it is the whole row")
    event_id: Series[str] = pa.Field(nullable=True, description="The row's event id, if it is a UUID")
