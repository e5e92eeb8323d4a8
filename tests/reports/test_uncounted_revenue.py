"""The money of rows that count in no sum, and the check that no money is in neither account."""

import polars as pl

from attribution import ledger as account
from attribution.reports.uncounted_revenue import uncounted_revenue
from attribution.settings import Settings
from tests.stages.drawn import assert_drawn, events, ran

EVENTS = """
    event_id | source  | event_name | scan_session_id | amount | currency | is_duplicate | exclusion
    a1       | server  | purchase   | s1              | 10.10  | USD      | no           | -
    a1       | server  | purchase   | s1              | 10.10  | USD      | no           | -
    a1       | server  | purchase   | s1              | 10.10  | USD      | no           | -
    a2       | server  | purchase   | s1              | 5      | EUR      | yes          | -
    a3       | server  | purchase   | s1              | 7      | EUR      | no           | fraud
    a4       | server  | refund     | s1              | 4      | USD      | no           | test
    a5       | server  | purchase   | s1              | -      | -        | no           | test
    a6       | server  | heartbeat  | s1              | -      | -        | no           | fraud
    b1       | browser | click      | s1              | -      | -        | no           | test
    a7       | server  | purchase   | s1              | 3      | USD      | no           | fraud
    a7       | server  | purchase   | s1              | 3      | USD      | no           | fraud
"""


def uncounted(rows: pl.LazyFrame) -> pl.DataFrame:
    chosen = Settings().conversions
    copies = ran("deduplicate", Settings(), events=rows)["duplicates"].lazy()
    return uncounted_revenue(rows, copies, event_names=chosen.event_names, with_value=chosen.with_value).collect()


def test_it_is_told_by_the_reason_for_which_each_row_is_left_out() -> None:
    assert_drawn(
        uncounted(events(EVENTS)),
        """
        reason                  | currency | conversions | refunds | amount | refunded
        fraud                   | EUR      | 1           | 0       | 7      | 0
        fraud                   | USD      | 1           | 0       | 3      | 0
        original_outside_export | EUR      | 1           | 0       | 5      | 0
        repeated_id             | USD      | 3           | 0       | 23.20  | 0
        test                    | USD      | 0           | 1       | -4     | 4
        """,
        in_order=True,
    )


def test_where_every_row_counts_there_is_none() -> None:
    assert uncounted(
        events("event_id | source | event_name | amount | currency\na1 | server | purchase | 1 | USD")
    ).is_empty()


def test_money_that_is_neither_read_nor_told_as_uncounted_unbalances_the_ledger() -> None:
    rows = events(EVENTS)
    tables = {name: table.lazy() for name, table in ran("report", Settings(), events=rows).items()}
    told = uncounted(rows)
    read = {"USD": {"read": "10.1000"}}
    whole, short = (
        account.event_checks(tables, {"uncounted_revenue": found.lazy()}, read, Settings())
        for found in (told, told.filter(pl.col("reason") != "test"))
    )
    assert [check["holds"] for check in whole] == [True, True]
    assert [(check["name"], check["holds"]) for check in short] == [
        ("EUR in accepted rows = read + uncounted", True),
        ("USD in accepted rows = read + uncounted", False),
    ]
