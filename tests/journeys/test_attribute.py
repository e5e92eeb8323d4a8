"""attribute: what each touch earns, drawn as small tables, then as laws over every model."""

from decimal import Decimal
from typing import get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from attribution.attribute import attribute, journey_paths
from attribution.journeys import journeys
from attribution.models import Model, model_named
from attribution.settings import Attribute, ModelName
from tests.journeys.drawn import conversions, sessions
from tests.journeys.test_journeys import worlds

ALL = Attribute().chosen_models()
NAMES = ("scan_session", *get_args(ModelName))


def credited(scans: pl.LazyFrame, bought: pl.LazyFrame, models: list[Model], currency: str = "USD") -> pl.DataFrame:
    touches = journeys(scans, bought)
    paths = journey_paths(touches, bought, scans, lookback_days=60)
    return attribute(touches, bought, paths, models=models, currency=currency).collect()


SCANS = sessions(("s1", "ann", "A", 0), ("s2", "ann", "B", 24), ("s3", "ann", "C", 24 * 7))
BOUGHT = conversions(SCANS, ("c", "ann", "s2", "B", 24 * 7, "10.00"))

CASES = {
    "scan_session": {"s2": ("1", "10.00")},
    "first_touch": {"s1": ("1", "10.00")},
    "last_touch": {"s3": ("1", "10.00")},
    "linear": {
        "s1": ("0.333333333334", "3.34"),
        "s2": ("0.333333333333", "3.33"),
        "s3": ("0.333333333333", "3.33"),
    },
    "position_based": {"s1": ("0.4", "4.00"), "s2": ("0.2", "2.00"), "s3": ("0.4", "4.00")},
    "time_decay": {
        "s1": ("0.243659402815", "2.44"),
        "s2": ("0.269021791556", "2.69"),
        "s3": ("0.487318805629", "4.87"),
    },
}


@pytest.mark.parametrize("name", CASES)
def test_one_journey_under_each_model(name: str) -> None:
    models = [] if name == "scan_session" else [model_named(name, {})]
    rows = credited(SCANS, BOUGHT, models).filter(pl.col("model") == name)
    found = {
        session: (credit, money)
        for session, credit, money in rows.select("scan_session_id", "credit", "amount_reporting").rows()
    }
    assert found == {session: (Decimal(credit), Decimal(money)) for session, (credit, money) in CASES[name].items()}


def test_money_that_has_no_rate_stays_unknown_while_credit_is_given() -> None:
    bought = BOUGHT.with_columns(amount_reporting=pl.lit(None, pl.Decimal(18, 4)))
    rows = credited(SCANS, bought, ALL)
    assert rows["amount_reporting"].null_count() == rows.height
    assert (rows.group_by("model").agg(pl.col("credit").sum())["credit"] == 1).all()


def test_a_currency_without_cents_is_not_split_below_its_unit() -> None:
    rows = credited(SCANS, conversions(SCANS, ("c", "ann", "s2", "B", 24 * 7, "100")), ALL, "JPY")
    linear = rows.filter(pl.col("model") == "linear")["amount_reporting"].to_list()
    assert linear == [Decimal(34), Decimal(33), Decimal(33)]


def test_models_learn_from_people_who_did_not_convert() -> None:
    scans = sessions(
        ("s1", "ann", "A", 0),
        ("s2", "ann", "B", 1),
        *((f"n{place}", f"non{place}", "A", 0) for place in range(9)),
    )
    bought = conversions(scans, ("c", "ann", "s2", "B", 2, "10"))
    paths = journey_paths(journeys(scans, bought), bought, scans, lookback_days=60).collect()
    assert paths.select("path", "conversions", "non_conversions").rows() == [(["A"], 0, 9), (["A", "B"], 1, 0)]


amounts = st.lists(st.decimals("-500", "500", places=2), min_size=8, max_size=8)


@settings(max_examples=40, deadline=None)
@given(worlds(), amounts)
def test_every_model_gives_exactly_one_conversion_and_its_money(
    world: tuple[pl.LazyFrame, pl.LazyFrame], money: list[Decimal]
) -> None:
    scans, bought = world
    drawn = bought.collect()
    sums = pl.Series("amount_reporting", money[: drawn.height], dtype=pl.Decimal(18, 4))
    drawn = drawn.with_columns(sums, is_refund=sums < 0)
    rows = credited(scans, drawn.lazy(), ALL)
    per = rows.group_by("model", "conversion_id").agg(pl.col("credit", "amount_reporting").sum())
    assert (per["credit"] == 1).all()
    told = per.join(drawn.select("conversion_id", given="amount_reporting"), on="conversion_id")
    assert (told["amount_reporting"] == told["given"]).all()
    assert set(per["model"]) == set(NAMES)
    assert per.height == drawn.height * len(NAMES)


@settings(max_examples=25, deadline=None)
@given(worlds(), st.randoms())
def test_the_order_of_rows_does_not_matter(world: tuple[pl.LazyFrame, pl.LazyFrame], random) -> None:  # noqa: ANN001
    seed = random.randrange(2**32)
    turned = [table.collect().sample(fraction=1, shuffle=True, seed=seed).lazy() for table in world]
    key = ["model", "conversion_id", "position"]
    assert_frame_equal(credited(*world, ALL).sort(key), credited(*turned, ALL).sort(key))
