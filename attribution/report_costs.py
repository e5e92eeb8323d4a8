"""The costs that reports show, from the tables and settings of a run."""

import polars as pl

from attribution.costs import cost_items_per_campaign, cost_items_per_qr, cost_per, priced_spend
from attribution.payback import costs_paid_back, daily_revenue
from attribution.row_kinds import is_scan
from attribution.settings import Settings
from attribution.stage import Tables


def scanned(tables: Tables) -> pl.LazyFrame:
    """The scans of the export, each under the QR code of its scan session: an export may lack codes that the events know."""
    return tables["scan_sessions"].filter(is_scan())


def spend_of(tables: Tables, settings: Settings) -> pl.LazyFrame:
    """Every item of cost, as `costs.priced_spend`."""
    return priced_spend(tables["spend"], tables["qr_codes"], tables["fx"], settings.report.currency)


def costs_of(
    tables: Tables, spend: pl.LazyFrame, settings: Settings, *, is_of_period: bool
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """What each QR code and each campaign cost, and when it earned that back (null for a period). In memory: used often."""
    chosen, codes = settings.report, tables["qr_codes"]
    per_qr, per_campaign = cost_items(tables, spend, settings)
    of_code, of_campaign = (
        None
        if is_of_period
        else daily_revenue(
            codes.select(columns),
            tables["credits"],
            tables["conversions"],
            model=chosen.model,
            time_zone=chosen.time_zone,
        )
        for columns in (["qr_code_id"], ["qr_code_id", "campaign"])
    )
    both = [costs_paid_back(per_qr, of_code), costs_paid_back(per_campaign, of_campaign)]
    codes_paid, campaigns_paid = pl.collect_all(both, engine="streaming")
    return codes_paid.lazy(), campaigns_paid.lazy()


def cost_items(tables: Tables, spend: pl.LazyFrame, settings: Settings) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The costs that fall on each QR code, and on each campaign. One row per item."""
    chosen, codes = settings.report, tables["qr_codes"]
    per_qr = cost_items_per_qr(spend, codes, scanned(tables), allocate=chosen.allocate_spend, currency=chosen.currency)
    return per_qr, cost_items_per_campaign(spend, codes)


def costs_of_all(per_qr: pl.LazyFrame, per_campaign: pl.LazyFrame) -> pl.LazyFrame:
    """Costs of QR codes and of whole campaigns, from their items: `qr_code_id, campaign, cost`, the other id null."""
    none = pl.lit(None, pl.String)
    codes = cost_per("qr_code_id", per_qr).select("qr_code_id", none.alias("campaign"), "cost")
    campaigns = cost_per("campaign", per_campaign).filter(pl.col("campaign").is_not_null())
    return pl.concat([codes, campaigns.select(none.alias("qr_code_id"), "campaign", "cost")])
