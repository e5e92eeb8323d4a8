"""`funnel`: one row per step."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table


class Funnel(Table):
    """One row per step of the funnel, in order. A session reaches a step at or after the time of the previous step.

    Known scan sessions count, even without a QR code. The step `conversion` is reached by those with an attributed conversion
    tied to them.
    """

    position: Series[pl.Int64] = pa.Field(ge=1, unique=True, description="Place of the step, 1 = first")
    step: Series[str] = pa.Field(description="`scan`, `conversion` or the name of an event")
    sessions: Series[pl.Int64] = pa.Field(ge=0, description="Scan sessions that reached this and every earlier step")
    drop_off_previous_pct: Series[float] = pa.Field(
        nullable=True,
        description="Share of the previous step's sessions that did not get here, 0 to 100; null for the first step",
    )
    drop_off_first_pct: Series[float] = pa.Field(
        nullable=True, description="Share of the first step's sessions that did not get here, 0 to 100"
    )
    median_seconds_from_previous: Series[float] = pa.Field(
        nullable=True, description="Median time since the previous step, seconds; null for the first step"
    )
