"""Comparing campaigns per scan: a campaign's QR codes are one, by the rule that compares QR codes."""

from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from attribution.reports.campaign_comparison import campaign_comparison
from attribution.reports.code_comparison import code_comparison
from attribution.schemas.campaign_comparison import CampaignComparison
from tests.stages.drawn import assert_drawn
from tests.uncertainty.drawn import codes, random_world

DRAWN: Any = {"model": "last", "currency": "USD", "seed": 3, "has_scans": True, "replicates": 400}
CODES = ("q0", "q1", "q2", "q3")


def compared(world: tuple[pl.LazyFrame, ...], listed: str) -> pl.DataFrame:
    """The comparison where the QR codes are of these campaigns."""
    found = campaign_comparison(*world[:3], codes("qr_code_id | campaign\n" + listed), **DRAWN).collect()
    CampaignComparison.checked(found.lazy()).collect()
    return found


def of_codes(world: tuple[pl.LazyFrame, ...], **campaign: str) -> pl.DataFrame:
    """The comparison of QR codes, where each is replaced; one that is not named is dropped."""
    named = pl.col("qr_code_id").replace_strict(campaign, default=None, return_dtype=pl.String)
    credited, bought, scanned = world[:3]
    replaced = [table.with_columns(qr_code_id=named).drop_nulls("qr_code_id") for table in (credited, scanned)]
    return code_comparison(replaced[0], bought, replaced[1], **DRAWN).collect()


def test_a_campaigns_codes_are_one_and_codes_of_no_campaign_are_none() -> None:
    world = random_world(7)
    assert {*world[2].collect()["qr_code_id"].drop_nulls()} == {*CODES}
    found = compared(world, "q0 | spring\nq1 | spring\nq2 | autumn\nq3 | -")
    expected = of_codes(world, q0="spring", q1="spring", q2="autumn")
    assert found.height == expected.height == 3
    measures = [name for name in expected.columns if name not in {"versus", "qr_code_id", "other_qr_code_id"}]
    assert_frame_equal(found.select(measures), expected.select(measures))
    first = found["campaign"][0]
    other = {"spring": "autumn", "autumn": "spring"}[first]
    assert_drawn(
        found,
        f"""
        versus   | campaign | other_campaign
        rest     | {first}  | -
        rest     | {other}  | -
        campaign | {first}  | {other}
        """,
        in_order=True,
    )


def test_a_campaign_without_scans_has_no_row_and_one_alone_has_nothing_beside_it() -> None:
    world = random_world(7)
    assert compared(world, "q0 | spring\nunseen | autumn").is_empty()
    assert compared(world, "q0 | -").is_empty()
