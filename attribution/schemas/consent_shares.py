"""`consent_shares`: one row per site, day, campaign or all, and consent."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table
from attribution.schemas.events import SUM

ALL, SITE, DAY, CAMPAIGN = "all", "site", "day", "campaign"
DIMENSIONS = (ALL, SITE, DAY, CAMPAIGN)


class ConsentShares(Table):
    """One row per dimension, value and consent: how many events and scan sessions have it, and the money riding on it.

    Analysed events count. Under `campaign` a scan session has the strictest consent of its events; elsewhere it counts
    under each consent of its events. Conversions and revenue count under the conversion's own consent, attributed or not.
    Groups of fewer scan sessions than `audit.min_group` are marked, and their numbers left out. If those of a value are too
    few even together, its next larger group is left out as well, because the rest of the total would reveal them.
    """

    dimension: Series[str] = pa.Field(isin=DIMENSIONS, description="all, site, day or campaign")
    value: Series[str] = pa.Field(nullable=True, description="The site, day (reporting zone) or campaign; null: none")
    consent: Series[str] = pa.Field(isin=terms.CONSENT_STATES, description="Consent")
    events: Series[pl.Int64] = pa.Field(nullable=True, description="Analysed events; null under campaign")
    scan_sessions: Series[pl.Int64] = pa.Field(nullable=True, description="Distinct scan sessions of them")
    scan_sessions_pct: Series[float] = pa.Field(
        nullable=True, description="Their share of the sum over the consents of this value, 0 to 100"
    )
    conversions: Series[pl.Int64] = pa.Field(nullable=True, description="Conversions, not counting refunds")
    revenue: Series[SUM] = pa.Field(nullable=True, description="Their money, refunds subtracted, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    is_suppressed: Series[bool] = pa.Field(description="Too small a group to be shown, or the next larger one")
