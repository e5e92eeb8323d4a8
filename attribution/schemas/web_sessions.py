"""`web_sessions`: one row per web session and scan session."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import UTC


class WebSessions(Table):
    """One row per `web_session_id` and the scan session that its browser events carry."""

    web_session_id: Series[str] = pa.Field(description="The SDK's id; if missing, made from scan session and start")
    web_session_id_is_derived: Series[bool] = pa.Field(description="Made by us, by splitting at gaps of inactivity")
    scan_session_id: Series[str] = pa.Field(description="The scan that it belongs to")
    started_at: Series[UTC] = pa.Field(description="First browser event, UTC")
    ended_at: Series[UTC] = pa.Field(description="Last browser event, UTC")
    event_count: Series[pl.Int64] = pa.Field(ge=1, description="Analysed browser events")
    page_view_count: Series[pl.Int64] = pa.Field(ge=0, description="Analysed page views")
