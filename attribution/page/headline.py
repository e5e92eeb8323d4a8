"""The headline numbers, and the first answers in words."""

import html
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import polars as pl

from attribution import terms
from attribution.money import TOTAL, format_amount
from attribution.page.parts import tile_list
from attribution.schedule import nothing_there
from attribution.uncertainty.wilson import LEVEL
from attribution.unpriced import unpriced

Reports = Mapping[str, pl.DataFrame]
WHY: Final = {
    terms.ORPHAN: "names no scan that is known",
    terms.UNLINKED: "is of scans whose QR code is not known",
    terms.BEFORE_SCAN: "came before its scan",
    terms.OUTSIDE_WINDOW: "came after the attribution window",
}
NET: Final = "sales less refunds"


def metrics(per_qr: pl.DataFrame, unattributed: pl.DataFrame, ledger: Mapping[str, Any]) -> dict[str, Any]:
    """The headline numbers as plain JSON: what `dvc metrics show` prints. Money is decimal text.

    Args:
        per_qr: As `schemas.revenue_per_qr`.
        unattributed: As `reports.unattributed_revenue` gives it.
        ledger: As `attribution.ledger.ledger` gives it.
    """
    earned = per_qr.filter(pl.col("qr_code_id") != terms.UNLINKED)
    rows = ledger["rows"]
    return {
        "revenue": str(sum(earned["revenue"], Decimal(0))),
        "revenue_unlinked": str(sum(per_qr["revenue"], Decimal(0)) - sum(earned["revenue"], Decimal(0))),
        "revenue_unattributed": str(sum(unattributed["amount_reporting"].drop_nulls(), Decimal(0))),
        "conversions": earned["conversions"].sum(),
        "scan_sessions": per_qr["scan_sessions"].sum(),
        "qr_codes": earned.height,
        "rows_read": rows["read"],
        "rows_analysed": rows["analysed"],
        "rows_rejected": rows["malformed"] + rows["quarantined"],
        "rows_duplicate": rows["duplicates"],
        "balanced": ledger["balanced"],
    }


def tiles(
    reports: Reports, ledger: Mapping[str, Any], currency: str, locale: str, *, told: Mapping[str, Any] | None = None
) -> str:
    """The headline numbers as tiles; with the summary of a period, also how each moved."""
    found = metrics(reports["revenue_per_qr"], reports["unattributed_revenue"], ledger)
    rows = ledger["rows"]
    lost = Decimal(found["revenue_unattributed"])
    share = _share(lost, Decimal(found["revenue"]) + lost)
    moved = {name: _moved(told, name) for name in ("revenue", "unattributed")}
    return tile_list(
        [
            (
                "Revenue attributed",
                format_amount(Decimal(found["revenue"]), currency, locale),
                "to QR codes" + moved["revenue"],
            ),
            (
                "Conversions attributed",
                f"{found['conversions']:,.6g}",
                f"from {found['scan_sessions']:,} sessions",
            ),
            (
                "Not attributed",
                format_amount(lost, currency, locale),
                (f"{share} of all revenue" if share else NET) + moved["unattributed"],
            ),
            ("Rows analysed", f"{rows['analysed']:,}", f"of {rows['read']:,} read"),
            ("Ledger", "balanced" if ledger["balanced"] else "DOES NOT BALANCE", "every row and every cent"),
        ]
    )


def _moved(told: Mapping[str, Any] | None, name: str) -> str:
    change = None if told is None else told["change_pct"].get(name)
    return "" if told is None or change is None else f", {change:+.1f} % on {told['previous']['name']}"


def answers(reports: Reports, model: str, currency: str, locale: str, *, told: Mapping[str, Any] | None = None) -> str:
    """What most people look for first, in a sentence each, as an HTML list."""
    nothing = "" if told is None else nothing_there(told)
    if nothing:
        return f'<p class="answers"><b>{html.escape(nothing)}</b></p>'
    found = [
        _unpriced(reports),
        _movers(told, currency, locale),
        _best_return(reports, model),
        _losses(reports, currency, locale),
        *_days(reports, currency, locale),
        _rank(reports),
    ]
    return '<ul class="answers">' + "".join(f"<li>{sentence}</li>" for sentence in found if sentence) + "</ul>"


def _unpriced(reports: Reports) -> str:
    listed = unpriced(reports["unconverted_revenue"], reports["revenue_per_qr"])
    if not listed:
        return ""
    return (
        f"Without an exchange rate, and so in no revenue, return or verdict of this page: <b>{html.escape(listed)}</b>."
    )


def _movers(told: Mapping[str, Any] | None, currency: str, locale: str) -> str:
    if told is None or told["previous"] is None:
        return ""
    listed = [
        f"<b>{html.escape(row['qr_name'] or row['qr_code_id'])}</b> {word} most, from "
        + " to ".join(format_amount(Decimal(row[name]), currency, locale) for name in ("before", "revenue"))
        for word in ("rose", "fell")
        for row in told[word][:1]
    ]
    return f"Against {told['previous']['name']}: {'; '.join(listed)}." if listed else ""


def _best_return(reports: Reports, model: str) -> str:
    bounds = reports["revenue_intervals"].filter(
        pl.col("model") == model, pl.col("scope") == "campaign", pl.col("roas").is_not_null()
    )
    if not bounds.height:
        return "No campaign has both spend and revenue, so none can be ranked by its return."
    row = bounds.sort("roas", "campaign", descending=[True, False]).row(0, named=True)
    if row["roas"] <= 0:
        return "No campaign that money was spent on has earned any."
    low, high = ("" if row[name] is None else f"{row[name]:,.2f}" for name in ("roas_low", "roas_high"))
    sure = f" ({LEVEL * 100:.0f} % interval: {low} to {high})" if low != high else ""
    few = ", from too few buyers to rely on" if row["too_few"] else ""
    rivals = _rivals(bounds, row)
    return (
        f"<b>{html.escape(row['campaign'])}</b> earned most per unit of spend: {row['roas']:,.2f}{sure}{few}.{rivals}"
    )


