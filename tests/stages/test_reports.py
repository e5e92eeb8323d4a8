"""What the report tables say of a small world."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from attribution import flow
from attribution import ledger as account
from attribution.report import report
from attribution.reports.uncounted_revenue import uncounted_revenue
from attribution.schemas.rejects import Rejects
from attribution.settings import Report, Settings
from tests.contracts import contract
from tests.stages.drawn import assert_drawn, events, fx, qr_codes, ran, scans, spend

EVENTS = """
    event_id | source  | event_name   | scan_session_id | web_session_id | order_id | amount | currency | occurred_at
    b1       | browser | -            | s1              | w1             | -        | -      | -        | 10:00
    b2       | browser | -            | s2              | w2             | -        | -      | -        | 10:00
    b9       | browser | -            | s9              | w9             | -        | -      | -        | 10:00
    a1       | server  | purchase     | s1              | w1             | o1       | 10.10  | USD      | 10:05
    a2       | server  | purchase     | s1              | w1             | o2       | 5      | EUR      | 10:06
    a3       | server  | purchase     | s1              | w1             | -        | 7      | CHF      | 10:07
    r1       | server  | refund       | s1              | w1             | o1       | -4     | USD      | 11:00
    a4       | server  | signup       | s3              | -              | -        | -      | -        | 10:05
    a5       | server  | purchase     | s9              | -              | -        | 20     | USD      | 10:05
    a6       | server  | purchase     | unseen          | -              | -        | 30     | USD      | 10:05
    a7       | server  | purchase     | s3              | -              | -        | 40     | USD      | +70d
    a8       | server  | purchase     | s3              | -              | -        | 50     | USD      | 08:00
    r2       | server  | refund       | unseen          | -              | o6       | -1     | USD      | 11:00
