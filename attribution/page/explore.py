"""The data behind the page's filter: what each known QR code brought on each day, as JSON inside the page."""

import html
import json
from typing import Any, Final

import polars as pl

from attribution import terms
from attribution.figures.look import CONFIG
from attribution.money import SCALE, TOTAL
from attribution.numbers import separators

MOST_ROWS: Final = 40_000
"""Days and codes that the page carries; beyond that, days and campaigns."""
OF_CAMPAIGN: Final = "all codes of the campaign"
WITHOUT_CAMPAIGN: Final = "all codes without a campaign"
"""QR codes that share a row then."""


def explored(daily: pl.DataFrame, per_qr: pl.DataFrame, currency: str, locale: str) -> str:
    """The rows for the filter, as JSON text that is safe inside a script element.

    Args:
        daily: As `schemas.daily_per_qr`.
        per_qr: As `schemas.revenue_per_qr`, for the names.
        currency, locale: How the page writes money.

    Returns:
        `days`, `codes` (name and campaign), and per row: day, code, sessions, scans, conversions, and revenue in whole
        1/10,000 of the currency, so that sums in the browser are exact.
    """
    known = daily.filter(pl.col("qr_code_id") != terms.UNLINKED)
    names = dict(per_qr.select("qr_code_id", pl.coalesce("qr_name", "qr_code_id")).rows())
    rows = known if known.height <= MOST_ROWS else _by_campaign(known)
    days = rows["day"].unique().sort()
    codes = rows.select("qr_code_id", "campaign").unique().sort("qr_code_id", "campaign", nulls_last=True)
    place = {code: number for number, code in enumerate(codes.rows())}
    at = {day: number for number, day in enumerate(days)}
    units = (rows["revenue"].cast(TOTAL) * 10**SCALE).cast(pl.Int128)
    content: dict[str, Any] = {
        "currency": currency,
        "locale": locale.replace("_", "-"),
        "separators": separators(locale),
        "config": CONFIG,
        "days": [str(day) for day in days],
        "codes": [[names.get(code, code), campaign] for code, campaign in codes.rows()],
        "rows": [
            [at[day], place[code, campaign], sessions, scans, round(conversions, 6), money]
            for (day, code, campaign, scans, sessions, conversions), money in zip(
                rows.select("day", "qr_code_id", "campaign", "scans", "scan_sessions", "conversions").rows(),
                units,
                strict=True,
            )
        ],
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def campaign_options(daily: pl.DataFrame) -> str:
    """The campaigns as options of a select element; as values, for browsers drop spaces of an option's text."""
    names = map(html.escape, daily["campaign"].drop_nulls().unique().sort())
    return "".join(f'<option value="{name}">{name}</option>' for name in names)


def _by_campaign(daily: pl.DataFrame) -> pl.DataFrame:
    """The QR codes of each campaign in one row a day, under a name that says so."""
    has_campaign = pl.col("campaign").is_not_null()
    all_codes = pl.when(has_campaign).then(pl.lit(OF_CAMPAIGN)).otherwise(pl.lit(WITHOUT_CAMPAIGN))
    keyed = daily.with_columns(qr_code_id=all_codes)
    scans = pl.when(pl.col("scans").count() > 0).then(pl.col("scans").sum())
    numbers = ("scan_sessions", "conversions", "revenue")
    by = ("day", "qr_code_id", "campaign")
    return keyed.group_by(by).agg(scans, pl.col(numbers).sum()).sort(by)
