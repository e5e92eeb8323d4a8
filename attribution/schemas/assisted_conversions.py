"""`assisted_conversions`: one row per QR code that is on a conversion's journey."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table


class AssistedConversions(Table):
    """One row per QR code that is on the journey of an attributed conversion, most influenced conversions first.

    A code may both close a conversion and assist it, by an earlier touch. Refunds are not counted. This does not depend on a
    model: a conversion counts in full for each of its codes.
    """

    qr_code_id: Series[str] = pa.Field(unique=True, description="The QR code")
    qr_name: Series[str] = pa.Field(nullable=True, description="Its name")
    campaign: Series[str] = pa.Field(nullable=True, description="Its campaign")
    influenced_conversions: Series[pl.Int64] = pa.Field(
        ge=1,
        description="Distinct conversions with a touch of the code; they overlap between codes, so do not add them up",
    )
    closed_conversions: Series[pl.Int64] = pa.Field(
        ge=0, description="Of those, the ones whose last touch is this code"
    )
    assisted_conversions: Series[pl.Int64] = pa.Field(
        ge=0, description="Of those, the ones with an earlier touch of this code"
    )
    assist_ratio: Series[float] = pa.Field(
        nullable=True, ge=0, description="assisted_conversions / closed_conversions; null where that is 0"
    )
