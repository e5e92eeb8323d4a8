"""Bootstrap intervals of revenue: drawn tables, laws, and a plain bootstrap beside."""

from decimal import Decimal
from math import comb

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from attribution.money import AMOUNT
from attribution.reports.revenue_intervals import revenue_intervals
from attribution.schemas.revenue_intervals import RevenueIntervals
from attribution.uncertainty import bounds
from attribution.uncertainty.intervals import Moments, bootstrap_t, skewness_corrected
from attribution.uncertainty.resample import Entries, resampled_groups, resampled_people, resampled_sums
from attribution.uncertainty.weights import poisson_weights, random_groups
from tests.stages.drawn import assert_drawn
from tests.uncertainty.drawn import World, codes, conversions, costs, credits_of, random_world, sessions

KEY = ["model", "scope", "qr_code_id", "campaign"]
BOUNDS = ["revenue_low", "revenue_high"]


def intervals(world: World, seed: int = 5, replicates: int = 400, level: float = 0.95) -> pl.DataFrame:
    found = revenue_intervals(*world, currency="USD", seed=seed, replicates=replicates, level=level).collect()
    RevenueIntervals.checked(found.lazy()).collect()
    return found


def shuffled(world: World, seed: int) -> World:
    return tuple(table.collect().sample(fraction=1, shuffle=True, seed=seed).lazy() for table in world)  # type: ignore[return-value]


def test_every_code_and_campaign_has_a_row_under_every_model_and_nothing_is_no_interval() -> None:
    world = (
        credits_of(
            "conversion_id | model | qr_code_id | amount_reporting\n1 | a | q1 | 10\n1 | b | q2 | 10\n2 | a | q1 | -"
        ),
        conversions("conversion_id | person_id\n1 | p1\n2 | p2"),
        sessions("scan_session_id | person_id | qr_code_id\ns1 | p1 | q1\ns2 | p2 | q1\ns3 | p3 | q3"),
        codes("qr_code_id | campaign\nq1 | c\nq2 | c\nq4 | -"),
        costs("qr_code_id | campaign | cost\nq1 | - | 4\nq2 | - | 0\n- | c | 5\nq3 | - | -\nq5 | - | 2\n- | d | 3"),
    )
    found = intervals(world)
    assert_drawn(
        found,
        """
        model | scope    | qr_code_id | campaign | converting_people | revenue | cost | roas | too_few
        a     | qr_code  | q1         | c        | 1                 | 10      | 4    | 2.5  | yes
        a     | qr_code  | q2         | c        | 0                 | 0       | 0    | -    | yes
        a     | qr_code  | q3         | -        | 0                 | 0       | -    | -    | yes
        a     | qr_code  | q4         | -        | 0                 | 0       | -    | -    | yes
        a     | qr_code  | q5         | -        | 0                 | 0       | 2    | 0    | yes
        a     | campaign | -          | c        | 1                 | 10      | 5    | 2    | yes
        a     | campaign | -          | d        | 0                 | 0       | 3    | 0    | yes
        b     | qr_code  | q2         | c        | 1                 | 10      | 0    | -    | yes
        b     | qr_code  | q1         | c        | 0                 | 0       | 4    | 0    | yes
        b     | qr_code  | q3         | -        | 0                 | 0       | -    | -    | yes
        b     | qr_code  | q4         | -        | 0                 | 0       | -    | -    | yes
        b     | qr_code  | q5         | -        | 0                 | 0       | 2    | 0    | yes
        b     | campaign | -          | c        | 1                 | 10      | 5    | 2    | yes
        b     | campaign | -          | d        | 0                 | 0       | 3    | 0    | yes
        """,
        in_order=True,
    )
    assert (
        found.filter(pl.col("converting_people") == 0).select(*BOUNDS, "method", "roas_low").null_count().row(0)
        == (10,) * 4
    )
    assert found.filter(pl.col("converting_people") == 1).select(*BOUNDS).null_count().row(0) == (0, 0)


