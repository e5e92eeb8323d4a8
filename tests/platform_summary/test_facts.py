"""What a summary is made from, where it is not said: the currency that it is in, and the day on which an event came."""

import polars as pl
import pytest

from attribution.platform_summary.facts import Facts, facts
from attribution.schemas.sources import Sources
from tests.stages.drawn import assert_drawn, events, fx, ran


def facts_of(drawing: str) -> Facts:
    rows = events(drawing)
    made = ran("conversions", events=rows, fx=fx("currency | date | rate\nEUR | +0d | 2"))
    tables = {name: table.lazy() for name, table in made.items()}
    sources = pl.LazyFrame(schema=Sources.dtypes())
    return facts(
        {**tables, "events": rows, "sources": sources},
        event_names=("purchase",),
        with_value=True,
        currency="CHF",
        time_zone="UTC",
    )


@pytest.mark.parametrize(
    ("rows", "currency", "currencies"),
    [
        ("server | 5 | EUR\nserver | 6 | EUR\nserver | 900 | USD", "EUR", ("EUR", "USD")),
        ("server | 5 | USD\nserver | 6 | EUR", "EUR", ("EUR", "USD")),
        ("server | 5 | EUR\nserver | -6 | USD\nserver | -1 | USD", "EUR", ("EUR", "USD")),
        ("server | -5 | EUR\nserver | -6 | USD\nserver | -1 | USD", "USD", ("USD", "EUR")),
        ("browser | - | -", "CHF", ()),
    ],
    ids=["most conversions", "as many of each", "more refunds", "refunds alone", "no conversion"],
)
def test_a_summary_is_in_the_currency_of_most_conversions_else_in_the_reporting_one(
    rows: str, currency: str, currencies: tuple[str, ...]
) -> None:
    found = facts_of("source | amount | currency\n" + rows)
    assert (found.currency, found.currencies) == (currency, currencies)


def test_an_event_whose_receipt_is_not_told_is_received_on_its_own_day() -> None:
    found = facts_of("""
        event_id | occurred_at | received_at
        a        | 23:00       | +1d 00:10
        b        | 23:00       | -
    """)
    assert_drawn(
        pl.concat(found.events).select("received_day", "rows").collect(),
        "received_day | rows\n+1d | 1\n+0d | 1",
    )
