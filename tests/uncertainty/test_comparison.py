"""Comparing QR codes per scan: drawn tables, laws, and Holm against its published rule."""

from decimal import Decimal
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution.reports import code_comparison as module
from attribution.reports.code_comparison import code_comparison
from attribution.schemas.code_comparison import CodeComparison
from attribution.uncertainty.per_scan import difference
from attribution.uncertainty.significance import holm, share_above, two_sided
from tests.stages.drawn import assert_drawn
from tests.uncertainty.drawn import conversions, credits_of, random_world, sessions

Tables = tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]


def compared(tables: Tables, model: str = "last", seed: int = 3, replicates: int = 400) -> pl.DataFrame:
    has_scans = tables[2].select((pl.col("scanned_at_source") == "scan_export").any()).collect().item()
    drawn: Any = {"seed": seed, "replicates": replicates, "has_scans": has_scans}
    found = code_comparison(*tables, model=model, currency="USD", **drawn).collect()
    CodeComparison.checked(found.lazy()).collect()
    return found


def shop(**codes: tuple[int, int, int]) -> Tables:
    """One scan a person; of each code so many scans, of which so many bring so much."""
    scans, credited, tied = [], [], []
    for code, (people, buyers, amount) in codes.items():
        scans += [f"s{code}{n} | p{code}{n} | {code}" for n in range(people)]
        credited += [f"{code}{n} | {code} | {amount + n % 3}" for n in range(buyers)]
        tied += [f"{code}{n} | p{code}{n}" for n in range(buyers)]
    return (
        credits_of("\n".join(["conversion_id | qr_code_id | amount_reporting", *credited])),
        conversions("\n".join(["conversion_id | person_id", *tied])),
        sessions("\n".join(["scan_session_id | person_id | qr_code_id", *scans])),
    )


def test_verdicts_say_more_less_cannot_say_and_too_few() -> None:
    found = compared(shop(good=(400, 90, 30), fair=(400, 40, 30), like=(400, 42, 29), tiny=(30, 3, 40)), model="m")
    assert_drawn(
        found,
        """
        versus | qr_code_id | other_qr_code_id | verdict    | rank | ranking_depends_on_model
        rest   | good       | -                | more       | 1    | no
        rest   | tiny       | -                | too_few    | 2    | no
        rest   | like       | -                | less       | 3    | no
        rest   | fair       | -                | less       | 4    | no
        code   | good       | tiny             | too_few    | 1    | no
        code   | good       | like             | more       | 1    | no
        code   | good       | fair             | more       | 1    | no
        code   | tiny       | like             | too_few    | 2    | no
        code   | tiny       | fair             | too_few    | 2    | no
        code   | like       | fair             | cannot_say | 3    | no
        """,
        in_order=True,
    )
    assert found.filter(verdict="too_few")["p_value_adjusted"].null_count() == 4
    assert (found["p_value_adjusted"].drop_nulls() >= found.filter(pl.col("verdict") != "too_few")["p_value"]).all()


def test_a_code_that_earns_less_than_the_rest_is_less() -> None:
    found = compared(shop(good=(400, 90, 30), bad=(400, 30, 30)), model="m")
    assert found.filter(versus="rest").select("qr_code_id", "verdict").rows() == [("good", "more"), ("bad", "less")]


def test_equal_codes_are_even() -> None:
    found = compared(shop(a=(300, 40, 30), b=(300, 40, 30)), model="m", replicates=4_000)
    assert found["probability_more"].to_list() == pytest.approx([0.5] * 3, abs=0.03)
    assert set(found["verdict"]) == {"cannot_say"}
    assert found["rank"].to_list() == [1, 1, 1]


def at_one_price(*codes: tuple[str, int, int, int]) -> Tables:
    """One scan a person; of each code the scans with a sale, those without, and the price of all sales."""
    credited, tied, scanned = [], [], []
    for code, sales, idle, price in codes:
        credited += [f"{code}{n} | {code} | {price}" for n in range(sales)]
        tied += [f"{code}{n} | p{code}{n}" for n in range(sales)]
        scanned += [f"s{code}{n} | p{code}{n} | {code}" for n in range(sales + idle)]
    return (
        credits_of("\n".join(["conversion_id | qr_code_id | amount_reporting", *credited])),
        conversions("\n".join(["conversion_id | person_id", *tied])),
        sessions("\n".join(["scan_session_id | person_id | qr_code_id", *scanned])),
    )


