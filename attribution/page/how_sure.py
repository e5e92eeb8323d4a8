"""How sure the revenue of each QR code is, in words: the intervals and the comparison of the chosen model, side by side."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from attribution import terms
from attribution.page.columns import CHANGE
from attribution.schemas.code_comparison import CANNOT_SAY, LESS, MORE, REST, TOO_FEW

Reports = Mapping[str, pl.DataFrame]
WORDS: Final = {
    MORE: "higher than the others",
    LESS: "lower than the others",
    CANNOT_SAY: "not clearly different",
    TOO_FEW: "too few buyers to say",
}
ALONE: Final = "no other code to compare with"
UNSEEN: Final = "unknown without scans"
COLUMNS: Final = {
    "qr_name": "QR code",
    "revenue": "Revenue",
    "revenue_low": "low",
    "revenue_high": "high",
    "people": "Buyers",
    "verdict": "Revenue per {visit} is",
    "probability_more_pct": "Chance of beating the others, %",
    "ranks": "Rank, by model",
}
OF_CODE: Final = ("qr_code_id", "qr_name", "campaign")
MODEL_COLUMNS: Final = {"qr_name": "QR code", "campaign": "Campaign"}
CAMPAIGN_COLUMNS: Final = {
    "campaign": "Campaign",
    "revenue": "Revenue",
    "revenue_change_pct": CHANGE,
    "revenue_low": "low",
    "revenue_high": "high",
    "scans": "Scans",
    "scan_sessions": "Sessions",
    "conversions": "Conversions",
    "cost": "Cost",
    "cost_per_scan": "Cost per scan",
    "roas": "ROAS",
    "roas_low": "ROAS low",
    "roas_high": "ROAS high",
    "roi": "ROI",
    "payback_day": "Paid back on",
}


def visit(reports: Reports) -> str:
    """What revenue is held against: `scan`, or `session` where there is no scan export."""
    return "scan" if reports["revenue_per_qr"]["scans"].count() else "session"


def headings(reports: Reports) -> dict[str, str]:
    """`COLUMNS`, in words that fit what there is."""
    return {name: heading.format(visit=visit(reports)) for name, heading in COLUMNS.items()}


def per_code(reports: Reports, model: str) -> pl.DataFrame:
    """One row per QR code: interval, verdict against all others and its place from model to model."""
    intervals = reports["revenue_intervals"].filter(pl.col("model") == model, pl.col("scope") == "qr_code")
    names = reports["revenue_per_qr"].select("qr_code_id", "qr_name", visits=pl.coalesce("scans", "scan_sessions"))
    compared = reports["code_comparison"].filter(pl.col("versus") == REST)
    same = pl.col("rank_min") == pl.col("rank_max")
    is_alone = pl.col("visits") > 0
    return (
        intervals.join(names, on="qr_code_id", how="left")
        .join(compared.drop("model", "currency"), on="qr_code_id", how="left")
        .with_columns(
            people="converting_people",
            verdict=pl.coalesce(
                pl.col("verdict").replace_strict(WORDS, default=None),
                pl.when(is_alone).then(pl.lit(ALONE)).otherwise(pl.lit(UNSEEN)),
            ),
            probability_more_pct=pl.col("probability_more") * 100,
            ranks=pl.when(same)
            .then(pl.format("{}", "rank_min"))
            .otherwise(pl.format("{} to {}", "rank_min", "rank_max")),
        )
    )


def per_model(reports: Reports, model: str) -> pl.DataFrame:
    """One row per QR code: what it earned under every model, the chosen one first; no credit is nothing earned."""
    compared = reports["model_comparison"]
    models = compared["model"].unique().sort().to_list()
    wide = compared.pivot("model", index=[*OF_CODE], values="revenue").with_columns(pl.col(models).fill_null(0))
    first = [model, *(name for name in models if name != model)] if model in models else models
    return wide.select(*OF_CODE, *first).sort(first[0], "qr_code_id", descending=[True, False]) if models else wide


def changed(reports: Reports, name: str) -> pl.DataFrame:
    """The report, with its change on the period before where there is one."""
    return reports.get(f"{name}_change", reports[name])


def per_campaign(reports: Reports, model: str) -> pl.DataFrame:
    """`revenue_per_campaign` with the bounds of revenue and ROAS."""
    bounds = reports["revenue_intervals"].filter(pl.col("model") == model, pl.col("scope") == "campaign")
    columns = ("campaign", "revenue_low", "revenue_high", "roas_low", "roas_high")
    # The bucket has no bounds, nor those of a campaign that is called as it is.
    of_known = bounds.select(columns).with_columns(is_unlinked=pl.lit(value=False))
    joined = changed(reports, "revenue_per_campaign").join(
        of_known, on=["campaign", "is_unlinked"], how="left", maintain_order="left"
    )
    named = pl.when("is_unlinked").then(pl.lit(terms.NO_CODE)).otherwise(pl.col("campaign").fill_null("no campaign"))
    return joined.with_columns(campaign=named)
