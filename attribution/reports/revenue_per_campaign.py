"""What each campaign earned and cost under the chosen model.

A campaign's row is made by the rule of `revenue_per_qr`, with its QR codes read as one: so people and sessions are
counted once per campaign, and every ratio is of sums.
"""

from typing import Final

import polars as pl

from attribution import terms
from attribution.reports.revenue_per_qr import UNLINKED, revenue_per_qr
from attribution.schemas.revenue_per_campaign import RevenuePerCampaign

NAMED: Final = "="
"""Goes before a campaign's name while it stands for a QR code, so that no name is taken for one of the buckets."""
NO_CAMPAIGN: Final = "-"


def revenue_per_campaign(
    scan_sessions: pl.LazyFrame,
    scans: pl.LazyFrame,
    qr_codes: pl.LazyFrame,
    conversions: pl.LazyFrame,
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    priced: pl.LazyFrame,
    costs: pl.LazyFrame,
    *,
    model: str,
    currency: str,
    has_scans: bool,
) -> pl.LazyFrame:
    """One row per campaign, by revenue, then the QR codes of no campaign, then the `unlinked` row.

    Args:
        scan_sessions, scans, qr_codes, conversions, credits: The tables of these names.
        priced: Items of cost, as `costs.priced_spend` gives them.
        costs: `campaign, cost, payback_day`, as `payback.costs_paid_back` gives them.
        model: The attribution model whose credits count.
        currency: The reporting currency.
        has_scans: Whether there is a scan export; without one `scans` is null.

    Returns:
        As `schemas.revenue_per_campaign`. Reads its tables.
    """
    tables = (scan_sessions, scans, conversions, credits)
    rows = revenue_per_qr(
        _by_campaign(scan_sessions, qr_codes),
        _by_campaign(scans, qr_codes),
        _campaigns(qr_codes),
        _by_campaign(conversions, qr_codes),
        _by_campaign(credits, qr_codes),
        costs.select("cost", "payback_day", qr_code_id=_key()),
        model=model,
        currency=currency,
        has_scans=has_scans,
    )
    members = _members(qr_codes, *tables, priced)
    counted = rows.drop("campaign").join(members, on="qr_code_id", how="left").with_columns(_decoded())
    ordered = counted.with_columns(pl.col("qr_codes").fill_null(0)).sort(
        "is_unlinked",
        pl.col("campaign").is_null(),
        "revenue",
        "campaign",
        descending=[False, False, True, False],
    )
    return RevenuePerCampaign.shaped(ordered)


def _key() -> pl.Expr:
    """What stands for the campaign, or for having none."""
    return pl.when(pl.col("campaign").is_null()).then(pl.lit(NO_CAMPAIGN)).otherwise(NAMED + pl.col("campaign"))


def _decoded() -> list[pl.Expr]:
    """`campaign`, and `is_unlinked`: whether the row is the bucket, and not a campaign of its name."""
    key = pl.col("qr_code_id")
    is_bucket = key == UNLINKED
    named = pl.when(key != NO_CAMPAIGN).then(key.str.strip_prefix(NAMED))
    campaign = pl.when(is_bucket).then(pl.lit(terms.UNLINKED)).otherwise(named)
    return [campaign.alias("campaign"), is_bucket.alias("is_unlinked")]


def _by_campaign(table: pl.LazyFrame, qr_codes: pl.LazyFrame) -> pl.LazyFrame:
    """The table with the campaign in place of the QR code; what has no QR code keeps none."""
    keys = qr_codes.select("qr_code_id", "campaign")
    key = pl.when(pl.col("qr_code_id").is_not_null()).then(_key())
    named = table.join(keys, on="qr_code_id", how="left", build_side="force_right")
    return named.with_columns(qr_code_id=key).drop("campaign")


def _campaigns(qr_codes: pl.LazyFrame) -> pl.LazyFrame:
    """The campaigns as a list of QR codes without names."""
    nothing = pl.lit(None, pl.String)
    return qr_codes.select(qr_code_id=_key()).unique().with_columns(name=nothing, campaign=nothing)


def _members(qr_codes: pl.LazyFrame, *tables: pl.LazyFrame) -> pl.LazyFrame:
    """`qr_code_id` (the campaign's key), `qr_codes`: how many QR codes any table names."""
    known = pl.concat([table.select("qr_code_id") for table in (qr_codes, *tables)]).drop_nulls().unique()
    named = known.join(qr_codes.select("qr_code_id", "campaign"), on="qr_code_id", how="left")
    return named.group_by(qr_code_id=_key()).agg(qr_codes=pl.len().cast(pl.Int64))
