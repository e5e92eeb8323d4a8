"""`fx`: one row per currency and day from which a rate holds, or none any more."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table


class Fx(Table):
    """One row per currency and day: how many units of the reporting currency one unit of `currency` buys.

    If a day has several rates, the lowest counts, whatever the order of rows and files, so that revenue is not overstated.
    """

    date: Series[pl.Date] = pa.Field(description="The day from which the rate applies, until the next one")
    currency: Series[str] = pa.Field(description="ISO 4217 code")
    rate: Series[pl.Decimal(precision=28, scale=14)] = pa.Field(
        gt=0, nullable=True, description="Units of the reporting currency per unit; null: no rate from this day on"
    )