def test_no_credits_no_rows() -> None:
    nothing = credits_of("conversion_id"), conversions("conversion_id"), sessions("scan_session_id"), codes(), costs()
    assert intervals(nothing).height == 0


def test_a_person_is_resampled_whole() -> None:
    together = random_world(1)
    credited, tied, *others = together
    apart = tied.with_columns(person_id="c" + pl.col("conversion_id"))
    one, many = intervals(together), intervals((credited, apart, *others))  # type: ignore[arg-type]
    assert one["converting_people"].sum() < many["converting_people"].sum()
    assert not one.select(BOUNDS).equals(many.select(BOUNDS))


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_row_order_changes_nothing(seed: int) -> None:
    world = random_world(seed, people=60)
    assert_frame_equal(intervals(world, replicates=50), intervals(shuffled(world, seed + 1), replicates=50))


def test_a_seed_gives_the_same_and_another_seed_another_interval() -> None:
    world = random_world(2)
    assert_frame_equal(intervals(world), intervals(world))
    assert not intervals(world).select(BOUNDS).equals(intervals(world, seed=6).select(BOUNDS))


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), people=st.integers(1, 80), replicates=st.integers(2, 60))
def test_the_interval_holds_the_estimate_and_roas_follows(seed: int, people: int, replicates: int) -> None:
    found = intervals(random_world(seed, people=people), replicates=replicates)
    known = found.filter(pl.col("revenue_low").is_not_null())
    assert (known["revenue_low"] <= known["revenue"]).all()
    assert (known["revenue"] <= known["revenue_high"]).all()
    priced = known.filter(pl.col("cost").is_not_null())
    for bound in ("", "_low", "_high"):
        ratio = priced[f"revenue{bound}"].cast(pl.Float64) / priced["cost"].cast(pl.Float64)
        assert np.allclose(priced[f"roas{bound}"], ratio)


def test_ten_times_the_money_is_ten_times_the_interval() -> None:
    credited, *others = random_world(3)
    tenfold = credited.with_columns((pl.col("amount_reporting") * 10).cast(AMOUNT))
    one, ten = intervals((credited, *others)), intervals((tenfold, *others))  # type: ignore[arg-type]
    for name in ("revenue", *BOUNDS):
        assert np.allclose(one[name].cast(pl.Float64) * 10, ten[name].cast(pl.Float64), atol=1e-3)


def test_renaming_codes_renames_rows() -> None:
    names = {"q0": "z", "q1": "q3", "q2": "a", "q3": "q0"}
    world = random_world(4)
    renamed = tuple(
        table.with_columns(pl.col("qr_code_id").replace(names)) if "qr_code_id" in table.collect_schema() else table
        for table in world
    )
    expected = intervals(world).with_columns(pl.col("qr_code_id").replace(names)).sort(KEY)
    assert_frame_equal(intervals(renamed).sort(KEY), expected, check_exact=False, abs_tol=1e-3)  # type: ignore[arg-type]


def test_a_code_apart_changes_no_other_codes_interval() -> None:
    credited, tied, scanned, listed, spent = random_world(6)
    unlisted = listed.filter(pl.col("qr_code_id") != "q2")
    one = intervals((credited, tied, scanned, listed, spent)).filter(scope="qr_code").sort(KEY)
    other = intervals((credited, tied, scanned, unlisted, spent)).filter(scope="qr_code").sort(KEY)
    assert_frame_equal(one.drop("campaign"), other.drop("campaign"))


def test_a_higher_level_is_wider() -> None:
    world = random_world(7)
    narrow, wide = intervals(world, level=0.8), intervals(world, level=0.99)
    assert (wide["revenue_low"] <= narrow["revenue_low"]).all()
    assert (wide["revenue_high"] >= narrow["revenue_high"]).all()


