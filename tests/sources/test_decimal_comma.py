"""Numbers with a decimal comma: read where a semicolon divides the values and they can mean one number only."""

from decimal import Decimal
from pathlib import Path

import pytest

from attribution.engines.local import run
from tests.conftest import QUICK
from tests.sources.reading import read

READ = {
    "12,50": "12.50",
    "12,5": "12.5",
    "-12,50": "-12.50",
    "+12,50": "+12.50",
    " 12,50 ": "12.50",
    "0,125": "0.125",
    "0,9234": "0.9234",
    "1234,5678": "1234.5678",
    "1234,500": "1234.500",
    "1.234,50": "1234.50",
    "1.234.567,5": "1234567.5",
    "1 234,5": "1234.5",
    "1\N{NO-BREAK SPACE}234,500": "1234.500",
    "1\N{NARROW NO-BREAK SPACE}234,50": "1234.50",
}
AS_THEY_ARE = [
    *(
        "12,500",
        "1,250",
        "1234.567,5",
        "12.50",
        "12.3456",
        "0.125",
        "1234.500",
        "1,234.50",
        "1.23,50",
        "12,",
        ",5,",
        "12,50 EUR",
        "1e2",
        "x,1",
    ),
    *("0.123,45", "000.123,45", "1.234 567,89", "1\t234,5", "1\N{LINE SEPARATOR}234,5", "1.234.567"),
]
TWO_MEANINGS = {"1.234": "1,234", "-12.500": "-12,500", " 100.000 ": " 100,000 "}
HEADS = {
    "spend.csv": "campaign;date;amount;currency",
    "qr_codes.csv": "qr_code_id;name;campaign;cost",
    "fx.csv": "date;currency;rate",
    "events.csv": "event_id;site_id;event_name;conversion_value;city",
}


@pytest.mark.parametrize("text", [*READ, *AS_THEY_ARE, *TWO_MEANINGS])
@pytest.mark.parametrize(
    ("name", "column"),
    [("spend.csv", "amount"), ("qr_codes.csv", "cost"), ("fx.csv", "rate"), ("events.csv", "amount")],
)
def test_a_comma_is_a_point_where_it_can_be_nothing_else(tmp_path: Path, name: str, column: str, text: str) -> None:
    header = HEADS[name].split(";")
    fields = [text if field in {column, "conversion_value"} else "1,5" for field in header]
    _, frame, bad = read(tmp_path, name, f"{HEADS[name]}\n{';'.join(fields)}\n".encode())
    assert not bad
    row = frame.row(0, named=True)
    refused = {} if column == "rate" else TWO_MEANINGS
    assert row[column] == (READ | refused).get(text, text)
    assert {row[name] for name in header if name in row and name != column} == {"1,5"}


@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_elsewhere_it_is_not(tmp_path: Path, delimiter: str) -> None:
    lines = (("campaign", "date", "amount", "currency"), ("c", "2026-05-01", '"12,50"', "EUR"))
    _, frame, _ = read(tmp_path, "spend.csv", "\n".join(map(delimiter.join, lines)).encode())
    assert frame["amount"].to_list() == ["12,50"]


def test_a_row_that_is_read_alone_has_it_too(tmp_path: Path) -> None:
    """Beside a stray quote rows are read one by one."""
    content = 'campaign;date;amount;currency\n"c;2026-05-01;1,5;EUR\nc;2026-05-01;12,50;EUR\n'
    _, frame, _ = read(tmp_path, "spend.csv", content.encode())
    assert frame["amount"].to_list() == ["12.50"]


def test_what_a_spreadsheet_saved_in_germany_earns_its_money(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    session = "00000046-0000-4000-8000-000000000047"
    event = {
        "event_id": "00000046-0000-4000-8000-000000000046",
        "event_time": "2026-05-13 10:00:00",
        "site_id": "s",
        "scan_session_id": session,
        "qr_code_id": "door",
        "event_name": "purchase",
        "source": "server",
        "conversion_value": "1.234,50",
        "conversion_currency": "EUR",
    }
    files = {
        "events.csv": event,
        "scans.csv": {"scan_session_id": session, "qr_code_id": "door", "scanned_at": "2026-05-13 09:00:00"},
        "qr_codes.csv": {"qr_code_id": "door", "name": "Tür", "campaign": "c", "cost": "65,89", "currency": "USD"},
        "fx.csv": {"date": "2026-05-13", "currency": "EUR", "rate": "1,1000"},
    }
    for name, row in files.items():
        lines = (";".join(row), ";".join(row.values()))
        (raw / name).write_bytes("".join(f"{line}\r\n" for line in lines).encode("utf-8-sig"))
    run(raw, tmp_path / "out", QUICK)
    earned = (tmp_path / "out" / "reports" / "revenue_per_qr.csv").read_text("utf-8").splitlines()
    row = dict(zip(earned[0].split(","), earned[1].split(","), strict=True))
    assert (row["qr_name"], Decimal(row["revenue"]), Decimal(row["cost"])) == (
        "Tür",
        Decimal("1357.95"),
        Decimal("65.89"),
    )
