"""The first answers in words, and before them what the numbers lack."""

import html
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import polars as pl

from attribution import terms
from attribution.lacking import lacking
from attribution.money import TOTAL, format_amount
from attribution.numbers import format_fixed, format_number
from attribution.page.days import worst_and_best
from attribution.page.how_sure import visit
from attribution.page.parts import called
from attribution.page.tiles import NET, share
from attribution.schedule import ends_early, nothing_there
from attribution.uncertainty.wilson import LEVEL

Reports = Mapping[str, pl.DataFrame]
WHY: Final = {
    terms.ORPHAN: "names no known scan",
    terms.UNLINKED: "is from scans with no known QR code",
    terms.BEFORE_SCAN: "came before its scan",
    terms.OUTSIDE_WINDOW: "came after the attribution window",
}


def answers(
    reports: Reports,
    ledger: Mapping[str, Any],
    model: str,
    currency: str,
    locale: str,
    *,
    told: Mapping[str, Any] | None = None,
) -> str:
    """What most people look for first, in a sentence each, as an HTML list; before it what the numbers lack."""
    lacks = [
        f"{lead}: <b>{html.escape(said)}</b>."
        for lead, said in lacking(ledger, reports, of_period=told is not None, locale=locale)
    ]
    if told is not None and (nothing := nothing_there(told)):
        return _listed([f"<b>{html.escape(nothing)}</b>", *lacks])
    found = [
        _early(told),
        *lacks,
        _movers(told, currency, locale),
        _best_return(reports, model, locale),
        _losses(reports, currency, locale),
        *worst_and_best(reports, currency, locale),
        _rank(reports, locale),
    ]
    return _listed(found)


def _listed(sentences: Sequence[str]) -> str:
    return '<ul class="answers">' + "".join(f"<li>{sentence}</li>" for sentence in sentences if sentence) + "</ul>"


def _early(told: Mapping[str, Any] | None) -> str:
    said = "" if told is None else ends_early(told)
    return f"<b>{html.escape(said)}</b>" if said else ""


def _movers(told: Mapping[str, Any] | None, currency: str, locale: str) -> str:
    if told is None or told["previous"] is None:
        return ""
    listed = [
        f"{called(row['qr_name'] or row['qr_code_id'])} {word} most, from "
        + " to ".join(format_amount(Decimal(row[name]), currency, locale) for name in ("before", "revenue"))
        for word in ("rose", "fell")
        for row in told[word][:1]
    ]
    return f"Compared with {told['previous']['name']}: {'; '.join(listed)}." if listed else ""


def _best_return(reports: Reports, model: str, locale: str) -> str:
    bounds = reports["revenue_intervals"].filter(
        pl.col("model") == model, pl.col("scope") == "campaign", pl.col("roas").is_not_null()
    )
    if not bounds.height:
        return "No campaign has both spend and revenue, so none can be ranked by return."
    row = bounds.sort("roas", "campaign", descending=[True, False]).row(0, named=True)
    if row["roas"] <= 0:
        return "No campaign with spend has earned any revenue."
    earned, low, high = (
        "" if row[name] is None else format_fixed(row[name], 2, locale) for name in ("roas", "roas_low", "roas_high")
    )
    sure = f" ({LEVEL * 100:.0f}% interval: {low} to {high})" if low != high else ""
    few = ", from too few buyers to rely on" if row["too_few"] else ""
    rivals = _rivals(bounds, row, locale)
    if bounds.height == 1:
        return f"{called(row['campaign'])}, the only campaign with spend, earned {earned} per unit of cost{sure}{few}."
    return f"{called(row['campaign'])} earned the most per unit of cost: {earned}{sure}{few}.{rivals}"


def _rivals(bounds: pl.DataFrame, best: Mapping[str, Any], locale: str) -> str:
    """Who may have earned as much: those whose interval reaches the lower end of the best one's."""
    least = pl.lit(best["roas_low"], pl.Float64)
    reach = bounds.filter(pl.col("campaign") != best["campaign"], pl.col("roas_high") >= least)
    if not reach.height:
        return ""
    first, others = reach.sort("roas", "campaign", descending=[True, False])["campaign"][0], reach.height - 1
    more = f" and {format_number(others, locale)} more" if others else ""
    whose = "those" if others else "that"
    return f" Its interval overlaps {whose} of {called(first)}{more}, so it may not be the best."


def _losses(reports: Reports, currency: str, locale: str) -> str:
    has_money = (pl.col("amount_reporting") != 0) | (pl.col("refunds") > 0)
    rows = reports["unattributed_revenue"].filter(pl.col("amount_reporting").is_not_null(), has_money)
    if not rows.height:
        return "All converted revenue is attributed to a QR code." if any(_earned(reports)) else ""
    by_reason = (
        rows.group_by("unattributed_reason")
        .agg(pl.col("amount_reporting").cast(TOTAL).sum())
        .sort("amount_reporting", "unattributed_reason", descending=[True, False])
    )
    lost = sum(rows["amount_reporting"], Decimal(0))
    of_all = share(lost, lost + sum(_earned(reports), Decimal(0)), locale)
    lead = (
        f"<b>{of_all}</b> of revenue" if lost and of_all else f"<b>{format_amount(lost, currency, locale)}</b>, {NET},"
    )
    listed = ", ".join(
        f"{format_amount(amount, currency, locale)} {WHY[reason]} ({reason})" for reason, amount in by_reason.rows()
    )
    return f"{lead} is unattributed: {html.escape(listed)}."


def _rank(reports: Reports, locale: str) -> str:
    ranked = reports["code_comparison"].filter(pl.col("versus") == "rest")
    moving = int(ranked["ranking_depends_on_model"].sum())
    if not ranked.height:
        return ""
    some, every = (format_number(count, locale) for count in (moving, ranked.height))
    by = f"revenue per {visit(reports)}"
    return f"The rank of <b>{some} of {every}</b> QR codes by {by} depends on the attribution model."


def _earned(reports: Reports) -> list[Decimal]:
    per_qr = reports["revenue_per_qr"]
    return per_qr.filter(pl.col("qr_code_id") != terms.UNLINKED)["revenue"].to_list()
