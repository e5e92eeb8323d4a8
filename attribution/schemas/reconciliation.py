"""`reconciliation`: one row per number of the platform's summary."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table

NUMBER = pl.Decimal(precision=38, scale=6)
EQUAL, EXPLAINED, UNEXPLAINED = OUTCOMES = ("equal", "explained", "unexplained")


class Reconciliation(Table):
    """One row per section, key and measure that the platform's answer holds, and per key of ours that it does not have."""

    section: Series[str] = pa.Field(
        description="Part of the answer: count, trend, event_breakdown, site_breakdown, funnel"
    )
    key: Series[str] = pa.Field(nullable=True, description="Day, event, site or step; null in count")
    measure: Series[str] = pa.Field(description="What is counted")
    theirs: Series[NUMBER] = pa.Field(description="The platform's number; 0 where it does not list the key")
    ours: Series[NUMBER] = pa.Field(nullable=True, description="Our own number; null: no sessions")
    difference: Series[NUMBER] = pa.Field(nullable=True, description="theirs - ours")
    outcome: Series[str] = pa.Field(
        isin=OUTCOMES, description="Whether they are equal and, if not, whether a rule explains the difference"
    )
    explained_by: Series[str] = pa.Field(
        nullable=True, description="The rules by which they count differently, joined by +"
    )
