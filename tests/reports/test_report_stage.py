"""What the report stage hands its reports: of which scans, of which rows and of which days."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from attribution.engines import local
from attribution.periods import restricted, spanning
from attribution.report import Span, report
from attribution.settings import Settings
from tests.conftest import QUICK
from tests.stages.drawn import DAY, events, ran, scans

Reports = dict[str, pl.LazyFrame]
LINEAR = Settings.model_validate({"report": {"model": "linear"}})
BOUGHT_LATER = """
    event_id | scan_session_id | source  | event_name | visitor_id | amount | currency | occurred_at
    a        | s1              | browser | -          | v          | -      | -        | +0d 10:00
    b        | s2              | browser | -          | v          | -      | -        | +9d 10:00
    c        | s2              | server  | purchase   | v          | 100    | USD      | +9d 11:00
"""
SCANNED = """
    scan_session_id | qr_code_id | scanned_at
    s1              | A          | +0d 10:00
    s2              | B          | +9d 10:00
"""


def tables(drawn: str, scanned: str) -> Reports:
    made = ran("report", LINEAR, events=events(drawn), scans=scans(scanned))
    return {name: rows.lazy() for name, rows in made.items()}


def of_period(whole: Reports, first: int, last: int, settings: Settings = LINEAR) -> dict[str, pl.DataFrame]:
    """The reports of some days, from `DAY` on."""
    period = spanning(DAY + timedelta(days=first), DAY + timedelta(days=last))
    cut = whole | restricted(whole, period, "UTC")
    made = report(cut, settings, Span((period.first, period.last), None, whole))
    return {name: rows.collect() for name, rows in made.items()}


def test_a_code_that_was_scanned_before_the_period_has_a_row_for_what_it_is_credited_in_it() -> None:
    found = of_period(tables(BOUGHT_LATER, SCANNED), 9, 9)
    assert dict(found["revenue_per_qr"].select("qr_code_id", "revenue").rows()) == {
        "A": Decimal(50),
        "B": Decimal(50),
        "unlinked": Decimal(0),
    }
    assert found["revenue_per_campaign"]["revenue"].sum() == found["daily_per_qr"]["revenue"].sum() == 100


def test_without_a_scan_in_the_period_there_are_none_and_without_an_export_it_is_not_known() -> None:
    for scanned, expected in ((SCANNED, 0), ("scan_session_id", None)):
        found = of_period(tables(BOUGHT_LATER, scanned), 4, 5)
        for name in ("revenue_per_qr", "revenue_per_campaign", "revenue_over_time"):
            assert {*found[name]["scans"]} == {expected}, name


@pytest.mark.parametrize("name", ["revenue_per_qr", "daily_per_qr"])
def test_a_scan_counts_for_the_code_of_its_session_where_the_export_lacks_it(name: str) -> None:
    whole = tables(
        """
        event_id | scan_session_id | qr_code_id
        a        | s1              | A
        b        | s2              | B
        """,
        """
        scan_session_id | qr_code_id
        s1              | -
        s2              | C
        s3              | -
        """,
    )
    counted = report(whole, LINEAR)[name].filter(pl.col("scans") > 0).select("qr_code_id", "scans").collect()
    assert dict(counted.rows()) == {"A": 1, "C": 1, "unlinked": 1}


def test_sums_have_room_for_any_number_of_absurd_amounts(tmp_path: Path) -> None:
    """As where a column of times was taken for the amounts."""
    raw, amount = tmp_path / "raw", Decimal("1767225600000.25")
    raw.mkdir()
    ids = [f"{number:08d}-0000-4000-8000-00000000000" for number in range(80)]
    shared = "event_id,site_id,scan_session_id,timestamp,qr_code_id,source"
    seen = [f"{start}1,s,{start}2,2026-03-01T10:00:00Z,A,browser,page_view" for start in ids]
    paid = [f"{start}3,s,{start}2,2026-03-01T10:01:00Z,A,server,purchase,{amount},USD" for start in ids]
    (raw / "browser.csv").write_text("\n".join([f"{shared},event_type", *seen, ""]))
    (raw / "server.csv").write_text("\n".join([f"{shared},event_name,conversion_value,conversion_currency", *paid, ""]))
    ledger = local.run(raw, tmp_path / "out", QUICK)
    assert ledger["balanced"]
    found = pl.read_parquet(tmp_path / "out" / "reports" / "revenue_per_qr.parquet")
    assert found["revenue"].sum() == 80 * amount > 10**14
