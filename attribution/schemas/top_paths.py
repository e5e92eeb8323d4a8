"""`top_paths`: one row per path of QR codes."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class TopPaths(Table):
    """One row per path of QR codes that led to attributed conversions, most conversions first; only the top ones are listed.

    Refunds are not journeys: neither they nor their money are included.
    """

    path: Series[str] = pa.Field(
        description="Names of the QR codes, oldest first, joined by ` > `; the id where a code has no name, and after the "
        "name where several codes have it; ` \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ` for a ` > ` in either"
    )
    touches: Series[pl.Int64] = pa.Field(ge=1, description="Scan sessions on the path, repeats of a QR code included")
    conversions: Series[pl.Int64] = pa.Field(ge=1, description="Attributed conversions at the end of it")
    revenue: Series[SUM] = pa.Field(description="All of their money, in `currency`; amounts without a rate add 0")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    conversion_share: Series[float] = pa.Field(
        ge=0, le=1, description="conversions / those of all paths, including paths not listed; 0 to 1"
    )
    median_days: Series[float] = pa.Field(ge=0, description="Median time from the first touch to the conversion, days")
