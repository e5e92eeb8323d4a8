"""How much a report moved since the period before."""

from decimal import Decimal

import polars as pl
import pytest
from polars.exceptions import ComputeError

from attribution.money import AMOUNT
from attribution.reports.period_change import with_change

SCHEMA = {"qr_code_id": pl.String, "scans": pl.Int64, "revenue": AMOUNT, "note": pl.String}


def rows(*drawn: tuple[str | None, int | None, str]) -> pl.DataFrame:
    cells = [(code, count, Decimal(money), "x") for code, count, money in drawn]
    return pl.DataFrame(cells, schema=SCHEMA, orient="row")


def made(current: pl.DataFrame, previous: pl.DataFrame | None) -> pl.DataFrame:
    return with_change(current, previous, keys=["qr_code_id"], measures=["scans", "revenue"])


CURRENT = rows(("q2", 6, "15"), ("q1", 3, "5"), (None, 1, "0"), ("new", 4, "8"))
PREVIOUS = rows((None, 2, "4"), ("q1", 0, "0"), ("q2", 4, "20"), ("gone", 9, "9"))


def test_each_measure_is_compared_with_the_same_key_and_the_order_stays() -> None:
    found = made(CURRENT, PREVIOUS).head(CURRENT.height)
    assert found["qr_code_id"].to_list() == ["q2", "q1", None, "new"]
    assert found["scans_previous"].to_list() == [4, 0, 2, 0]
    assert found["scans_change_pct"].to_list() == [50, None, -50, None]
    assert found["revenue_previous"].to_list() == [Decimal(20), Decimal(0), Decimal(4), Decimal(0)]
    assert found["revenue_change_pct"].to_list() == [-25, None, -100, None]
    assert found.schema["revenue_previous"] == AMOUNT
    assert found.columns[: len(SCHEMA)] == list(SCHEMA)


def test_what_only_the_previous_period_has_comes_last_with_nothing_now() -> None:
    previous = PREVIOUS.with_columns(note=pl.lit("was"), people=pl.lit(3))
    found = made(CURRENT.with_columns(people=pl.lit(1)), previous)
    assert found.height == CURRENT.height + 1
    assert found.tail(1).to_dicts() == [
        {"qr_code_id": "gone", "scans": 0, "revenue": Decimal(0), "note": "was", "people": None}
        | {"scans_previous": 9, "scans_change_pct": -100, "revenue_previous": Decimal(9), "revenue_change_pct": -100}
    ]
    uncounted = made(CURRENT.with_columns(scans=pl.lit(None, pl.Int64)), PREVIOUS).tail(1)
    assert uncounted.select("scans", "scans_previous", "scans_change_pct").rows() == [(None, 9, None)]


def test_of_a_report_that_ends_or_folds_its_rows_none_is_gone() -> None:
    found = with_change(CURRENT, PREVIOUS, keys=["qr_code_id"], measures=["scans"], lists_all=False)
    assert found["qr_code_id"].to_list() == ["q2", "q1", None, "new"]
    assert found["scans_previous"].to_list() == [4, 0, 2, None]


def test_without_a_previous_period_nothing_is_known() -> None:
    found = made(CURRENT, None)
    assert found.columns == made(CURRENT, PREVIOUS).columns
    assert found.schema == made(CURRENT, PREVIOUS).schema
    assert all(found[name].null_count() == found.height for name in found.columns[len(SCHEMA) :])


def test_a_measure_that_was_not_known_stays_unknown() -> None:
    found = made(CURRENT, rows(("q1", None, "10"), ("q2", None, "0")))
    assert found["scans_previous"].null_count() == found["scans_change_pct"].null_count() == 4
    assert found["revenue_previous"].to_list() == [Decimal(0), Decimal(10), Decimal(0), Decimal(0)]


def test_a_change_on_a_loss_is_null() -> None:
    found = made(rows(("q1", 1, "5")), rows(("q1", 1, "-5")))
    assert found["revenue_previous"].item() == Decimal(-5)
    assert found["revenue_change_pct"].item() is None


def test_reports_without_rows() -> None:
    assert made(rows(), None).height == made(rows(), rows()).height == 0
    assert made(rows(), PREVIOUS)["scans"].to_list() == [0, 0, 0, 0]
    assert made(CURRENT, rows())["scans_previous"].to_list() == [0, 0, 0, 0]


def test_keys_that_do_not_name_a_row_are_refused() -> None:
    with pytest.raises(ComputeError, match="1:1"):
        made(CURRENT, pl.concat([PREVIOUS, PREVIOUS]))