def _rivals(bounds: pl.DataFrame, best: Mapping[str, Any]) -> str:
    """Who may have earned as much: those whose interval reaches the lower end of the best one's."""
    least = pl.lit(best["roas_low"], pl.Float64)
    reach = bounds.filter(pl.col("campaign") != best["campaign"], pl.col("roas_high") >= least)
    if not reach.height:
        return ""
    first, others = reach.sort("roas", "campaign", descending=[True, False])["campaign"][0], reach.height - 1
    more = f" and {others:,} more" if others else ""
    return f" Its interval overlaps with that of <b>{html.escape(first)}</b>{more}, so that it need not be the best."


def _losses(reports: Reports, currency: str, locale: str) -> str:
    has_money = (pl.col("amount_reporting") != 0) | (pl.col("refunds") > 0)
    rows = reports["unattributed_revenue"].filter(pl.col("amount_reporting").is_not_null(), has_money)
    if not rows.height:
        return "All converted revenue is attributed to a QR code."
    by_reason = (
        rows.group_by("unattributed_reason")
        .agg(pl.col("amount_reporting").cast(TOTAL).sum())
        .sort("amount_reporting", "unattributed_reason", descending=[True, False])
    )
    lost = sum(rows["amount_reporting"], Decimal(0))
    share = _share(lost, lost + sum(_earned(reports), Decimal(0)))
    lead = f"<b>{share}</b> of revenue" if lost and share else f"<b>{format_amount(lost, currency, locale)}</b>, {NET},"
    listed = ", ".join(
        f"{format_amount(amount, currency, locale)} {WHY[reason]} ({reason})" for reason, amount in by_reason.rows()
    )
    return f"{lead} is not attributed: {html.escape(listed)}."


def _days(reports: Reports, currency: str, locale: str) -> list[str]:
    every = reports["revenue_over_time"].filter(pl.col("grain") == "day")
    scanned = every.filter(pl.col("scan_sessions") > 0)["starts_on"]
    days = every.filter(pl.col("starts_on").is_between(scanned.min(), scanned.max())).sort("revenue", "starts_on")
    if days.height < 2 or not (days["revenue"] != 0).any():  # noqa: PLR2004 - one day is neither the worst nor the best
        return []
    worst, best = days.row(0, named=True), days.row(-1, named=True)
    worst_revenue, best_revenue = (format_amount(day["revenue"], currency, locale) for day in (worst, best))
    came = f"{_counted(worst['scan_sessions'], 'scan session')} and {_counted(worst['conversions'], 'conversion')}"
    usual = (
        f"an average day has {format_amount(sum(days['revenue'], Decimal(0)) / days.height, currency, locale)} from "
        f"{_counted(round(days['scan_sessions'].sum() / days.height), 'scan session')} and "
        f"{_counted(round(days['conversions'].sum() / days.height), 'conversion')}"
    )
    span = "From the first scan to the last"
    short = _shortest(reports["daily_per_qr"], worst["starts_on"], days, currency, locale)
    return [
        f"{span}, the worst day was <b>{worst['starts_on']}</b>: {worst_revenue} from {came}; {usual}.{short}",
        f"The best of these days was <b>{best['starts_on']}</b>: {best_revenue}." if best["revenue"] > 0 else "",
    ]


def _counted(count: float, noun: str) -> str:
    number = f"{count:,.6g}" if isinstance(count, float) else f"{count:,}"
    return f"{number} {noun}{'s' * (count != 1)}"


def _shortest(daily: pl.DataFrame, day: date, days: pl.DataFrame, currency: str, locale: str) -> str:
    """The campaign that lacked most on the day, held against its own average day."""
    revenue = pl.col("revenue").cast(TOTAL)
    per_campaign = (
        daily.filter(pl.col("campaign").is_not_null(), pl.col("day").is_in(days["starts_on"].implode()))
        .group_by("campaign")
        .agg(had=revenue.filter(pl.col("day") == day).sum(), whole=revenue.sum())
    )
    lacks = [(whole / days.height - had, campaign, had, whole) for campaign, had, whole in per_campaign.rows()]
    if not lacks or max(lacks)[0] <= 0:
        return ""
    _, campaign, had, whole = max(lacks)
    had_text, usual = (format_amount(amount, currency, locale) for amount in (had, whole / days.height))
    return f" Campaign <b>{html.escape(campaign)}</b> lacked most: {had_text}, where an average day brings it {usual}."


def _rank(reports: Reports) -> str:
    ranked = reports["code_comparison"].filter(pl.col("versus") == "rest")
    moving = ranked["ranking_depends_on_model"].sum()
    if not ranked.height:
        return ""
    return f"The place of <b>{moving:,} of {ranked.height:,}</b> QR codes by revenue per scan depends on the attribution model."


def _earned(reports: Reports) -> list[Decimal]:
    per_qr = reports["revenue_per_qr"]
    return per_qr.filter(pl.col("qr_code_id") != terms.UNLINKED)["revenue"].to_list()


def _share(part: Decimal, whole: Decimal) -> str:
    """The part in percent; nothing where refunds leave no whole, or more part than whole."""
    return f"{part / whole * 100:.1f} %" if 0 <= part <= whole and whole else ""
