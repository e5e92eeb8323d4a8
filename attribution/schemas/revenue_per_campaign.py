"""`revenue_per_campaign`: one row per campaign, one of QR codes without a campaign, and one `unlinked` row last."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class RevenuePerCampaign(Table):
    """One row per campaign that the QR code list or spend names, by revenue; then the QR codes without a campaign, if any,
    with a null campaign; the `unlinked` bucket comes last. Revenue over all rows is that of `revenue_per_qr`.

    People and sessions are counted once per campaign, not once per QR code. Ratios are of the campaign's sums. A ratio
    whose divisor is 0 or unknown is null. Refunds are in `revenue`, but do not count as conversions.
    """

    campaign: Series[str] = pa.Field(nullable=True, description="The campaign; null: none; `unlinked` in the last row")
    qr_codes: Series[pl.Int64] = pa.Field(description="QR codes with a row in `revenue_per_qr`")
    scans: Series[pl.Int64] = pa.Field(
        nullable=True, description="Distinct scan sessions in the scan export; null without an export"
    )
    scan_sessions: Series[pl.Int64] = pa.Field(description="Distinct scan sessions with an analysed event")
    people: Series[pl.Int64] = pa.Field(description="Distinct people in those sessions, over the whole period")
    converting_sessions: Series[pl.Int64] = pa.Field(
        description="Of `scan_sessions`, those with a counted conversion tied to them"
    )
    conversions: Series[float] = pa.Field(description="Conversions credited; whole under single-touch models")
    conversions_per_session_pct: Series[float] = pa.Field(
        nullable=True, description="conversions / scan_sessions x 100; may exceed 100"
    )
    converting_sessions_pct: Series[float] = pa.Field(
        nullable=True, description="converting_sessions / scan_sessions x 100; at most 100"
    )
    revenue: Series[SUM] = pa.Field(description="Money credited, refunds subtracted, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    revenue_per_scan: Series[SUM] = pa.Field(nullable=True, description="revenue / scans, in `currency`")
    cost: Series[SUM] = pa.Field(
        nullable=True, description="The campaign's spend and its QR codes' own, in `currency`; null: not known"
    )
    cost_per_scan: Series[SUM] = pa.Field(nullable=True, description="cost / scans, in `currency`")
    roi: Series[float] = pa.Field(nullable=True, description="(revenue - cost) / cost, a share: 0.5 is 50 %")
    roas: Series[float] = pa.Field(nullable=True, description="revenue / cost")
    cost_per_conversion: Series[SUM] = pa.Field(nullable=True, description="cost / conversions, in `currency`")
    model: Series[str] = pa.Field(description="The attribution model")
    payback_day: Series[pl.Date] = pa.Field(
        nullable=True,
        description="Day from which revenue to date covers cost to date (reporting zone); null: never, or a period's report",
    )
    is_unlinked: Series[bool] = pa.Field(
        description="Whether the row is the `unlinked` bucket; a campaign may have the same name"
    )

    class Config(Table.Config):
        """No campaign has two rows."""

        unique = ("campaign", "is_unlinked")
