"""Money without an exchange rate, as it is told."""

from decimal import Decimal

import polars as pl
import pytest

from attribution.unpriced import unpriced

LARGE = "20000000000000"
NAMES = pl.DataFrame({"qr_code_id": ["q1", "q2", "q3", "q4"], "qr_name": ["Wall", "Door", "Lift", "Door"]})


@pytest.mark.parametrize(
    ("amounts", "money"),
    [
        ([("q1", 5), ("q2", 5), ("q3", 7)], "17.00 USD (of Lift, Door and Wall)"),
        ([("q2", 5), ("q4", 6), ("q1", 1)], "12.00 USD (of Door and Wall)"),
        ([("q1", 5), ("q5", 3), ("q2", 2), ("q3", 1)], "11.00 USD (of Wall, q5, Door and 1 more)"),
    ],
)
def test_codes_are_named_by_their_money_each_name_once_and_no_more_than_three(
    amounts: list[tuple[str, int]], money: str
) -> None:
    assert told(*((code, "USD", str(amount)) for code, amount in amounts)) == (
        "No exchange rate, so not in any revenue, return or verdict",
        money,
    )


@pytest.mark.parametrize("amount", [LARGE, f"-{LARGE}"])
def test_one_amount_too_large_is_said_of_its_currency_alone(amount: str) -> None:
    why, money = told(("q1", "EUR", "1"), ("q1", "USD", "1"), ("q2", "USD", amount))
    assert why == "No exchange rate, or too large, so not in any revenue, return or verdict"
    assert money.startswith("1.00 EUR (of Wall), ")
    assert money.endswith(" USD (of Door and Wall; too large to be shared out)")


def told(*rows: tuple[str, str, str]) -> tuple[str, str]:
    amounts = pl.DataFrame(
        [(code, currency, Decimal(amount)) for code, currency, amount in rows],
        schema={"qr_code_id": pl.String, "currency": pl.String, "amount": pl.Decimal(38, 4)},
        orient="row",
    )
    return unpriced(amounts, NAMES)
