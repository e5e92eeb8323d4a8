"""`model_comparison`: one row per model and QR code with credit."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class ModelComparison(Table):
    """One row per attribution model and QR code with credit under it, most revenue first within a model.

    Under every model the rows add up to the same conversions and the same revenue: those of all attributed conversions.
    Refunds are in `revenue`, but do not count as conversions.
    """

    model: Series[str] = pa.Field(description="The attribution model")
    qr_code_id: Series[str] = pa.Field(description="The QR code")
    qr_name: Series[str] = pa.Field(nullable=True, description="Its name")
    campaign: Series[str] = pa.Field(nullable=True, description="Its campaign")
    conversions: Series[float] = pa.Field(ge=0, description="Conversions credited; whole under single-touch models")
    revenue: Series[SUM] = pa.Field(description="Money credited, refunds subtracted, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    revenue_share: Series[float] = pa.Field(
        nullable=True,
        description="revenue / the sum of the model's rows, 0 to 1 unless one is negative; null where the sum is 0",
    )
    rank: Series[pl.Int64] = pa.Field(ge=1, description="Place by revenue within the model, 1 = most; ties share it")

    class Config(Table.Config):
        """No QR code has two rows under a model."""

        unique = ("model", "qr_code_id")
