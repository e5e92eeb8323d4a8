"""The inputs beside events: which rows are refused, and what several rows of one key come to."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from attribution.disagreements import disagreements
from attribution.ingest import ingest
from attribution.side_inputs import as_table, read_rows

Rows = list[tuple[str | None, ...]]


def typed(kind: str, columns: str, rows: Rows) -> tuple[pl.DataFrame, list[tuple[object, ...]]]:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns.split(), pl.String), orient="row")
    good, bad = read_rows(frame.with_row_index("row_number", offset=2), kind)
    return good, bad.rows()


def table(kind: str, columns: str, rows: Rows) -> list[tuple[object, ...]]:
    """The table, of the rows in this order and in the other."""
    made = []
    for order in (rows, rows[::-1]):
        good, _ = typed(kind, columns, order)
        found = as_table((good.sort("scan_session_id") if kind == "scans" else good).lazy(), kind).collect()
        made.append(found.select(columns.split()).cast(pl.String).rows())
    assert made[0] == made[1]
    return made[0]


@pytest.mark.parametrize(
    ("kind", "columns", "row", "refused"),
    [
        (
            "qr_codes",
            "qr_code_id name cost currency",
            ("A", "Poster", "1,200.00", "USD"),
            [("cost_not_a_number", "cost")],
        ),
        ("qr_codes", "qr_code_id name cost currency", ("A", "Poster", "1200.00", "USD"), []),
        ("qr_codes", "qr_code_id name cost currency", ("A", "Poster", None, None), []),
        ("qr_codes", "qr_code_id name cost currency", ("A", "Poster", "", ""), []),
        ("qr_codes", "qr_code_id name cost currency", ("A", "Poster", "\\N", "\\N"), []),
        ("spend", "campaign date amount", (None, "2026-05-01", "100"), [("campaign_missing", "campaign")]),
        *(
            ("fx", "date currency rate", ("2026-05-01", "EUR", rate), [(reason, "rate")] if reason else [])
            for rate, reason in (
                ("1,083", "rate_not_a_number"),
                ("x", "rate_not_a_number"),
                ("0", "rate_not_positive"),
                ("-1", "rate_not_positive"),
                (None, "rate_not_positive"),
                ("", "rate_not_positive"),
                ("1e-14", None),
                ("1e-15", "rate_not_positive"),
            )
        ),
        ("spend", "campaign date amount", ("spring", "2026-05-01", "100"), []),
        ("spend", "qr_code_id campaign date amount", ("A", None, "2026-05-01", "100"), []),
        ("spend", "campaign date amount", ("spring", "2026-05-01", "ten"), [("amount_not_a_number", "amount")]),
    ],
)
def test_a_cost_that_counts_for_nothing_is_refused(
    kind: str, columns: str, row: tuple[str | None, ...], refused: list[tuple[str, str]]
) -> None:
    good, bad = typed(kind, columns, [row])
    assert (good.height, bad) == (not refused, [(2, *told) for told in refused])


def test_the_earliest_scan_counts_and_the_next_for_what_it_lacks() -> None:
    found = table(
        "scans",
        "scan_session_id qr_code_id scanned_at city",
        [
            ("s1", None, "2026-05-01T10:00:00Z", None),
            ("s1", "A", "2026-05-01T10:00:00Z", None),
            ("s1", "B", "2026-05-01T11:00:00Z", "Bonn"),
            ("s2", None, "2026-05-01T10:00:00Z", "Ulm"),
            ("s2", "C", "2026-05-01T12:00:00Z", "Bonn"),
            ("s3", None, "2026-05-01T12:00:00Z", None),
            ("s4", None, "2026-05-01T12:00:00Z", "Ulm"),
            ("s4", "A", "2026-05-01T12:00:00Z", "Bonn"),
        ],
    )
    assert [(row[0], row[1], row[2][11:16], row[3]) for row in found] == [  # type: ignore[index]
        ("s1", "A", "10:00", "Bonn"),
        ("s2", "C", "10:00", "Ulm"),
        ("s3", None, "12:00", None),
        ("s4", "A", "12:00", "Bonn"),
    ]


def test_several_rows_of_a_qr_code_come_to_all_that_they_say() -> None:
    found = table(
        "qr_codes",
        "qr_code_id name campaign placement cost currency",
        [
            ("A", "Poster", "spring", "window", None, None),
            ("A", None, None, "window", "20", "USD"),
            ("B", "Flyer", None, None, None, "EUR"),
            ("B", "Card", "autumn", None, "7", None),
            ("C", None, "autumn", None, None, None),
            ("C", "Sign", "winter", None, None, None),
        ],
    )
    assert found == [
        ("A", "Poster", "spring", "window", "20.0000", "USD"),
        ("B", "Card", "autumn", None, "7.0000", None),
        ("C", "Sign", "winter", None, None, None),
    ]


@pytest.mark.parametrize(
    "written",
    ["01.05.2026", " 01.05.2026 ", "13.05.2026", "05/13/2026", "1.5.2026", "32.05.2026", "01.05.1926", "01.05.26"],
)
def test_a_date_with_points_is_read_day_first(written: str) -> None:
    days = dict.fromkeys(("01.05.2026", "1.5.2026"), date(2026, 5, 1)) | {"13.05.2026": date(2026, 5, 13)}
    day = days.get(written.strip())
    for kind, columns, row in (
        ("fx", "date currency rate", (written, "EUR", "1.1")),
        ("spend", "campaign date amount currency", ("spring", written, "100", "EUR")),
    ):
        good, bad = typed(kind, columns, [row])
        assert good["date"].to_list() == ([day] if day else [])
        assert [reason for _, reason, _ in bad] == ([] if day else ["date_unreadable"])


@pytest.mark.parametrize(
    ("kind", "columns", "row"),
    [
        ("fx", "date currency rate", ("2026-05-01", " chf ", "1.1")),
        ("spend", "campaign date amount currency", ("spring", "2026-05-01", "100", "Chf")),
        ("qr_codes", "qr_code_id cost currency", ("A", "5", "chf")),
    ],
)
def test_a_currency_in_any_case_is_meant(kind: str, columns: str, row: tuple[str, ...]) -> None:
    good, bad = typed(kind, columns, [row])
    assert (good["currency"].to_list(), bad) == (["CHF"], [])


def test_of_two_rates_of_a_day_the_lower_counts() -> None:
    rows: Rows = [("2026-05-01", "EUR", "1.1"), ("2026-05-01", "EUR", "1.08"), ("2026-05-02", "EUR", "1.2")]
    assert [row[2][:4] for row in table("fx", "date currency rate", rows)] == ["1.08", "1.20"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "columns", "rows", "told"),
    [
        (
            "qr_codes",
            "qr_code_id name campaign cost",
            [
                ("A", "Door", None, "5"),
                ("A", "Gate", "shop", "5.0"),
                ("B", "Wall", "shop", None),
                ("B", "Wall", None, None),
            ],
            [("qr_code_told_differently", "A", "name")],
        ),
        (
            "qr_codes",
            "qr_code_id campaign cost currency",
            [("A", "shop", "5", "USD"), ("A", "fair", "6", "EUR")],
            [("qr_code_told_differently", "A", name) for name in ("campaign", "cost", "currency")],
        ),
        (
            "fx",
            "date currency rate",
            [
                ("2026-05-01", "EUR", "1.2"),
                ("2026-05-01", "EUR", "1.3"),
                ("2026-05-01", "GBP", "1.4"),
                ("20260501", "GBP", "1.40"),
            ],
            [("rate_told_differently", "EUR 2026-05-01", "rate")],
        ),
        (
            "fx",
            "date currency rate",
            [("2026-05-01", "USD", "1.08"), ("2026-05-02", "USD", "1"), ("2026-05-03", "USD", "1.000")],
            [("rate_of_reporting_currency", "USD 2026-05-01", "rate")],
        ),
        (
            "fx",
            "date currency rate",
            [
                *[(f"2026-05-0{day}", "EUR", rate) for day, rate in ((1, "1.18"), (2, "0.85"))],
                *[("2025-05-02", "CHF", "1.2"), ("2026-05-02", "GBP", "1.4"), ("2026-05-02", "JPY", "160")],
                *[("2026-05-02", "XAF", "500"), ("2026-05-02", "SEK", "0.075"), ("2026-05-02", "NOK", "0.07")],
            ],
            [("rate_far_from_ecb", f"{currency} 2026-05-02", "rate") for currency in ("EUR", "JPY", "NOK", "SEK")],
        ),
        ("fx", "date currency rate", [("2026-05-02", "EUR", "1.17"), ("2062-05-01", "EUR", "9")], []),
        (
            "fx",
            "date currency rate",
            [("2026-05-02", "JPY", "160"), ("2027-12-31", "JPY", "160"), ("2062-05-01", "GBP", "1.3")],
            [("rate_far_from_ecb", "JPY 2026-05-02", "rate")],
        ),
        (
            "fx",
            "date currency rate",
            [("2026-05-02", "EUR", "1.17"), ("2026-05-02", "EUR", "1.60")],
            [("rate_told_differently", "EUR 2026-05-02", "rate")],
        ),
        (
            "fx",
            "date currency rate",
            [("2026-05-02", "EUR", "0.85"), ("2026-05-02", "EUR", "1.17")],
            [("rate_told_differently", "EUR 2026-05-02", "rate"), ("rate_far_from_ecb", "EUR 2026-05-02", "rate")],
        ),
        ("fx", "date currency rate", [("2062-05-01", "EUR", "9"), ("2062-05-02", "GBP", "9")], []),
        (
            "fx",
            "date currency rate",
            [("2026-05-01", "USD", "1.08"), ("2026-05-02", "USD", "1.09")],
            [("rate_of_reporting_currency", f"USD 2026-05-0{day}", "rate") for day in (1, 2)],
        ),
        ("spend", "campaign date amount", [("shop", "2026-05-01", "5"), ("shop", "2026-05-01", "6")], []),
        (
            "spend",
            "campaign qr_code_id date amount currency",
            [
                *[("shop", "A", "2026-05-01", "5", "USD"), ("shop", None, "2026-05-01", "5.00", "USD")] * 2,
                ("shop", None, "2026-05-01", "5", "EUR"),
                ("shop", None, "2026-05-02", "5", "USD"),
            ],
            [("spend_told_again", name, "amount") for name in ("shop 2026-05-01", "shop A 2026-05-01")],
        ),
    ],
)
def test_what_is_told_differently_of_one_thing_is_a_finding(
    kind: str, columns: str, rows: Rows, told: list[tuple[str, str, str]]
) -> None:
    for order in (rows, rows[::-1]):
        found = disagreements(typed(kind, columns, order)[0].lazy(), kind, "USD")
        assert found.select("rule", "event_id", "field_path").rows() == told


def test_a_qr_code_cannot_be_called_what_reports_call_none() -> None:
    """Its revenue would stand with that of no code."""
    event = {"source": "browser", "site_id": "shop", "event_type": "page_view", "event_time": "2026-05-01T10:00:00Z"}
    sent = pl.DataFrame({"row_number": [1, 2], "qr_code_id": ["unlinked", "unlinked-2"]})
    events = ingest(sent.with_columns(**{k: pl.lit(v) for k, v in event.items()}), shape="stored", source_id=1).events
    assert events["qr_code_id"].to_list() == [None, "unlinked-2"]
    scans, _ = typed("scans", "scan_session_id scanned_at qr_code_id", [("s", event["event_time"], "unlinked")])
    assert scans["qr_code_id"].to_list() == [None]
    assert typed("qr_codes", "qr_code_id", [("unlinked",)])[1] == [(2, "qr_code_id_missing", "qr_code_id")]
    refused = typed("spend", "qr_code_id date amount", [("unlinked", "2026-05-01", "9")])[1]
    assert refused == [(2, "campaign_missing", "campaign")]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-01T00:00:00+01:00", "2026-03-01"),
        ("2026-03-01T23:30:00-05:00", "2026-03-01"),
        ("20260301T003000+0100", "2026-03-01"),
        (" 2026-03-01 ", "2026-03-01"),
        ("2026-W09-7", "2026-03-01"),
        ("2026-02-30", None),
        ("2026-03-01x", None),
    ],
)
def test_a_cost_and_a_rate_are_of_the_day_that_is_written(written: str, day: str | None) -> None:
    for kind, rest in (("spend", {"campaign": "spring", "amount": "5"}), ("fx", {"currency": "EUR", "rate": "1.1"})):
        good, bad = typed(kind, " ".join(["date", *rest]), [(written, *rest.values())])
        assert good["date"].cast(pl.String).to_list() == ([day] if day else [])
        assert bool(bad) is (day is None)


def test_a_time_of_a_zone_is_of_the_day_there() -> None:
    at = pl.Series("date", [datetime(2026, 2, 28, 23, tzinfo=UTC)], pl.Datetime("us", "UTC"))
    rows = pl.DataFrame({"date": at.dt.convert_time_zone("Europe/Berlin"), "campaign": "spring", "amount": "5"})
    good, _ = read_rows(rows.with_row_index("row_number"), "spend")
    assert good["date"].to_list() == [date(2026, 3, 1)]