def test_people_who_only_scan_count() -> None:
    credited, tied, scanned, listed, spent = random_world(8, people=300, chance=0.9)
    buyers = scanned.join(tied.select("person_id"), on="person_id", how="semi")
    few, all_ = intervals((credited, tied, buyers, listed, spent)), intervals((credited, tied, scanned, listed, spent))
    width = pl.col("revenue_high").cast(pl.Float64) - pl.col("revenue_low").cast(pl.Float64)
    assert all_.select(width.sum()).item() > few.select(width.sum()).item()


def test_buyers_who_scanned_before_the_period_are_people_beside_those_who_scan_in_it() -> None:
    scanned = sessions("scan_session_id | qr_code_id | person_id\n" + "\n".join(f"s{n} | a | p{n}" for n in range(30)))
    bought = conversions("conversion_id | person_id\n" + "\n".join(f"c{n} | q{n}" for n in range(30)))
    earned = credits_of(
        "conversion_id | qr_code_id | amount_reporting\n" + "\n".join(f"c{n} | a | 50" for n in range(30))
    )
    found = intervals((earned, bought, scanned, codes(), costs())).filter(scope="qr_code")
    low, high = found.select("revenue_low", "revenue_high").row(0)
    assert high - low > 500, "half of sixty people bought, each for 50: the standard error is 194"


def plain_bootstrap(amounts: np.ndarray, people: int, replicates: int, level: float) -> tuple[float, float]:
    """The bootstrap-t by the book: draw that many people with replacement, people without money included."""
    rng = np.random.default_rng(0)
    everyone = np.concatenate([amounts, np.zeros(people - len(amounts))])
    estimate, error = everyone.sum(), np.sqrt(people * everyone.var())
    drawn = everyone[rng.integers(0, people, (replicates, people))]
    distances = (drawn.sum(axis=1) - estimate) / np.sqrt(people * drawn.var(axis=1))
    low, high = np.quantile(distances, [(1 - level) / 2, (1 + level) / 2])
    return estimate - high * error, estimate - low * error


@pytest.mark.parametrize(("converting", "people"), [(25, 40), (40, 400)])
def test_the_interval_is_that_of_a_plain_bootstrap_over_all_people(converting: int, people: int) -> None:
    amounts = np.rint(np.random.default_rng(1).lognormal(3, 0.5, converting) * 100) / 100
    rows = "\n".join(f"{n} | q | {amount:.2f}" for n, amount in enumerate(amounts))
    world = (
        credits_of(f"conversion_id | qr_code_id | amount_reporting\n{rows}"),
        conversions("conversion_id | person_id\n" + "\n".join(f"{n} | p{n}" for n in range(converting))),
        sessions("scan_session_id | person_id | qr_code_id\n" + "\n".join(f"s{n} | p{n} | q" for n in range(people))),
        codes(),
        costs(),
    )
    found = intervals(world, replicates=20_000).select(pl.col(BOUNDS).cast(pl.Float64)).row(0)
    expected = plain_bootstrap(amounts, people, 20_000, 0.95)
    width = expected[1] - expected[0]
    assert found == (pytest.approx(expected[0], abs=0.04 * width), pytest.approx(expected[1], abs=0.04 * width))


def test_very_many_people_are_drawn_in_random_groups_and_the_intervals_are_as_wide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = random_world(10, people=6_000)
    single = intervals(world, replicates=2_000)
    monkeypatch.setattr(bounds, "GROUPS", 500)
    grouped = intervals(world, replicates=2_000)
    assert single["converting_people"].min() < 500 < single["converting_people"].max()
    width = pl.col("revenue_high").cast(pl.Float64) - pl.col("revenue_low").cast(pl.Float64)
    ratio = grouped.select(width).to_series() / single.select(width).to_series()
    assert ratio.min() > 0.85
    assert ratio.max() < 1.15
    assert ratio.mean() == pytest.approx(1, abs=0.05)
    assert_frame_equal(grouped.drop(pl.col("^.*_(low|high)$")), single.drop(pl.col("^.*_(low|high)$")))
    assert_frame_equal(grouped, intervals(shuffled(world, 1), replicates=2_000))