"""
SCANS = "scan_session_id | qr_code_id\ns1 | q1\ns2 | q1\ns3 | q3\ns4 | q1\ns5 | -"
CODES = "qr_code_id | name | campaign\nq1 | Door | shop\nq3 | Wall | shop\nq8 | Never | shop"
GIVEN = {
    "events": events(EVENTS),
    "scans": scans(SCANS),
    "qr_codes": qr_codes(CODES),
    "fx": fx("currency | rate\nEUR | 1.25"),
    "spend": spend("qr_code_id | amount\nq1 | 5\nq8 | 2\nq7 | 1"),
}


def reports(settings: Settings | None = None, **given: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    settings = settings or Settings()
    tables = {name: table.lazy() for name, table in ran("report", settings, **(GIVEN | given)).items()}
    tables |= {"rejects": Rejects.no_rows().lazy()}
    made = {name: table.collect() for name, table in report(tables, settings).items()}
    for name, table in made.items():
        contract(name).checked(table.lazy()).collect()
    return made | {name: table.collect() for name, table in tables.items()}


def test_every_known_code_appears_by_revenue_and_unlinked_comes_last() -> None:
    assert_drawn(
        reports()["revenue_per_qr"],
        """
        qr_code_id | qr_name | campaign | scans | scan_sessions | people | converting_sessions | conversions | revenue
        q1         | Door    | shop     | 3     | 2             | 2      | 1                   | 3           | 12.35
        q3         | Wall    | shop     | 1     | 1             | 1      | 1                   | 1           | 0
        q7         | -       | -        | 0     | 0             | 0      | 0                   | 0           | 0
        q8         | Never   | shop     | 0     | 0             | 0      | 0                   | 0           | 0
        unlinked   | -       | -        | 1     | 2             | 2      | 1                   | 2           | 49
        """,
        in_order=True,
    )


def test_codes_that_no_campaign_names_are_counted_as_well() -> None:
    assert_drawn(
        reports()["revenue_per_campaign"],
        """
        campaign | qr_codes | cost | revenue
        shop     | 3        | 7    | 12.35
        -        | 1        | 1    | 0
        unlinked | 0        | -    | 49
        """,
        in_order=True,
    )


def test_rates_are_per_session_and_null_without_sessions() -> None:
    assert_drawn(
        reports()["revenue_per_qr"],
        """
        qr_code_id | conversions_per_session_pct | converting_sessions_pct
        q1         | 150                         | 50
        q3         | 100                         | 100
        q7         | -                           | -
        q8         | -                           | -
        unlinked   | 100                         | 50
        """,
    )


def test_a_session_converts_under_its_own_code_whatever_code_the_conversion_names() -> None:
    rows = "source | scan_session_id | qr_code_id | amount\nbrowser | s1 | - | -\nserver | s1 | q3 | 5"
    assert_drawn(
        reports(events=events(rows), spend=spend())["revenue_per_qr"],
        """
        qr_code_id | scan_sessions | converting_sessions | converting_sessions_pct | conversions | revenue
        q1         | 1             | 1                   | 100                     | 0           | 0
        q3         | 0             | 0                   | -                       | 1           | 5
        q8         | 0             | 0                   | -                       | 0           | 0
        unlinked   | 0             | 0                   | -                       | 0           | 0
        """,
    )


def test_a_session_with_a_refund_alone_does_not_convert() -> None:
    rows = """
        source  | event_name | scan_session_id | amount
        browser | -          | s1              | -
        server  | refund     | s1              | -4
    """
    assert_drawn(
        reports(events=events(rows))["revenue_per_qr"].filter(qr_code_id="q1"),
        """
        qr_code_id | scan_sessions | converting_sessions | converting_sessions_pct | conversions | revenue
        q1         | 1             | 0                   | 0                       | 0           | -4
        """,
    )


def test_roi_is_null_without_a_cost_and_minus_one_for_spend_that_earned_nothing() -> None:
    assert_drawn(
        reports()["revenue_per_qr"],
        """
        qr_code_id | cost | roi  | roas | cost_per_conversion | revenue_per_scan
        q1         | 5    | 1.47 | 2.47 | 1.6667              | 4.1167
        q3         | -    | -    | -    | -                   | 0
        q7         | 1    | -1   | 0    | -                   | -
        q8         | 2    | -1   | 0    | -                   | -
        unlinked   | -    | -    | -    | -                   | 49
        """,
    )


def test_scans_and_revenue_per_scan_are_null_without_a_scan_export() -> None:
    found = reports(scans=scans())["revenue_per_qr"]
    assert found["scans"].null_count() == found["revenue_per_scan"].null_count() == found.height
    assert found["scan_sessions"].sum() > 0


def test_qr_rows_and_all_reasons_together_are_the_money_read() -> None:
    made = reports()
    read = made["conversions"]["amount_reporting"].sum()
    earned = made["revenue_per_qr"].filter(pl.col("qr_code_id") != "unlinked")["revenue"].sum()
    assert earned + made["unattributed_revenue"]["amount_reporting"].sum() == read == Decimal("151.35")


def test_unattributed_money_is_listed_by_reason_tie_and_currency() -> None:
    assert_drawn(
        reports()["unattributed_revenue"],
        """
        unattributed_reason | tie          | currency | conversions | refunds | amount | refunded | amount_reporting
        before_scan         | scan_only    | USD      | 1           | 0       | 50     | 0        | 50
        outside_window      | scan_only    | USD      | 1           | 0       | 40     | 0        | 40
        orphan              | orphan       | USD      | 1           | 1       | 29     | 1        | 29
        unlinked            | scan_and_web | USD      | 1           | 0       | 20     | 0        | 20
        """,
        in_order=True,
    )


def test_money_in_its_own_currency_per_code_and_without_a_rate_listed() -> None:
    made = reports()
    assert_drawn(
        made["revenue_per_currency"],
        """
        qr_code_id | currency | conversions | refunds | amount | refunded | amount_reporting
        q1         | CHF      | 1           | 0       | 7      | 0        | -
        q1         | EUR      | 1           | 0       | 5      | 0        | 6.25
        q1         | USD      | 1           | 1       | 6.10   | 4        | 6.10
        unlinked   | USD      | 2           | 1       | 49     | 1        | 49
        """,
        in_order=True,
    )
    assert_drawn(
        made["unconverted_revenue"],
        "qr_code_id | currency | conversions | refunds | amount | first_at | last_at\nq1 | CHF | 1 | 0 | 7 | 10:07 | 10:07",
    )


def test_a_refund_without_a_rate_is_listed_and_no_conversion() -> None:
    rows = """
        source | event_name | scan_session_id | amount | currency
        server | purchase   | s1              | 5      | CHF
        server | refund     | s1              | -2     | CHF
    """
    found = reports(events=events(rows))["unconverted_revenue"]
    assert_drawn(found, "qr_code_id | currency | conversions | refunds | amount\nq1 | CHF | 1 | 1 | 3")


def test_uniques_are_people_over_the_whole_period() -> None:
    found = reports(
        events=events("scan_session_id | visitor_id | occurred_at\ns1 | v1 | 10:00\ns2 | v1 | +9d\ns4 | v2 | +9d")
    )["revenue_per_qr"]
    assert_drawn(found.head(1), "qr_code_id | scan_sessions | people\nq1 | 3 | 2")


def test_campaign_spend_is_shared_out_as_the_setting_says() -> None:
    spent = spend("campaign | amount\nshop | 8")
    for allocate, expected in (("none", None), ("equal", Decimal("2.67")), ("scans", Decimal(6))):
        chosen = Settings(report=Report(allocate_spend=allocate))  # type: ignore[arg-type]
        found = reports(chosen, spend=spent)["revenue_per_qr"]
        assert found.row(by_predicate=pl.col("qr_code_id") == "q1", named=True)["cost"] == expected


@pytest.mark.parametrize("reporting", ["USD", "JPY", "KWD"])
def test_a_report_without_any_row_is_one_unlinked_row_of_nothing(reporting: str) -> None:
    chosen = Settings(report=Report(currency=reporting))
    empty = {"events": events("event_id"), "scans": scans(), "qr_codes": qr_codes(), "spend": spend(), "fx": fx()}
    found = reports(chosen, **empty)["revenue_per_qr"]
    assert_drawn(
        found, f"qr_code_id | conversions | revenue | currency | scan_sessions\nunlinked | 0 | 0 | {reporting} | 0"
    )


def sources(read: int) -> pl.LazyFrame:
    counts = {"rows_read": [read], "rows_malformed": [0], "rows_quarantined": [0], "rows_erased": [0]}
    told = {"source_file": ["events.csv"], "kind": ["events"], "format": ["delimited"], "bytes": [1]}
    return pl.LazyFrame({**told, **counts})


def ledger(
    read: int, rows: pl.LazyFrame = GIVEN["events"], **spoilt: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> dict[str, Any]:
    made = reports(events=rows)
    tables = {name: table.lazy() for name, table in made.items()} | {"sources": sources(read)}
    tables |= {name: spoil(tables[name]) for name, spoil in spoilt.items()}
    names = Settings().conversions.event_names
    tables["uncounted_revenue"] = uncounted_revenue(
        tables["events"], tables["duplicates"], event_names=names, with_value=True
    )
    found = account.ledger(tables, tables, Settings())
    return found | {"broken": [check["name"] for check in found["checks"] if not check["holds"]]}


def test_the_ledger_accounts_for_every_cent_in_the_currency_that_was_sent() -> None:
    found = ledger(read=13)
    assert found["broken"] == []
    assert found["balanced"]
    assert found["revenue"] == {
        "CHF": {"read": "7.0000", "attributed": "7.0000", "unattributed": reasons()},
        "EUR": {"read": "5.0000", "attributed": "5.0000", "unattributed": reasons()},
        "USD": {
            "read": "145.1000",
            "attributed": "6.1000",
            "unattributed": reasons(orphan="29", unlinked="20", before_scan="50", outside_window="40"),
        },
    }


def test_an_amount_without_a_currency_is_accounted_for_apart() -> None:
    rows = events("""
        source | scan_session_id | amount | currency
        server | s1              | 7      | -
        server | unseen          | 2      | -
        server | s1              | 5      | USD
    """)
    found = ledger(3, rows)
    assert found["balanced"]
    assert found["revenue"] == {
        "USD": {"read": "5.0000", "attributed": "5.0000", "unattributed": reasons()},
        "unknown": {"read": "9.0000", "attributed": "7.0000", "unattributed": reasons(orphan="2")},
    }


def reasons(**amounts: str) -> dict[str, str]:
    names = ("orphan", "unlinked", "before_scan", "outside_window")
    return {name: f"{amounts.get(name, 0)}.0000" for name in names}


def test_a_row_that_went_missing_unbalances_the_ledger() -> None:
    found = ledger(read=14)
    assert not found["balanced"]
    assert found["broken"] == ["rows read = malformed + quarantined + duplicates + excluded + analysed"]


CREDITS = "conversions and refunds whose credits are not exactly 1 and exactly their money"
PER_QR = "converted money = revenue per QR code + unattributed revenue"
Spoil = Callable[[pl.LazyFrame], pl.LazyFrame]


def first_of_linear(**values: pl.Expr) -> Spoil:
    """One credit of one model is another."""
    is_first = (pl.col("model") == "linear").cum_sum().eq(1) & (pl.col("model") == "linear")

    def spoil(credits: pl.LazyFrame) -> pl.LazyFrame:  # noqa: A002 - the table's name
        types = credits.collect_schema()
        return credits.with_columns(
            pl.when(is_first).then(value.cast(types[name])).otherwise(name).alias(name)
            for name, value in values.items()
        )

    return spoil


SPOILT: dict[str, tuple[dict[str, Spoil], list[str]]] = {
    "a credit is short": ({"credits": first_of_linear(credit=pl.col("credit") / 2)}, [CREDITS]),
    "a cent more": (
        {"credits": first_of_linear(amount_reporting=pl.col("amount_reporting") + Decimal("0.01"))},
        [CREDITS],
    ),
    "a conversion has no credit": (
        {
            "credits": lambda rows: rows.filter(
                (pl.col("model") != "linear") | (pl.col("conversion_id").rank("dense") > 1)
            )
        },
        ["conversions and refunds credited under linear = attributed"],
    ),
    "a QR code's revenue is less": (
        {"revenue_per_qr": lambda rows: rows.with_columns(revenue=pl.col("revenue") / 2)},
        [PER_QR],
    ),
    "a reason is missing": ({"unattributed_revenue": lambda rows: rows.slice(1)}, [PER_QR]),
    "a conversion is missing": (
        {"conversions": lambda rows: rows.filter(pl.col("unattributed_reason").ne_missing("orphan"))},
        ["USD read = attributed + unattributed", PER_QR],
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_does_not_add_up_unbalances_the_ledger(name: str) -> None:
    spoilt, broken = SPOILT[name]
    found = ledger(13, **spoilt)
    assert (found["broken"], found["balanced"]) == (broken, False)


def test_every_stage_names_tables_that_an_earlier_one_writes() -> None:
    known = {*flow.INGESTED}
    for stage in flow.STAGES:
        assert known.issuperset(stage.reads), stage.name
        known |= {*stage.writes}
