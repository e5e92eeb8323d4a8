"""`revenue_intervals`: one row per attribution model and QR code or campaign."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM
from attribution.uncertainty.contributions import SCOPES
from attribution.uncertainty.intervals import METHODS


class RevenueIntervals(Table):
    """One row per attribution model and QR code, then per model and campaign, with how certain its revenue and ROAS are.

    Estimates are exact sums of credits, refunds subtracted. Bounds are for what another period with as many people from
    the same population would bring on average, and null where nobody brought anything.
    """

    model: Series[str] = pa.Field(description="The attribution model")
    scope: Series[str] = pa.Field(isin=SCOPES, description="Whether the row is a QR code's or a campaign's")
    qr_code_id: Series[str] = pa.Field(nullable=True, description="The QR code; null: a campaign's row")
    campaign: Series[str] = pa.Field(nullable=True, description="The campaign, or the QR code's")
    converting_people: Series[pl.Int64] = pa.Field(description="People whose credited money does not add up to 0")
    effective_people: Series[float] = pa.Field(
        description="Number of people with equal amounts that would be as uneven: (sum of |amount|)² / sum of squares"
    )
    revenue: Series[SUM] = pa.Field(description="Money credited, refunds subtracted, in `currency`")
    revenue_low: Series[SUM] = pa.Field(nullable=True, description="Lower bound of the revenue, in `currency`")
    revenue_high: Series[SUM] = pa.Field(nullable=True, description="Upper bound of the revenue, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    cost: Series[SUM] = pa.Field(nullable=True, description="Cost, in `currency`, taken as certain; null: not known")
    roas: Series[float] = pa.Field(nullable=True, description="revenue / cost; null without a cost")
    roas_low: Series[float] = pa.Field(nullable=True, description="Lower bound of `roas`")
    roas_high: Series[float] = pa.Field(nullable=True, description="Upper bound of `roas`")
    level: Series[float] = pa.Field(
        description="Confidence level: the share of such intervals that contain the true value, 0 to 1"
    )
    method: Series[str] = pa.Field(nullable=True, isin=METHODS, description="How the bounds were computed")
    too_few: Series[bool] = pa.Field(description="Too few effective people for the bounds to be more than a hint")
