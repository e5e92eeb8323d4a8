"""`conversion_lag`: one row per day since the scan."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table


class ConversionLag(Table):
    """One row per day since the scan, 0 to the last of the attribution window, also where nothing happened.

    Known scan sessions count, each with its first attributed conversion (not a refund) and from its own scan: day 0 is the
    first 24 hours after its scan. One that has not converted is followed up to the end of the data, not beyond.
    """

    day: Series[pl.Int64] = pa.Field(ge=0, unique=True, description="Whole days since the scan")
    sessions_at_risk: Series[pl.Int64] = pa.Field(
        ge=0, description="Scan sessions neither converted nor last observed before that day"
    )
    converting_sessions: Series[pl.Int64] = pa.Field(ge=0, description="Of those, how many first convert on that day")
    censored_sessions: Series[pl.Int64] = pa.Field(
        ge=0, description="Of those, how many are last observed on that day, without a conversion"
    )
    converted_share: Series[float] = pa.Field(
        ge=0,
        le=1,
        description="Share of the sessions that convert by the end of that day, had all been observed as long "
        "(Kaplan-Meier estimate); 0 to 1",
    )
