"""The ledger: an account of every row and every cent.

Rule: rows read = malformed + quarantined + duplicates + excluded + analysed; revenue read = attributed + unattributed,
per currency, to the last place. The two sides are counted from different tables.
"""

from decimal import Decimal
from typing import Any

import polars as pl

from attribution import terms
from attribution.analysed import analysed
from attribution.conversions import conversion_events
from attribution.earned import CREDITED
from attribution.fx import total
from attribution.keys import expr_key
from attribution.left_aside import BROKEN_OFF, NOT_RECOGNISED, broken_off, not_recognised
from attribution.money import SCALE
from attribution.row_kinds import is_attributed
from attribution.settings import Settings
from attribution.stage import Tables


def ledger(tables: Tables, reports: Tables, settings: Settings) -> dict[str, Any]:
    """The account of every row and every cent, as plain JSON values; `balanced` says whether all of it adds up.

    Files of which nothing was read (`left_aside`) and files that break off are named; the key is absent where there are none.

    Money is decimal text in the currency's major unit.
    """
    rows = _rows(tables)
    revenue = _revenue(tables, settings)
    checks = [
        *_row_checks(rows),
        *_revenue_checks(revenue),
        *event_checks(tables, reports, revenue, settings),
        *_credit_checks(tables),
        *_report_checks(tables, reports),
    ]
    return {
        "rows": rows,
        "other": _other(tables),
        "revenue": revenue,
        "checks": checks,
        "balanced": all(check["holds"] for check in checks),
        **({NOT_RECOGNISED: left} if (left := not_recognised(tables["sources"])) else {}),
        **({BROKEN_OFF: cut} if (cut := broken_off(tables["rejects"])) else {}),
    }


def _rows(tables: Tables) -> dict[str, Any]:
    of_events = tables["sources"].filter(pl.col("kind") == "events")
    counted = ("read", "malformed", "quarantined", "erased")
    read, malformed, quarantined, erased = (
        of_events.select(pl.col(f"rows_{name}").sum() for name in counted).collect().row(0)
    )
    left = tables["events"].join(tables["duplicates"].select("row_id"), on="row_id", how="anti")
    excluded = dict(left.filter(pl.col("exclusion").is_not_null()).group_by("exclusion").agg(pl.len()).collect().rows())
    return {
        "read": read,
        "malformed": malformed,
        "quarantined": quarantined,
        "duplicates": _count(tables["duplicates"]),
        "excluded": {reason: excluded.get(reason, 0) for reason in terms.EXCLUSIONS},
        "analysed": _count(analysed(tables["events"], tables["duplicates"])),
        **({"erased": erased} if erased else {}),
    }


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item())


def _other(tables: Tables) -> dict[str, dict[str, int]]:
    sources = tables["sources"].filter(~pl.col("kind").is_in(["events", ""])).group_by("kind")
    counted = sources.agg(
        read=pl.col("rows_read").sum(), rejected=pl.col("rows_malformed").sum() + pl.col("rows_quarantined").sum()
    )
    return {
        kind: {"read": read, "rejected": rejected} for kind, read, rejected in counted.sort("kind").collect().rows()
    }


def _revenue(tables: Tables, settings: Settings) -> dict[str, Any]:
    """`read` from the events, `attributed` and `unattributed` from the conversions, in the currency that was sent."""
    read = _sent(analysed(tables["events"], tables["duplicates"]), settings)
    credited = tables["credits"].filter(pl.col("model") == settings.report.model).select("conversion_id").unique()
    valued = tables["conversions"].filter(pl.col("amount").is_not_null())
    attributed = _per_currency(valued.join(credited, on="conversion_id", how="semi"))
    left = valued.filter(~is_attributed())
    by_reason = {
        reason: _per_currency(left.filter(pl.col("unattributed_reason") == reason))
        for reason in terms.UNATTRIBUTED_REASONS
    }
    currencies = sorted({*read, *attributed, *(name for amounts in by_reason.values() for name in amounts)})
    return {
        currency: {
            "read": _text(read.get(currency)),
            "attributed": _text(attributed.get(currency)),
            "unattributed": {reason: _text(amounts.get(currency)) for reason, amounts in by_reason.items()},
        }
        for currency in currencies
    }


def _sent(events: pl.LazyFrame, settings: Settings) -> dict[str, Decimal]:
    """What conversions and refunds among the events carry, per currency."""
    chosen = settings.conversions
    carrying = conversion_events(events, chosen.event_names, with_value=chosen.with_value)
    return _per_currency(carrying.filter(pl.col("amount").is_not_null()))


