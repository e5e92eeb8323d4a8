"""`campaign_comparison`: one row per pair of campaigns, and per campaign and all the others."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.code_comparison import CANNOT_SAY, LESS, MORE, PER_SCAN, PER_SESSION, REST, TOO_FEW
from attribution.schemas.contract import Table
from attribution.schemas.events import SUM

CAMPAIGN = "campaign"


class CampaignComparison(Table):
    """One row per campaign and what it is compared with: all other campaigns together and, where there are few enough,
    each campaign that earns less per scan. Says whether the difference is more than chance, allowing for the number
    compared.

    QR codes without a campaign are left out. A campaign without scans has no row.
    """

    versus: Series[str] = pa.Field(
        isin=[CAMPAIGN, REST], description="Compared with one other campaign, or with all the others (rest)"
    )
    campaign: Series[str] = pa.Field(description="The campaign; has scans")
    other_campaign: Series[str] = pa.Field(nullable=True, description="The other campaign; null: all the others")
    model: Series[str] = pa.Field(description="The attribution model whose credits count")
    per: Series[str] = pa.Field(
        isin=[PER_SCAN, PER_SESSION],
        description="What revenue is divided by: scans, or sessions where no scans were exported",
    )
    revenue_per_scan: Series[SUM] = pa.Field(description="Of the campaign, in `currency`")
    other_revenue_per_scan: Series[SUM] = pa.Field(description="Of what it is compared with, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    probability_more: Series[float] = pa.Field(
        ge=0, le=1, description="Share of resamples in which the campaign earns more per scan; ties half; 0 to 1"
    )
    p_value: Series[float] = pa.Field(ge=0, le=1, description="Two-sided p-value of this comparison alone, 0 to 1")
    p_value_adjusted: Series[float] = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="The same, adjusted for all comparisons of this kind (Holm); null: too few",
    )
    verdict: Series[str] = pa.Field(
        isin=[MORE, LESS, CANNOT_SAY, TOO_FEW],
        description="What the campaign truly earns per scan compared with the other",
    )
    rank: Series[pl.Int64] = pa.Field(description="The campaign's place by revenue per scan, 1 = most; ties share it")
    rank_min: Series[pl.Int64] = pa.Field(description="Its best place under any model")
    rank_max: Series[pl.Int64] = pa.Field(description="Its worst place under any model")
    ranking_depends_on_model: Series[bool] = pa.Field(description="Its place is not the same under every model")