def buyers(prices: list[str], idle: int = 0) -> World:
    """People who each scan `q` once and pay so much, and those who only scan."""
    people = range(len(prices) + idle)
    return (
        credits_of(
            "conversion_id | qr_code_id | amount_reporting\n"
            + "\n".join(f"{n} | q | {p}" for n, p in enumerate(prices))
        ),
        conversions("conversion_id | person_id\n" + "\n".join(f"{n} | p{n}" for n, _ in enumerate(prices))),
        sessions("scan_session_id | person_id | qr_code_id\n" + "\n".join(f"s{n} | p{n} | q" for n in people)),
        codes(),
        costs(),
    )


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    ("people", "least", "most", "is_few"), [(1, 0, 5, True), (5, 0, 40, True), (30, 200, 270, False)]
)
def test_that_everybody_paid_the_same_is_no_certainty(
    sign: str, people: int, least: int, most: int, is_few: bool
) -> None:
    row = intervals(buyers([f"{sign}10"] * people)).row(0, named=True)
    near_nothing = min(row["revenue_low"], row["revenue_high"], key=abs)
    assert least <= abs(near_nothing) <= most
    assert row["revenue_low"] < row["revenue"] < row["revenue_high"]
    assert (row["method"], row["too_few"]) == ("skewness", is_few)


@pytest.mark.parametrize(("people", "chance"), [(1, 0.5), (5, 0.9), (30, 0.9), (30, 0.97), (200, 0.97), (200, 0.995)])
def test_all_but_a_few_buyers_at_one_price_are_held_as_often_as_promised(people: int, chance: float) -> None:
    held = 0.0
    for bought in range(1, people + 1):
        moments = moments_of(np.full(bought, 10.0), people)
        low, high = (bound[0] for bound in skewness_corrected(moments, 0.95))
        is_held = low <= people * chance * 10 <= high
        held += float(is_held) * comb(people, bought) * chance**bought * (1 - chance) ** (people - bought)
    assert held / (1 - (1 - chance) ** people) > 0.93


def test_hall_takes_over_where_few_bring_less_than_the_rest() -> None:
    assert set(intervals(buyers(["10"] * 50, idle=4))["method"]) == {"skewness"}
    assert set(intervals(buyers(["10"] * 50, idle=14))["method"]) == {"bootstrap_t"}
    assert set(intervals(buyers(["10", "60"] * 25, idle=4))["method"]) == {"bootstrap_t"}


def test_each_random_group_is_as_likely_and_belongs_to_the_rank() -> None:
    found = random_groups(1, np.arange(50_000), 100)
    counts = np.bincount(found, minlength=100)
    assert len(counts) == 100
    assert ((counts - 500) ** 2 / 500).sum() == pytest.approx(99, abs=45)
    assert np.array_equal(random_groups(1, np.array([7, 2]), 100), found[[7, 2]])
    assert not np.array_equal(random_groups(2, np.arange(50), 100), found[:50])


def test_the_estimate_is_the_exact_sum() -> None:
    credited, *others = random_world(9)
    found = intervals((credited, *others)).filter(model="last", qr_code_id="q1")["revenue"].item()  # type: ignore[arg-type]
    amounts = credited.filter(model="last", qr_code_id="q1").collect()["amount_reporting"]
    assert found == sum(amounts, Decimal(0))


def test_weights_are_poisson_and_belong_to_the_rank() -> None:
    weights = poisson_weights(3, np.arange(500), 803)
    assert weights.shape == (500, 803)
    assert weights.mean() == pytest.approx(1, abs=0.01)
    assert weights.var() == pytest.approx(1, abs=0.02)
    assert np.abs(np.corrcoef(weights[:40])[np.triu_indices(40, 1)]).max() < 0.15
    assert np.array_equal(poisson_weights(3, np.array([7, 2]), 803), weights[[7, 2]])
    assert not np.array_equal(poisson_weights(4, np.array([7]), 803), weights[[7]])


