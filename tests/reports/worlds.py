"""The flow's tables for the reports' tests: drawn ones with defaults, and those of random worlds."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from hypothesis import settings

from attribution import flow
from attribution.money import TOTAL
from attribution.reports.revenue_per_qr import revenue_per_qr
from attribution.schemas.conversions import Conversions
from attribution.schemas.credits import Credits
from attribution.schemas.events import Events
from attribution.schemas.scan_sessions import ScanSessions
from attribution.settings import Attribute, Settings
from attribution.terms import SCAN_SESSION_MODEL, UNLINKED
from tests.stages.drawn import Row, moment, staged, typed

Tables = dict[str, pl.LazyFrame]
FEW = settings(max_examples=15, derandomize=True)
STAGES = [stage for stage in flow.STAGES if stage.writes and stage.name != "audit"]
MODELS = (SCAN_SESSION_MODEL, "linear")
SETTINGS = Settings(attribute=Attribute(models=["linear"]))


def tables_of(world: Mapping[str, pl.LazyFrame]) -> Tables:
    """All tables of the flow."""
    found = dict(world)
    for stage in STAGES:
        found |= staged(stage, found, SETTINGS)
    return found


def per_qr(tables: Tables, model: str) -> pl.DataFrame:
    """`revenue_per_qr` without costs."""
    names = ("scan_sessions", "scans", "qr_codes", "conversions", "credits")
    costs = pl.LazyFrame(schema={"qr_code_id": pl.String, "cost": TOTAL, "payback_day": pl.Date})
    rows = revenue_per_qr(*(tables[name] for name in names), costs, model=model, currency="USD", has_scans=True)
    return rows.collect()


def assert_earned_the_same(found: pl.DataFrame, tables: Tables, model: str) -> None:
    """Revenue and conversions add up to the QR rows of `revenue_per_qr`."""
    rows = per_qr(tables, model).filter(pl.col("qr_code_id") != UNLINKED)
    assert found["revenue"].sum() == rows["revenue"].sum()
    assert abs(found["conversions"].sum() - rows["conversions"].sum()) < 1e-9


def assert_scanned_the_same(found: pl.DataFrame, tables: Tables) -> None:
    """Sessions and scans add up to those of `revenue_per_qr`, its `unlinked` row included."""
    rows = per_qr(tables, SCAN_SESSION_MODEL)
    for name in ("scan_sessions", "scans"):
        assert found[name].sum() == rows[name].sum(), name


def sessions(drawing: str = "scan_session_id") -> pl.LazyFrame:
    """Scan sessions, by default of code q1 at 09:00 with one event, each of a person of its own."""

    def row(drawn: Row) -> Row:
        at = drawn.get("scanned_at", moment("09:00"))
        counts = {"event_count": 1, "browser_event_count": 1, "page_view_count": 1, "is_known": True}
        fixed = {"scanned_at_source": "scan_export", "qr_code_id": "q1", "has_qr_conflict": False}
        times = {"scanned_at": at, "first_event_at": at, "last_event_at": at}
        return counts | fixed | times | {"person_id": drawn["scan_session_id"]} | drawn

    return _frame(drawing, ScanSessions.dtypes(), row)


def conversions(drawing: str = "conversion_id") -> pl.LazyFrame:
    """Conversions, by default attributed purchases of session s1 and code q1 at 10:00."""

    def row(drawn: Row) -> Row:
        at = drawn.get("converted_at", moment("10:00"))
        name = "refund" if drawn.get("is_refund") else "purchase"
        fixed = {"event_id": drawn["conversion_id"], "event_name": name, "consent": "granted", "tie": "scan_only"}
        tied = {"scan_session_id": "s1", "qr_code_id": "q1", "scanned_at": moment("09:00")}
        return fixed | tied | {"converted_at": at, "journey_ended_at": at, "is_refund": False} | drawn

    return _frame(drawing, Conversions.dtypes(), row)


def credited(drawing: str = "conversion_id") -> pl.LazyFrame:
    """Credits, by default all of the conversion to session s1 of code q1 under `scan_session`."""
    fixed: Row = {"model": SCAN_SESSION_MODEL, "position": 1, "scan_session_id": "s1", "qr_code_id": "q1", "credit": 1}
    return _frame(drawing, Credits.dtypes(), lambda drawn: fixed | drawn)


def no_events() -> pl.LazyFrame:
    """The events table without a row."""
    return Events.no_rows().lazy()


def _frame(drawing: str, schema: Mapping[str, pl.DataType], row: Any) -> pl.LazyFrame:
    return pl.LazyFrame([row(drawn) for drawn in typed(drawing, schema)], schema=dict(schema), orient="row")
