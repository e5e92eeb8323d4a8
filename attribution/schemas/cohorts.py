"""`cohorts`: one row per week of scan and week since the scan."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM


class Cohorts(Table):
    """One row per ISO week of scan and week since the scan; all sums run from the scan to the end of that week.

    A cohort is the known scan sessions of a week in the reporting time zone. Weeks since the scan are counted from
    each session's own scan: 0 is its first 7 days. Over all days, the last rows of all cohorts add
    up to the QR rows of `revenue_per_qr`; the report of a period has only its own scans, and weeks cut off at its ends.
    """

    cohort_week: Series[pl.Date] = pa.Field(description="Monday of the week of scan")
    weeks_since_scan: Series[pl.Int64] = pa.Field(ge=0, description="Whole weeks since the scan")
    sessions: Series[pl.Int64] = pa.Field(ge=1, description="Scan sessions of the cohort")
    converting_sessions: Series[pl.Int64] = pa.Field(
        description="Of those, how many had an attributed conversion (not a refund) by then"
    )
    converting_pct: Series[float] = pa.Field(description="converting_sessions / sessions x 100")
    revenue: Series[SUM] = pa.Field(description="Money credited by then, refunds subtracted, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    model: Series[str] = pa.Field(description="The attribution model")
    is_observed_fully: Series[bool] = pa.Field(
        description="Every session of the cohort was observed to the end of that week; else the sums may still grow"
    )