def test_sums_are_those_of_the_weights_across_blocks() -> None:
    rng = np.random.default_rng(0)
    rank, column = np.divmod(rng.choice(3_000 * 7, 5_000, replace=False), 7)
    entries = Entries(rank, column, rng.normal(size=(2, 5_000)))
    dense = np.zeros((2, 7, 3_000))
    dense[:, column, rank] = entries.values
    expected = dense @ poisson_weights(1, np.arange(3_000), 21)
    assert np.allclose(resampled_sums(entries, columns=7, seed=1, replicates=21), expected)


def test_a_group_is_drawn_as_often_as_its_people() -> None:
    sizes = np.array([1, 50, 4_000])
    entries = Entries(np.arange(3), np.arange(3), np.ones((1, 3)))
    drawn = resampled_groups(entries, sizes, columns=3, seed=1, replicates=4_000)[0]
    assert drawn.mean(axis=1) == pytest.approx(sizes, rel=0.05)
    assert drawn.var(axis=1) == pytest.approx(sizes, rel=0.1)
    everyone = resampled_people(300, 700, seed=1, replicates=4_000)
    assert (everyone.mean(), everyone.var()) == (pytest.approx(1_000, rel=0.01), pytest.approx(1_000, rel=0.1))


def moments_of(values: np.ndarray, people: int) -> Moments:
    sums = {"total": values, "absolute": np.abs(values), "squares": values**2, "cubes": values**3}
    return Moments(
        people, **{name: np.array([of.sum()]) for name, of in sums.items()}, least=np.array([min(values.min(), 0)])
    )


def test_moments_are_those_of_all_people_and_one_more() -> None:
    values = np.array([1.0, 2.0, 4.0, 9.0])
    everyone = np.concatenate([values, np.zeros(6 + 1)])
    found, away = moments_of(values, 10), everyone - everyone.mean()
    assert found.variance[0] == pytest.approx((away**2).sum())
    assert found.skewness[0] == pytest.approx((away**3).sum() / (away**2).sum() ** 1.5)
    assert found.effective_people[0] == pytest.approx(16**2 / 102)


def test_without_skewness_the_correction_is_the_normal_interval() -> None:
    values = np.array([-3.0, 3.0] * 20)
    low, high = skewness_corrected(moments_of(values, 1_000), 0.95)
    assert (low[0], high[0]) == (pytest.approx(-1.959964 * 360**0.5), pytest.approx(1.959964 * 360**0.5))


def test_the_corrected_bounds_are_those_whose_transform_is_the_normal_quantile() -> None:
    moments = moments_of(np.array([1.0, 2.0, 2.0, 30.0]), 500)
    g, total, error = moments.skewness[0], moments.total[0], moments.variance[0] ** 0.5
    for bound, quantile in zip(skewness_corrected(moments, 0.95), (1.959964, -1.959964), strict=True):
        t = (total - bound[0]) / error
        if bound[0] > 0:
            assert t + g * t**2 / 3 + g**2 * t**3 / 27 + g / 6 == pytest.approx(quantile)


def test_replicates_all_on_one_side_leave_the_estimate_inside() -> None:
    moments = moments_of(np.full(40, 5.0), 1_000)
    for totals, squares in (([250.0, 260.0], [1_250.0, 1_300.0]), ([150.0, 160.0], [750.0, 800.0])):
        (low,), (high,) = bootstrap_t(moments, np.array([totals]), np.array([squares]), 0.95, units=1_000)
        assert low <= 200 <= high


def test_one_buyer_is_a_wide_finite_interval_and_no_money_is_below_nothing() -> None:
    moments = moments_of(np.array([10.0]), 10_000)
    low, high = skewness_corrected(moments, 0.95)
    assert low[0] == pytest.approx(0, abs=0.5)
    assert 40 < high[0] < 100
    (low_t,), (high_t,) = bootstrap_t(
        moments, np.array([[0.0, 0.0, 10.0]]), np.array([[0.0, 0.0, 100.0]]), 0.95, units=10_000
    )
    assert low_t >= 0
    assert np.isfinite(high_t)
