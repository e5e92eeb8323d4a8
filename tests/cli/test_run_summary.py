"""What a run says at its end."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from attribution.money import exact_text
from attribution.run_summary import SHOWN, earned, ledger_lines
from attribution.schemas.revenue_intervals import RevenueIntervals
from attribution.schemas.revenue_per_qr import RevenuePerQr

LONG = "The poster beside the lift on the second floor"


def _per_qr(*rows: tuple[str, str | None, str], conversions: float = 2.0) -> pl.DataFrame:
    known = [
        {"qr_code_id": code, "qr_name": name, "campaign": "spring", "scans": 1000, "conversions": conversions}
        | {"scan_sessions": 900}
        | {"revenue": Decimal(revenue), "currency": "USD", "model": "linear"}
        for code, name, revenue in rows
    ]
    return pl.DataFrame(known, schema=RevenuePerQr.dtypes())


def _intervals(*rows: tuple[str, str, str, bool], model: str = "linear") -> pl.DataFrame:
    known = [
        {"model": model, "scope": "qr_code", "qr_code_id": code, "level": 0.999, "too_few": few}
        | {"revenue_low": Decimal(low), "revenue_high": Decimal(high)}
        for code, low, high, few in rows
    ]
    return pl.DataFrame(known, schema=RevenueIntervals.dtypes())


NO_INTERVALS = _intervals()
LEDGER = {
    "rows": {"read": 3, "malformed": 0, "quarantined": 1, "duplicates": 0, "excluded": {}, "analysed": 2},
    "other": {"fx": {"read": 12, "rejected": 12}, "scans": {"read": 5, "rejected": 0}},
    "revenue": {"USD": {"read": "1.0000", "attributed": "1.0000", "unattributed": {}}},
    "balanced": True,
}
UNCONVERTED = pl.DataFrame(
    [
        *((code, "JPY", Decimal(amount)) for code, amount in (("b", 10), ("a", -20), ("c", 5), (None, 100), ("d", 5))),
        *((code, "EUR", Decimal(amount)) for code, amount in (("a", "1.5"), ("b", "2"))),
        ("e", None, Decimal(1)),
    ],
    schema={"qr_code_id": pl.String, "currency": pl.String, "amount": pl.Decimal(38, 4)},
    orient="row",
)
QUALITY = {"stage": pl.String, "kind": pl.String, "rule": pl.String, "column": pl.String, "rows": pl.Int64}


def _reports(
    per_qr: pl.DataFrame | None = None, unconverted: pl.DataFrame | None = None, quality: pl.DataFrame | None = None
) -> dict[str, pl.DataFrame]:
    return {
        "revenue_per_qr": _per_qr() if per_qr is None else per_qr,
        "unconverted_revenue": UNCONVERTED.clear() if unconverted is None else unconverted,
        "data_quality": pl.DataFrame(schema=QUALITY) if quality is None else quality,
        "unattributed_revenue": pl.DataFrame({"refunds": [1]}),
    }


def _row(said: str, name: str) -> str:
    [line] = [line for line in said.splitlines() if line.startswith(name)]
    return " ".join(line.split())


def test_each_qr_code_has_its_line_with_its_interval() -> None:
    said = earned(
        _per_qr(("a", "Poster", "1234.5"), ("b", None, "10"), ("unlinked", None, "7.25")),
        _intervals(("a", "1000.123", "2000.456", False), ("b", "0.5", "40", True)),
        120,
    )
    assert "(model linear)" in said
    assert "99.9% interval" in said
    assert _row(said, "Poster") == "Poster spring 1,000 2 1,234.50 1,000.12 to 2,000.46"
    assert _row(said, "b ") == "b spring 1,000 2 10.00 0.50 to 40.00*"
    assert _row(said, "unlinked") == "unlinked 1,000 2 7.25"
    assert said.endswith("* too few buyers to rely on\n")


@pytest.mark.parametrize(
    ("conversions", "written"), [(2.0, "2"), (1_234_567.0, "1,234,567"), (0.333333, "0.33"), (100.0, "100")]
)
def test_conversions_are_counted_out(conversions: float, written: str) -> None:
    said = earned(_per_qr(("a", "Poster", "1"), conversions=conversions), NO_INTERVALS, 120)
    assert _row(said, "Poster") == f"Poster spring 1,000 {written} 1.00 –"


def test_an_interval_of_another_model_is_not_shown() -> None:
    said = earned(_per_qr(("a", "Poster", "10")), _intervals(("a", "1", "20", True), model="markov"), 120)
    assert _row(said, "Poster") == "Poster spring 1,000 2 10.00 –"
    assert "too few" not in said


def test_without_a_scan_export_scans_are_not_known() -> None:
    codes = [(f"q{number:02}", None, "1") for number in range(SHOWN + 2)]
    said = earned(_per_qr(*codes).with_columns(scans=pl.lit(None, pl.Int64)), NO_INTERVALS, 120)
    assert _row(said, "q00") == "q00 spring – 2 1.00 –"
    assert _row(said, "2 more") == "2 more – 4 2.00"


def test_of_many_the_rest_is_one_line() -> None:
    codes = [(f"q{number:02}", f"Flyer {number:02}", "1000.01") for number in range(SHOWN + 3)]
    said = earned(_per_qr(*codes), NO_INTERVALS, 120)
    assert [line for line in said.splitlines() if line.startswith("Flyer")][-1].startswith("Flyer 09")
    assert _row(said, "3 more") == "3 more 3,000 6 3,000.03"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_names_are_cut_and_numbers_are_not(width: int) -> None:
    said = earned(_per_qr(("a", LONG, "123456789.5")), _intervals(("a", "100000000", "200000000", False)), width)
    line = said.splitlines()[2]
    assert "…" in line
    assert " ".join(line.split()).endswith(" 1,000 2 123,456,789.50 100,000,000.00 to 200,000,000.00")
    assert len(line) <= max(width, 95)


def test_a_name_does_not_steer_the_terminal() -> None:
    said = earned(_per_qr(("a", "\x1b[2J[bold]x\nunlinked", "1")), NO_INTERVALS, 120)
    assert "\x1b" not in said
    assert "[bold]x" in said
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize("name", ["東京\u3000駅", "No\u00a0X", "👨\u200d👩\u200d👧", "می\u200cخواهم"])
def test_a_name_of_any_script_is_written_as_it_is(name: str) -> None:
    assert name in earned(_per_qr(("a", name, "1")), NO_INTERVALS, 120)


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\u202e", "\u2066", "\u2028"])
def test_what_steers_a_terminal_is_not(sign: str) -> None:
    assert sign not in earned(_per_qr(("a", f"Po{sign}ster", "1")), NO_INTERVALS, 120)


def test_without_a_qr_code_there_is_no_table() -> None:
    assert earned(_per_qr(("unlinked", None, "5")), NO_INTERVALS, 120) == ""


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1234.5000", "USD", "1,234.50"),
        ("1234.5678", "USD", "1,234.5678"),
        ("1234567.0000", "JPY", "1,234,567"),
        ("0.5000", "JPY", "0.5"),
        ("-7.1000", "KWD", "-7.100"),
        ("0.0000", "EUR", "0.00"),
        ("1E+3", "EUR", "1,000.00"),
    ],
)
def test_an_amount_is_written_with_all_its_places(amount: str, currency: str, written: str) -> None:
    assert exact_text(Decimal(amount), currency) == written


def test_the_ledger_in_lines() -> None:
    ledger = {
        "rows": {"read": 12345, "malformed": 1, "quarantined": 2, "duplicates": 3, "excluded": {"bot": 4, "test": 5}}
        | {"analysed": 12330, "erased": 6},
        "revenue": {
            "EUR": {
                "read": "10.5000",
                "attributed": "9.0000",
                "unattributed": {"orphan": "1.5000", "unlinked": "0.0000"},
            },
            "JPY": {"read": "1000.0000", "attributed": "1000.0000", "unattributed": {"orphan": "0.0000"}},
        },
        "balanced": False,
        "other": {},
    }
    assert ledger_lines(ledger, _reports(_per_qr(("a", "Poster", "0"))), Path("out"), 1.25).splitlines() == [
        "12,345 rows read: 1 malformed, 2 quarantined, 3 duplicates, 9 excluded, 12,330 analysed, 6 erased.",
        "EUR: 10.50 read, 9.00 attributed, unattributed: orphan 1.50.",
        "JPY: 1,000 read, 1,000 attributed, unattributed: none.",
        "Events were rejected, and any money they carry is not counted (see tables/rejects.parquet): 3 of 12,345.",
        "The ledger DOES NOT BALANCE. 1.2 s.",
        "Page: out/reports/index.html",
    ]


def test_rates_that_were_refused_and_money_without_a_rate_are_told_at_the_end() -> None:
    codes = _per_qr(("a", "Post\x1ber", "0"), ("b", None, "0"))
    said = ledger_lines(LEDGER, _reports(codes, unconverted=UNCONVERTED), Path("out"), 1.0)
    assert "12 of 12.\n" in said
    assert "scans" not in said
    poster = "Post\N{REPLACEMENT CHARACTER}er"
    listed = f"3.50 EUR (of b and {poster}), 100 JPY (of no known QR code, {poster}, b and 2 more), 1.00 unknown (of e)"
    assert f"No exchange rate, so not in any revenue, return or verdict: {listed}.\n" in said


def test_an_amount_that_is_too_large_is_not_said_to_lack_a_rate() -> None:
    amounts = {"qr_code_id": ["a", "a"], "currency": ["USD", "EUR"], "amount": [Decimal(20_000_000_000_000)] * 2}
    reports = _reports(_per_qr(("a", "Poster", "0")), unconverted=pl.DataFrame(amounts))
    said = ledger_lines(LEDGER, reports, Path("out"), 1.0)
    for currency in ("EUR", "USD"):
        assert f"20,000,000,000,000.00 {currency} (of Poster; too large to be shared out)" in said
    assert "No exchange rate, or too large, so not in any revenue, return or verdict: 2" in said


def test_where_all_money_has_a_rate_nothing_is_said_of_it() -> None:
    assert "exchange" not in ledger_lines(LEDGER, _reports(), Path("out"), 1.0)


REFUSED = pl.DataFrame(
    [
        ("quarantined", "events", "currency_missing", "currency", 1),
        ("quarantined", "events", "amount_not_a_number", "amount", 1024),
        ("quarantined", "events", "event_id_not_uuid", "event_id", 7),
        ("malformed", "events", "field_count", "", 3),
        ("quarantined", "fx", "date_unreadable", "date", 12),
        ("finding", "events", "amount_digits_inexact", "amount", 2),
    ],
    schema=QUALITY,
    orient="row",
)


def test_rules_for_which_rows_were_refused_are_named() -> None:
    rows = {"read": 10_000, "malformed": 3, "quarantined": 1031, "duplicates": 0, "excluded": {}, "analysed": 1}
    said = ledger_lines(LEDGER | {"rows": rows}, _reports(quality=REFUSED), Path("out"), 1.0)
    which = "(see tables/rejects.parquet)"
    broke = "amount_not_a_number (1,024 rows), event_id_not_uuid (7 rows), field_count (3 rows) and 1 more rule"
    assert (
        f"Events were rejected, and any money they carry is not counted {which}: 1,034 of 10,000, breaking {broke}.\n"
        in said
    )
    assert f"Exchange rate rows were rejected {which}: 12 of 12, breaking date_unreadable (12 rows).\n" in said
    none = {"rows": rows | {"malformed": 0, "quarantined": 0}, "other": {}}
    assert "rejected" not in ledger_lines(LEDGER | none, _reports(quality=REFUSED), Path("out"), 1.0)


def test_a_files_name_does_not_steer_the_terminal() -> None:
    said = ledger_lines(LEDGER | {"not_recognised": ["\x1b[31mred.bin"]}, _reports(), Path("out"), 1.0)
    assert "1 file not read: \N{REPLACEMENT CHARACTER}[31mred.bin." in said
