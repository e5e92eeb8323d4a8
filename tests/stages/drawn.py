"""Draws the flow's tables as text, so that a test reads as a table in and a table out.

A drawing is a header and rows, cells parted by `|`, `-` for null. A time is `10:00` or `10:00:30` (on `DAY`), `+60d`,
`+60d 10:00` (that many days after `DAY`), or ISO; a flag is `yes` or `no`. Columns that are not drawn get defaults.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from attribution import flow
from attribution.schemas.events import Events
from attribution.schemas.fx import Fx
from attribution.schemas.qr_codes import QrCodes
from attribution.schemas.scans import Scans
from attribution.schemas.spend import Spend
from attribution.settings import Settings
from attribution.stage import Stage

DAY = date(2026, 5, 1)
Row = dict[str, Any]


def cells(drawing: str) -> list[dict[str, str | None]]:
    """The drawing's rows as text by column."""
    lines = [[cell.strip() for cell in line.split("|")] for line in drawing.strip().splitlines()]
    header, body = lines[0], lines[1:]
    return [dict(zip(header, [None if cell == "-" else cell for cell in line], strict=True)) for line in body]


def value(text: str | None, dtype: pl.DataType) -> Any:
    """A cell's value as the type."""
    if text is None:
        return None
    if dtype == pl.Boolean:
        return {"yes": True, "no": False}[text]
    if isinstance(dtype, pl.Datetime):
        return moment(text)
    if dtype == pl.Date:
        return moment(text).date()
    return pl.Series([text]).cast(dtype).item()


def moment(text: str) -> datetime:
    """A drawn time."""
    if text[0] != "+" and len(text) > len("10:00:00"):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    days, _, clock = text[1:].partition("d") if text[0] == "+" else ("0", "", text)
    at = time.fromisoformat(clock.strip() or "00:00")
    return datetime.combine(DAY, at, UTC) + timedelta(days=int(days))


def typed(drawing: str, schema: Mapping[str, pl.DataType]) -> list[Row]:
    """The drawing's rows with typed values; only columns of the schema may be drawn."""
    return [{name: value(text, schema[name]) for name, text in row.items()} for row in cells(drawing)]


def events(drawing: str) -> pl.LazyFrame:
    """Events. By default page views, or purchases where `source` is `server`, of one shop, at 10:00, with consent."""
    return event_rows([event(row, number) for number, row in enumerate(typed(drawing, Events.dtypes()), 1)])


def event(row: Row, number: int) -> Row:
    """The event with defaults for what is not given."""
    source = row.get("source", "browser")
    at = row.get("occurred_at", moment("10:00"))
    named = {"event_type": "page_view"} if source == "browser" else {"event_name": "purchase"}
    money = {"currency": "USD"} if row.get("amount") is not None else {}
    fixed = {
        "event_id_is_derived": False,
        "consent_sent": row.get("consent", "granted"),
        "is_duplicate": False,
        "is_fraud": False,
        "consent": "granted",
    }
    defaults = {"row_id": number, "event_id": f"e{number}", "site_id": "shop", "source": source, "occurred_at": at}
    return defaults | {"received_at": at, "time_source": "event_time"} | named | money | fixed | row


def event_rows(rows: list[Row]) -> pl.LazyFrame:
    """Events from complete rows."""
    frame = pl.DataFrame(rows, schema=Events.dtypes(), orient="row")
    key = pl.struct("source", "site_id", "event_id").hash(seed=7)
    return Events.checked(frame.with_columns(event_key=key).lazy())


def scans(drawing: str = "scan_session_id") -> pl.LazyFrame:
    """Scans, by default of code q1 at 09:00."""
    defaults = {"qr_code_id": "q1", "scanned_at": moment("09:00"), "has_conflict": False}
    rows = [defaults | row for row in typed(drawing, Scans.dtypes())]
    return pl.LazyFrame(rows, schema=Scans.dtypes(), orient="row")


def qr_codes(drawing: str = "qr_code_id") -> pl.LazyFrame:
    """QR codes."""
    return pl.LazyFrame(typed(drawing, QrCodes.dtypes()), schema=QrCodes.dtypes(), orient="row")


def spend(drawing: str = "qr_code_id") -> pl.LazyFrame:
    """Spend, by default on `DAY`."""
    rows = [{"date": DAY} | row for row in typed(drawing, Spend.dtypes())]
    return pl.LazyFrame(rows, schema=Spend.dtypes(), orient="row")


def fx(drawing: str = "currency") -> pl.LazyFrame:
    """Rates, by default of `DAY`."""
    rows = [{"date": DAY} | row for row in typed(drawing, Fx.dtypes())]
    return pl.LazyFrame(rows, schema=Fx.dtypes(), orient="row")


def ran(until: str, settings: Settings | None = None, **given: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """The tables of the flow up to a stage, from those given; what is not given is empty."""
    tables = {"scans": scans(), "qr_codes": qr_codes(), "spend": spend(), "fx": fx()} | given
    for stage in flow.STAGES[: flow.STAGE_NAMES.index(until)]:
        tables |= staged(stage, tables, settings or Settings())
    return {name: table.collect() for name, table in tables.items()}


def staged(stage: Stage, tables: Mapping[str, pl.LazyFrame], settings: Settings) -> dict[str, pl.LazyFrame]:
    """What one stage writes, collected once."""
    known = {name: tables[name] for name in stage.reads if name in tables}
    if stage.lookups is not None:
        known |= stage.lookups(known, settings)
    return {name: table.collect().lazy() for name, table in stage.run(known, settings).items()}


def assert_drawn(frame: pl.DataFrame, drawing: str, *, in_order: bool = False) -> None:
    """The frame's drawn columns hold exactly the drawn rows."""
    columns = [name.strip() for name in drawing.strip().splitlines()[0].split("|")]
    schema = {name: frame.schema[name] for name in columns}
    expected = pl.DataFrame(typed(drawing, schema), schema=schema, orient="row")
    assert_frame_equal(frame.select(columns), expected, check_row_order=in_order, check_exact=False)