def _per_currency(rows: pl.LazyFrame) -> dict[str, Decimal]:
    summed = rows.group_by(pl.col("currency").fill_null(terms.NO_CURRENCY)).agg(total(pl.col("amount")))
    return dict(summed.collect(engine="streaming").rows())


def _text(amount: Decimal | None) -> str:
    return str((amount or Decimal(0)).quantize(Decimal(1).scaleb(-SCALE)))


def _check(name: str, left: object, right: object) -> dict[str, Any]:
    return {"name": name, "left": str(left), "right": str(right), "holds": left == right}


def _row_checks(rows: dict[str, Any]) -> list[dict[str, Any]]:
    parts = [rows[name] for name in ("malformed", "quarantined", "duplicates", "analysed")]
    accounted = sum(parts) + sum(rows["excluded"].values()) + rows.get("erased", 0)
    erased = " + erased" if "erased" in rows else ""
    name = f"rows read = malformed + quarantined + duplicates + excluded + analysed{erased}"
    return [_check(name, rows["read"], accounted)]


def _revenue_checks(revenue: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        _check(
            f"{currency} read = attributed + unattributed",
            Decimal(amounts["read"]),
            Decimal(amounts["attributed"]) + sum(map(Decimal, amounts["unattributed"].values())),
        )
        for currency, amounts in revenue.items()
    ]


def event_checks(tables: Tables, reports: Tables, revenue: dict[str, Any], settings: Settings) -> list[dict[str, Any]]:
    """The money of every accepted row is either read or belongs to a copy, a test or a fraud."""
    sent, uncounted = _sent(tables["events"], settings), _per_currency(reports["uncounted_revenue"])
    return [
        _check(
            f"{currency} in accepted rows = read + uncounted",
            sent.get(currency, Decimal(0)),
            Decimal(revenue[currency]["read"] if currency in revenue else 0) + uncounted.get(currency, Decimal(0)),
        )
        for currency in sorted({*sent, *revenue, *uncounted})
    ]


def _credit_checks(tables: Tables) -> list[dict[str, Any]]:
    """One model at a time, and conversions by 128-bit keys (`keys.expr_key`): each conversion has credits under every model."""
    credits = tables["credits"]  # noqa: A001 - the table's name
    attributed = tables["conversions"].filter(is_attributed())
    conversion = expr_key(pl.col("conversion_id")).alias("conversion")
    amounts = attributed.select(conversion, "amount_reporting").collect(engine="streaming")
    models = credits.select("model").unique().collect(engine="streaming").to_series().sort().to_list()
    counts = {model: _credited(credits.filter(model=model), conversion, amounts.lazy()) for model in models}
    wrong = sum(off for _, off in counts.values())
    return [
        _check("conversions and refunds whose credits are not exactly 1 and exactly their money", wrong, 0),
        *(
            _check(f"conversions and refunds credited under {model} = attributed", count, amounts.height)
            for model, (count, _) in counts.items()
        ),
    ]


def _credited(rows: pl.LazyFrame, conversion: pl.Expr, amounts: pl.LazyFrame) -> tuple[int, int]:
    """How many conversions a model credits, and how many of these do not get exactly 1 and exactly their money."""
    per_conversion = rows.group_by(conversion).agg(
        pl.col("credit").cast(CREDITED).sum(), credited=total(pl.col("amount_reporting"))
    )
    is_off = (
        (pl.col("credit") != 1)
        | (pl.col("credited") != pl.col("amount_reporting").fill_null(0))
        | (pl.col("amount_reporting").is_null() & (pl.col("credited") != 0))
    )
    beside = per_conversion.join(amounts, on="conversion", how="left", build_side="force_right")
    count, off = beside.select(pl.len(), is_off.sum().alias("off")).collect(engine="streaming").row(0)
    return int(count), int(off)


def _report_checks(tables: Tables, reports: Tables) -> list[dict[str, Any]]:
    """The rows of `revenue_per_qr` and the unattributed reasons hold all the converted money."""
    read = tables["conversions"].select(total(pl.col("amount_reporting"))).collect().item()
    earned = reports["revenue_per_qr"].filter(pl.col("qr_code_id") != terms.UNLINKED)
    parts = [
        earned.select(total(pl.col("revenue"))).collect().item(),
        reports["unattributed_revenue"].select(total(pl.col("amount_reporting"))).collect().item(),
    ]
    return [_check("converted money = revenue per QR code + unattributed revenue", read, sum(parts))]
