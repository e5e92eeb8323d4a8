"""Does one campaign truly earn more per scan than another?"""

import polars as pl

from attribution.reports.code_comparison import code_comparison
from attribution.schemas import code_comparison as of_codes
from attribution.schemas.campaign_comparison import CAMPAIGN, CampaignComparison
from attribution.uncertainty.wilson import LEVEL


def campaign_comparison(
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    conversions: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    *,
    model: str,
    currency: str,
    seed: int,
    has_scans: bool,
    replicates: int = 2_000,
    level: float = LEVEL,
) -> pl.LazyFrame:
    """Compares what campaigns earned per scan, by the rule of `code_comparison`, with a campaign's QR codes read as one.

    Args:
        credits, conversions, scan_sessions, qr_codes: The tables of these names.
        model, currency, seed, has_scans, replicates, level: As for `code_comparison`.

    Returns:
        As `schemas.campaign_comparison`, each campaign against the rest first, then pairs, both by revenue per scan.
        Reads its tables.
    """
    compared = code_comparison(
        _by_campaign(credits, qr_codes),
        conversions,
        _by_campaign(scan_sessions, qr_codes),
        model=model,
        currency=currency,
        seed=seed,
        has_scans=has_scans,
        replicates=replicates,
        level=level,
    )
    named = compared.rename({"qr_code_id": "campaign", "other_qr_code_id": "other_campaign"})
    return CampaignComparison.shaped(named.with_columns(pl.col("versus").replace({of_codes.CODE: CAMPAIGN})))


def _by_campaign(table: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:
    """The rows whose QR code has a campaign, with the campaign in the code's place."""
    campaigns = qr_codes.filter(pl.col("campaign").is_not_null()).select("qr_code_id", "campaign")
    named = table.join(campaigns, on="qr_code_id", how="inner", build_side="force_right")
    return named.drop("qr_code_id").rename({"campaign": "qr_code_id"})
