"""`touches`: one row per attributed conversion and touch before it."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import UTC


class Touches(Table):
    """One row per attributed conversion (or refund) and scan session of its person inside the lookback, oldest first."""

    conversion_id: Series[str] = pa.Field(description="The conversion")
    position: Series[pl.Int64] = pa.Field(ge=1, description="Place in the journey, 1 = oldest")
    touch_count: Series[pl.Int64] = pa.Field(ge=1, description="Touches in the journey")
    scan_session_id: Series[str] = pa.Field(description="The touch")
    qr_code_id: Series[str] = pa.Field(description="The QR code of the touch")
    touched_at: Series[UTC] = pa.Field(description="The scan's time, but no later than the conversion's, UTC")
    age_seconds: Series[float] = pa.Field(ge=0, description="How long before the conversion, seconds")
    is_tied: Series[bool] = pa.Field(description="The scan session that the conversion is tied to; one per conversion")
