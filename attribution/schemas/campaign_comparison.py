"""`campaign_comparison`: one row per pair of campaigns, and per campaign and all the others."""

import pandera.polars as pa
from pandera.typing.polars import Series

from attribution.schemas.code_comparison import REST, Compared
from attribution.schemas.contract import Table

CAMPAIGN = "campaign"


class ComparedCampaigns(Table):
    """Which campaigns are compared: the columns that come first."""

    versus: Series[str] = pa.Field(
        isin=[CAMPAIGN, REST], description="Compared with one other campaign, or with all the others (rest)"
    )
    campaign: Series[str] = pa.Field(description="The campaign; has scans")
    other_campaign: Series[str] = pa.Field(nullable=True, description="The other campaign; null: all the others")


class CampaignComparison(Compared, ComparedCampaigns):
    """One row per campaign and what it is compared with: all other campaigns together and, where there are few enough,
    each campaign that earns less per scan. Says whether the difference is more than chance, allowing for the number
    compared.

    QR codes without a campaign are left out. A campaign without scans has no row.
    """
