"""The reports of one run agree with each other, as they were written."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

MONEY = pl.Decimal(38, 4)


@pytest.fixture(scope="module")
def written(results: Path) -> dict[str, pl.DataFrame]:
    return {path.stem: pl.read_parquet(path) for path in (results / "reports").glob("*.parquet")}


def money(rows: pl.DataFrame, column: str = "revenue") -> Decimal:
    return rows.select(pl.col(column).cast(MONEY).sum()).item()


def known(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("qr_code_id") != "unlinked")


def test_every_cut_adds_up_to_the_revenue_of_all_codes(written: dict[str, pl.DataFrame]) -> None:
    revenue = money(known(written["revenue_per_qr"]))
    assert revenue > 0
    cuts = {
        "campaigns": money(written["revenue_per_campaign"]) - money(written["revenue_per_qr"]) + revenue,
        "days and codes": money(written["daily_per_qr"]),
        "hours": money(written["scans_by_hour"]),
        "currencies": money(known(written["revenue_per_currency"]), "amount_reporting"),
    }
    for name, column in (
        ("revenue_over_time", "grain"),
        ("revenue_by_dimension", "dimension"),
        ("model_comparison", "model"),
    ):
        cuts |= {f"{column} {value[0]}": money(rows) for value, rows in written[name].group_by(column)}
    assert cuts == dict.fromkeys(cuts, revenue)
    assert len(cuts) == 4 + 3 + 7 + 8


def test_scans_sessions_and_conversions_add_up_too(written: dict[str, pl.DataFrame]) -> None:
    per_qr = written["revenue_per_qr"]
    for measure in ("scans", "scan_sessions"):
        whole = per_qr[measure].sum()
        assert whole > 0
        for rows in (
            written["revenue_per_campaign"],
            written["daily_per_qr"],
            written["scans_by_hour"],
            *(rows for _, rows in written["revenue_over_time"].group_by("grain")),
            *(rows for _, rows in written["revenue_by_dimension"].group_by("dimension")),
        ):
            assert rows[measure].sum() == whole
    conversions = known(per_qr)["conversions"].sum()
    for _, rows in written["model_comparison"].group_by("model"):
        assert rows["conversions"].sum() == pytest.approx(conversions)
    assert written["assisted_conversions"]["closed_conversions"].sum() == pytest.approx(conversions)


def test_codes_and_what_is_not_attributed_are_the_money_read(written: dict[str, pl.DataFrame], results: Path) -> None:
    ledger: dict[str, Any] = json.loads((results / "ledger.json").read_text())
    own = known(written["revenue_per_currency"])
    lost = written["unattributed_revenue"]
    assert ledger["revenue"]
    for currency, account in ledger["revenue"].items():
        here, gone = (rows.filter(pl.col("currency") == currency) for rows in (own, lost))
        assert money(here, "amount") == Decimal(account["attributed"])
        assert money(here, "amount") + money(gone, "amount") == Decimal(account["read"])
        by_reason = gone.group_by("unattributed_reason").agg(pl.col("amount").cast(MONEY).sum()).rows()
        said = {reason: Decimal(amount) for reason, amount in account["unattributed"].items()}
        assert {reason: amount for reason, amount in by_reason if amount} == {k: v for k, v in said.items() if v}
    unlinked = lost.filter(pl.col("unattributed_reason").is_in(["orphan", "unlinked"]))
    assert money(written["revenue_per_qr"].filter(pl.col("qr_code_id") == "unlinked")) == money(
        unlinked, "amount_reporting"
    )


def test_everyone_who_scanned_begins_the_funnel_the_cohorts_and_the_wait(written: dict[str, pl.DataFrame]) -> None:
    begun = written["funnel"]["sessions"][0]
    sizes = written["cohorts"].group_by("cohort_week").agg(pl.col("sessions").first())
    assert begun == sizes["sessions"].sum() == written["conversion_lag"]["sessions_at_risk"][0]
    last = written["cohorts"].sort("weeks_since_scan").group_by("cohort_week").agg(pl.col("converting_sessions").last())
    assert last["converting_sessions"].sum() == known(written["revenue_per_qr"])["converting_sessions"].sum()


def test_what_names_the_metrics_and_the_csv_files_are_the_same_numbers(
    written: dict[str, pl.DataFrame], results: Path
) -> None:
    metrics = json.loads((results / "reports" / "metrics.json").read_text())
    assert Decimal(metrics["revenue"]) == money(known(written["revenue_per_qr"]))
    assert Decimal(metrics["revenue_unattributed"]) == money(written["unattributed_revenue"], "amount_reporting")
    for name, rows in written.items():
        content = (results / "reports" / f"{name}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        read = pl.read_csv(content, infer_schema=False)
        assert (read.columns, read.height) == (rows.columns, rows.height)
        for column, dtype in rows.schema.items():
            if isinstance(dtype, pl.Decimal):
                assert read[column].cast(dtype).equals(rows[column]), (name, column)
