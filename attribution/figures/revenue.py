"""What QR codes earned, as bars with their intervals."""

import plotly.graph_objects as go
import polars as pl

from attribution import terms
from attribution.figures.look import (
    BLUE,
    FEW,
    GREY,
    MONEY,
    SHOWN,
    bars_height,
    laid_out,
    names_axis,
    of_report,
    plain,
    shortened,
    sure,
    told,
    whiskers,
    with_most,
)
from attribution.money import format_amount
from attribution.numbers import format_number


def revenue_per_qr(report: pl.DataFrame, locale: str = "en_US", intervals: pl.DataFrame | None = None) -> go.Figure:
    """Revenue per QR code as bars, the most at the top, the `unlinked` bucket in grey at the bottom. Of many codes, the
    `SHOWN` with most revenue; never without the bucket. A code whose interval is from too few people is marked.

    Args:
        report: As `schemas.revenue_per_qr`.
        locale: How money and counts are written.
        intervals: As `schemas.revenue_intervals`: those of QR codes under the report's model are drawn. None: no whiskers.

    Raises:
        ValueError: The intervals are all of other models.
    """
    is_unlinked = pl.col("qr_code_id") == terms.UNLINKED
    earned = report.filter(~is_unlinked)
    rows = pl.concat([earned.head(SHOWN), report.filter(is_unlinked)]).reverse()
    few = [""] * rows.height
    if intervals is not None:
        bounds = of_report(intervals, report, "qr_code").select("qr_code_id", "revenue_low", "revenue_high", "too_few")
        rows = rows.join(bounds, on="qr_code_id", how="left", maintain_order="left")
        few = [FEW * bool(is_few) for is_few in rows["too_few"]]
    currency, model = told(report, "currency"), told(report, "model")
    codes = rows["qr_code_id"].to_list()
    amounts = [format_amount(amount, currency, locale) for amount in rows["revenue"]]
    called = pl.when(is_unlinked).then(pl.lit(terms.NO_CODE)).otherwise(pl.coalesce("qr_name", "qr_code_id"))
    names = [shortened(name) for name in rows.select(called).to_series()]
    labels = [f"{name}  <b>{amount}</b>{mark}" for name, amount, mark in zip(names, amounts, few, strict=True)]
    title = with_most(f"Revenue per QR code ({currency}), {model}", earned.height, locale)
    figure = go.Figure(
        go.Bar(
            x=rows["revenue"].cast(pl.Float64).to_list(),
            y=codes,
            orientation="h",
            marker_color=[GREY if code == terms.UNLINKED else BLUE for code in codes],
            customdata=[_hover(row, locale) for row in rows.iter_rows(named=True)],
            hovertemplate="%{customdata}<extra></extra>",
        ),
        layout=laid_out(
            title,
            bars_height(rows.height),
            locale,
            xaxis={"title": f"Revenue, {currency}", "tickformat": MONEY, "rangemode": "tozero"},
            yaxis=names_axis(codes, labels),
        ),
    )
    if intervals is not None:
        lines = whiskers(rows, "revenue", "qr_code_id")
        figure.add_traces(lines).update_layout(sure(title, lines))
    return figure


def _hover(row: dict[str, object], locale: str) -> str:
    currency = str(row["currency"])
    lines = [
        f"<b>{plain(row['qr_name'] or row['qr_code_id'])}</b>",
        f"Campaign: {plain(row['campaign'] or '–')}",
        f"Revenue: {format_amount(row['revenue'], currency, locale)}",  # type: ignore[arg-type]
        f"Conversions: {format_number(row['conversions'], locale)}",  # type: ignore[arg-type]
        f"Scan sessions: {format_number(row['scan_sessions'], locale)}",  # type: ignore[arg-type]
        f"Cost: {format_amount(row['cost'], currency, locale)}",  # type: ignore[arg-type]
    ]
    return "<br>".join(lines)
