"""What the figures of a run lack, as where a column is missing from the exports."""

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from attribution.command_run import run_command
from attribution.engines.local import run
from attribution.engines.store import Store
from attribution.lacking import READS, lacking
from attribution.results import Results
from tests.conftest import QUICK

SESSION = "00000046-0000-4000-8000-000000000047"
EVENT = {
    "event_id": "00000046-0000-4000-8000-000000000046",
    "event_time": "2026-05-13 10:00:00",
    "site_id": "s",
    "scan_session_id": SESSION,
    "qr_code_id": "door",
    "event_name": "purchase",
    "source": "server",
    "conversion_value": "5",
    "conversion_currency": "USD",
}
Row = dict[str, str]


def without(*names: str) -> Callable[[Row], Row]:
    return lambda row: {name: value for name, value in row.items() if name not in names}


NO_SESSION = ("Nothing can be attributed", "no event names a scan session (scan_session_id)")
NO_AMOUNT = ("Nothing was earned", "no conversion has an amount (conversion_value)")
NO_CONVERSION = (
    "Nothing was earned",
    "no event is a conversion (see conversions.event_names and conversions.with_value in the settings)",
)


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        (without(), []),
        (without("scan_session_id"), [NO_SESSION]),
        (without("conversion_value", "conversion_currency"), [NO_AMOUNT]),
        (without("scan_session_id", "conversion_value", "conversion_currency"), [NO_SESSION, NO_AMOUNT]),
        (lambda row: without("conversion_value", "conversion_currency")(row | {"event_name": "x"}), [NO_CONVERSION]),
        (lambda row: row | {"conversion_value": "-5"}, []),
        (lambda row: row | {"conversion_value": "-5", "scan_session_id": ""}, [NO_SESSION]),
    ],
)
def test_what_no_row_tells_is_told(tmp_path: Path, change: Callable[[Row], Row], lacks: list[tuple[str, str]]) -> None:
    row = change(EVENT)
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    with (raw / "events.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    ledger = run(raw, out, QUICK)
    assert ledger
    reports = {name: Results(out).report(name) for name in READS}
    assert lacking(ledger, reports) == lacks
    assert lacking(ledger, reports, of_period=True) == []
    page = Store(out).report("index", "html").read_text("utf-8")
    for lead, said in lacks:
        assert f"<li>{lead}: <b>{said}</b>.</li>" in page


def test_rows_of_each_kind_are_told_with_their_rules_and_codes_of_one_name_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, params = tmp_path / "raw", tmp_path / "params.yaml"
    raw.mkdir()
    name = "The door beside the lift on the second floor of the north wing"
    refused = EVENT | {"event_id": EVENT["event_id"][:-1] + "0", "conversion_currency": "DOLLARS"}
    files = {
        "events.csv": [EVENT, refused],
        "qr_codes.csv": [{"qr_code_id": code, "name": name} for code in ("door", "gate")],
        "spend.csv": [{"qr_code_id": "door", "date": day, "amount": "1"} for day in ("2026-05-13", "5/6/2026")],
    }
    for file, rows in files.items():
        with (raw / file).open("w", newline="") as opened:
            writer = csv.DictWriter(opened, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    params.write_text("report: {notebooks: false}\n")
    run_command(None, raw, tmp_path / "out", params, None, quiet=False)
    said = capsys.readouterr().out
    which = "(see tables/rejects.parquet)"
    lead = f"Events were rejected, and any money they carry is not counted {which}"
    assert f"{lead}: 1 of 2, breaking currency_not_iso_4217 (1 row).\n" in said
    assert f"Spend rows were rejected {which}: 1 of 2, breaking date_unreadable (1 row).\n" in said
    assert "(door) " in said
    assert "(gate) " in said


def test_rules_for_which_as_many_rows_were_refused_stand_in_text_order() -> None:
    rows = [("quarantined", "spend", rule, 2) for rule in ("b", "a")]
    quality = pl.DataFrame(rows, schema=["stage", "kind", "rule", "rows"], orient="row")
    counts = {"read": 9, "malformed": 0, "quarantined": 0, "analysed": 0}
    ledger = {"rows": counts, "revenue": {}, "other": {"spend": {"read": 3, "rejected": 3}}}
    unconverted = pl.DataFrame(schema={"qr_code_id": pl.String, "currency": pl.String, "amount": pl.Decimal(38, 4)})
    reports = {
        "data_quality": quality,
        "unconverted_revenue": unconverted,
        "revenue_per_qr": pl.DataFrame(schema={"qr_code_id": pl.String, "qr_name": pl.String}),
        "unattributed_revenue": pl.DataFrame(),
    }
    [(_, said)] = lacking(ledger, reports)
    assert said == "3 of 3, breaking a (2 rows), b (2 rows)"
