"""`revenue_per_qr`: one row per QR code, and one `unlinked` row last."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class RevenuePerQr(Table):
    """One row per QR code that the list, a scan, a conversion or spend names, by revenue; the `unlinked` bucket comes last.

    QR rows hold attributed conversions only. The `unlinked` row holds the conversions whose session or QR code is
    unknown. Refunds are in `revenue`, but do not count as conversions. A share or ratio whose divisor is 0 or unknown is null.
    """

    qr_code_id: Series[str] = pa.Field(unique=True, description="The QR code, or `unlinked`")
    qr_name: Series[str] = pa.Field(nullable=True, description="Its name")
    campaign: Series[str] = pa.Field(nullable=True, description="Its campaign")
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
        nullable=True, description="conversions / scan_sessions x 100, as the platform shows it; may exceed 100"
    )
    converting_sessions_pct: Series[float] = pa.Field(
        nullable=True, description="converting_sessions / scan_sessions x 100; at most 100"
    )
    revenue: Series[SUM] = pa.Field(description="Money credited, refunds subtracted, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    revenue_per_scan: Series[SUM] = pa.Field(nullable=True, description="revenue / scans, in `currency`")
    cost: Series[SUM] = pa.Field(
        nullable=True,
        description="Fixed cost and spend, in `currency`; no fixed cost in a period's report; spend on a campaign of several "
        "QR codes as `report.allocate_spend` says; null: not known",
    )
    roi: Series[float] = pa.Field(nullable=True, description="(revenue - cost) / cost, a share: 0.5 is 50 %")
    roas: Series[float] = pa.Field(nullable=True, description="revenue / cost")
    cost_per_conversion: Series[SUM] = pa.Field(nullable=True, description="cost / conversions, in `currency`")
    model: Series[str] = pa.Field(description="The attribution model")
    cost_per_scan: Series[SUM] = pa.Field(nullable=True, description="cost / scans, in `currency`")
    payback_day: Series[pl.Date] = pa.Field(
        nullable=True,
        description="Day from which revenue to date covers cost to date (reporting zone); null: never, or a period's report",
    )