@pytest.mark.parametrize("idle", [(0, 0), (1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("sales", [20, 500])
def test_prices_that_never_overlap_are_told_apart(sales: int, idle: tuple[int, int]) -> None:
    found = compared(at_one_price(("a", sales, idle[0], 49), ("b", sales, idle[1], 19)), model="m")
    assert found["verdict"].to_list() == ["more", "less", "more"]
    assert found["p_value_adjusted"].max() < 1e-6  # type: ignore[operator]


def test_sums_beyond_whole_numbers_of_64_bits_are_ranked_by_what_they_are() -> None:
    found = compared(at_one_price(("a", 13, 0, 99_999_999_999_999), ("b", 12, 0, 19)), model="m")
    assert found.filter(versus="rest").select("qr_code_id", "rank").rows() == [("a", 1), ("b", 2)]


def test_of_two_codes_the_rest_is_the_other() -> None:
    found = compared(shop(a=(50, 15, 30), b=(80, 20, 25)), model="m")
    assert found["p_value"].to_list() == pytest.approx([found["p_value"][0]] * 3)
    assert 0.001 < found["p_value"][0] < 0.999


def test_one_sale_each_tells_no_prices_apart() -> None:
    found = compared(at_one_price(("a", 1, 0, 49), ("b", 1, 0, 19)), model="m")
    assert found["p_value"].min() > 0.2  # type: ignore[operator]
    assert set(found["verdict"]) == {"too_few"}


def test_the_same_price_of_everybody_is_no_difference() -> None:
    found = compared(at_one_price(("a", 20, 0, 49), ("b", 30, 0, 49)), model="m")
    assert found["p_value"].min() > 0.5  # type: ignore[operator]


def test_where_nearly_everybody_buys_alike_codes_are_seldom_told_apart() -> None:
    rng, worlds, replicates = np.random.default_rng(1), 400, 500
    more = np.concatenate([np.ones((2, 1)), rng.poisson(1, (2, replicates))], axis=1)

    def sums(people: int) -> np.ndarray:
        sold = rng.binomial(people, 0.97)
        sales, idle = (np.append(count, rng.poisson(count, replicates)) for count in (sold, people - sold))
        return np.stack([10 * sales, sales + idle, 100 * sales, 10 * sales, sales + idle]).astype(float)

    claims = 0
    for _ in range(worlds):
        found = difference(sums(40), sums(400), more)
        claims += two_sided(found.distance, found.distances) <= 0.05
    assert claims <= 0.08 * worlds


def test_the_place_is_looked_at_under_every_model() -> None:
    tables = (
        credits_of(
            """
            conversion_id | model | qr_code_id | amount_reporting
            1             | a     | q1         | 10
            1             | b     | q2         | 10
            2             | a     | q3         | 50
            2             | b     | q3         | 50
            """
        ),
        conversions("conversion_id | person_id\n1 | p1\n2 | p2"),
        sessions("scan_session_id | person_id | qr_code_id\ns1 | p1 | q1\ns2 | p1 | q2\ns3 | p2 | q3"),
    )
    places = "qr_code_id | revenue_per_scan | rank | rank_min | rank_max | ranking_depends_on_model"
    assert_drawn(
        compared(tables, model="a").filter(versus="rest"),
        f"{places}\nq3 | 50 | 1 | 1 | 1 | no\nq1 | 10 | 2 | 2 | 3 | yes\nq2 | 0 | 3 | 2 | 3 | yes",
    )


def test_revenue_per_scan_is_exact() -> None:
    scanned = "\n".join(f"s{n} | p{n} | {'q' if n < 8 else 'r'}" for n in range(11))
    tables = (
        credits_of("conversion_id | qr_code_id | amount_reporting\n1 | q | 0.17\n2 | r | 0.10"),
        conversions("conversion_id | person_id\n1 | p1\n2 | p9"),
        sessions(f"scan_session_id | person_id | qr_code_id\n{scanned}"),
    )
    found = compared(tables, model="m").filter(versus="rest", qr_code_id="q")
    assert found.select("revenue_per_scan", "other_revenue_per_scan").row(0) == (Decimal("0.0212"), Decimal("0.0333"))


def test_without_a_scan_export_it_is_per_session_with_an_event() -> None:
    credited, tied, scanned = shop(a=(20, 5, 30), b=(20, 5, 10))
    unscanned = scanned.with_columns(scanned_at_source=pl.lit("first_event"))
    half = unscanned.with_columns(event_count=pl.int_range(pl.len()) % 2)
    found = compared((credited, tied, half), model="m")
    assert set(found["per"]) == {"scan_session"}
    assert found["revenue_per_scan"].max() == Decimal("15.4")


def test_many_codes_are_compared_with_the_rest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CODES_IN_PAIRS", 2)
    assert set(compared(random_world(1)[:3])["versus"]) == {"rest"}


def test_one_code_or_none_has_nothing_beside_it() -> None:
    assert compared(shop(a=(20, 5, 30)), model="m").height == 0
    assert compared(shop(), model="m").height == 0


def test_row_order_changes_nothing_and_a_seed_gives_the_same() -> None:
    tables = random_world(5)[:3]
    mixed = tuple(table.collect().sample(fraction=1, shuffle=True, seed=1).lazy() for table in tables)
    assert_frame_equal(compared(tables), compared(mixed))  # type: ignore[arg-type]
    assert not compared(tables).equals(compared(tables, seed=4))


def test_renaming_codes_renames_rows() -> None:
    names = {"q0": "z", "q1": "q3", "q2": "a", "q3": "q0"}
    tables = random_world(6)[:3]
    named = pl.col("qr_code_id").replace(names)
    renamed = tuple(t.with_columns(named) if "qr_code_id" in t.collect_schema() else t for t in tables)
    both = pl.col("qr_code_id", "other_qr_code_id").replace(names)
    key = ["versus", "qr_code_id", "other_qr_code_id"]
    expected = compared(tables).with_columns(both).sort(key)
    assert_frame_equal(compared(renamed).sort(key), expected, check_exact=False, abs_tol=1e-9)  # type: ignore[arg-type]


def test_the_probability_is_that_of_a_plain_bootstrap() -> None:
    credited, tied, scanned = shop(a=(50, 15, 30), b=(80, 20, 25))
    share = compared((credited, tied, scanned), model="m", replicates=20_000).filter(versus="code")["probability_more"][
        0
    ]
    rng = np.random.default_rng(0)
    code = np.repeat([0, 1], [50, 80])
    money = np.concatenate([30 + np.arange(15) % 3, np.zeros(35), 25 + np.arange(20) % 3, np.zeros(60)])
    drawn = rng.integers(0, 130, (20_000, 130))
    earned = [np.where(code[drawn] == c, money[drawn], 0).sum(axis=1) / (code[drawn] == c).sum(axis=1) for c in (0, 1)]
    assert share == pytest.approx((earned[0] > earned[1]).mean(), abs=0.015)


def test_very_many_people_are_drawn_in_random_groups_and_judged_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = shop(good=(2_000, 500, 30), fair=(2_000, 400, 30), like=(2_000, 410, 29), tiny=(30, 3, 40))
    single = compared(tables, model="m", replicates=2_000)
    monkeypatch.setattr(module, "GROUPS", 600)
    grouped = compared(tables, model="m", replicates=2_000)
    chance = ["probability_more", "p_value", "p_value_adjusted"]
    assert_frame_equal(grouped.drop(chance), single.drop(chance))
    assert not grouped.equals(single)
    for name in chance:
        assert np.allclose(grouped[name].fill_null(0), single[name].fill_null(0), atol=0.06), name
    assert {*grouped["verdict"]} == {"more", "less", "cannot_say", "too_few"}
    shuffled = tuple(table.collect().sample(fraction=1, shuffle=True, seed=1).lazy() for table in tables)
    assert_frame_equal(compared(shuffled, model="m", replicates=2_000), grouped)  # type: ignore[arg-type]


def test_holm_multiplies_by_how_many_are_left_and_never_falls() -> None:
    found = holm(np.array([0.01, 0.04, 0.03, 0.005]))  # R: p.adjust(c(.01, .04, .03, .005), "holm")
    assert found == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.6, 0.7])) == pytest.approx([1, 1])
    assert holm(np.array([])).shape == (0,)


def test_ties_count_half_and_so_does_what_cannot_be_computed() -> None:
    assert share_above(np.array([1.0, -1.0, 0.0, np.nan])) == 0.5
    assert share_above(np.array([1.0, 2.0])) == 1


def test_a_tail_is_counted_and_goes_on_where_it_cannot_be() -> None:
    distances = np.array([NormalDist().inv_cdf((n + 0.5) / 20_000) for n in range(20_000)])
    for distance, expected in ((0.0, 1.0), (1.96, 0.05), (-1.96, 0.05), (3.89, 0.0001), (5.0, 5.7e-7)):
        assert two_sided(distance, distances) == pytest.approx(expected, rel=0.35)
    assert two_sided(9.0, np.array([0.0, np.nan])) == 1
