"""Revenue per campaign: the rule of revenue per QR code, with a campaign's codes read as one."""

from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution.costs import cost_items_per_campaign, cost_items_per_qr, cost_per, priced_spend
from attribution.money import TOTAL
from attribution.payback import costs_paid_back
from attribution.reports.compared import COMPARED
from attribution.reports.period_change import with_change
from attribution.reports.revenue_per_campaign import revenue_per_campaign
from attribution.reports.revenue_per_qr import revenue_per_qr
from attribution.schemas.revenue_per_campaign import RevenuePerCampaign
from attribution.settings import Settings
from tests.stages.drawn import assert_drawn, events, fx, qr_codes, ran, scans, spend

EVENTS = """
    event_id | source  | event_name | visitor_id | scan_session_id | order_id | amount | currency | occurred_at
    b1       | browser | -          | v1         | s1              | -        | -      | -        | 10:00
    b2       | browser | -          | v1         | s2              | -        | -      | -        | 10:00
    b3       | browser | -          | v2         | s3              | -        | -      | -        | 10:00
    b9       | browser | -          | v9         | s9              | -        | -      | -        | 10:00
    a1       | server  | purchase   | -          | s1              | o1       | 10.10  | USD      | 10:05
    a2       | server  | purchase   | -          | s2              | -        | 5      | USD      | 10:06
    r1       | server  | refund     | -          | s1              | o1       | -4     | USD      | 11:00
    a3       | server  | purchase   | -          | s3              | -        | 7      | USD      | 10:05
    a5       | server  | purchase   | -          | s9              | -        | 20     | USD      | 10:05
    a6       | server  | purchase   | -          | unseen          | -        | 30     | USD      | 10:05
    a7       | server  | purchase   | -          | s3              | -        | 40     | USD      | +70d
"""
SCANS = "scan_session_id | qr_code_id\ns1 | q1\ns2 | q2\ns3 | q3\ns4 | q2\ns5 | -"
CODES = (
    "qr_code_id | campaign | cost | currency\nq1 | shop | 3 | USD\nq2 | shop | - | -\nq3 | - | 2 | -\nq4 | idle | - | -"
)
SPENT = "qr_code_id | campaign | amount\n- | shop | 4\nq2 | idle | 1\n- | posters | 9"


def tables(spent: str = SPENT, scanned: str = SCANS, codes: str = CODES) -> dict[str, pl.LazyFrame]:
    given = {"events": events(EVENTS), "scans": scans(scanned), "qr_codes": qr_codes(codes), "spend": spend(spent)}
    made = {name: table.lazy() for name, table in ran("report", Settings(), **given).items()}
    return made | {"priced": priced_spend(made["spend"], made["qr_codes"], fx(), "USD")}


def campaigns(made: dict[str, pl.LazyFrame], *, has_scans: bool = True) -> pl.DataFrame:
    names = ("scan_sessions", "scans", "qr_codes", "conversions", "credits", "priced")
    none = pl.LazyFrame(schema={"campaign": pl.String, "date": pl.Date, "revenue": TOTAL})
    costs = costs_paid_back(cost_items_per_campaign(made["priced"], made["qr_codes"]), none)
    found = revenue_per_campaign(
        *(made[name] for name in names), costs, model="scan_session", currency="USD", has_scans=has_scans
    ).collect()
    return RevenuePerCampaign.checked(found.lazy()).collect()


def test_a_campaign_is_its_codes_read_as_one_and_the_buckets_come_last() -> None:
    assert_drawn(
        campaigns(tables()),
        """
        campaign | qr_codes | scans | scan_sessions | people | converting_sessions | conversions | revenue | cost | roas
        shop     | 2        | 3     | 2             | 1      | 2                   | 2           | 11.10   | 8    | 1.3875
        idle     | 1        | 0     | 0             | 0      | 0                   | 0           | 0       | -    | -
        posters  | 0        | 0     | 0             | 0      | 0                   | 0           | 0       | 9    | 0
        -        | 1        | 1     | 1             | 1      | 1                   | 1           | 7       | 2    | 3.5
        unlinked | 0        | 1     | 2             | 2      | 1                   | 2           | 50      | -    | -
        """,
        in_order=True,
    )


def test_ratios_are_of_the_campaigns_sums() -> None:
    row = campaigns(tables()).row(0, named=True)
    assert row["roi"] == pytest.approx(11.10 / 8 - 1)
    assert (row["cost_per_conversion"], row["cost_per_scan"], row["revenue_per_scan"]) == (
        Decimal(4),
        Decimal("2.6667"),
        Decimal("3.7"),
    )


def test_all_campaigns_together_are_all_codes_together() -> None:
    made = tables()
    items = cost_items_per_qr(made["priced"], made["qr_codes"], made["scans"], allocate="none", currency="USD")
    costs = cost_per("qr_code_id", items).with_columns(payback_day=pl.lit(None, pl.Date))
    names = ("scan_sessions", "scans", "qr_codes", "conversions", "credits")
    per_code = revenue_per_qr(
        *(made[name] for name in names), costs, model="scan_session", currency="USD", has_scans=True
    ).collect()
    sums = pl.col("revenue", "conversions", "scans", "scan_sessions", "converting_sessions").sum()
    assert_frame_equal(campaigns(made).select(sums), per_code.select(sums))


def test_a_cost_without_a_rate_is_not_known_nor_are_its_ratios() -> None:
    found = campaigns(tables("campaign | amount | currency\nshop | 5 | CHF\nidle | 1 | -"))
    assert_drawn(
        found.select("campaign", "cost", "roi", "cost_per_scan").head(2),
        "campaign | cost | roi | cost_per_scan\nshop | - | - | -\nidle | 1 | -1 | -",
    )


def test_an_item_on_a_code_belongs_to_the_codes_campaign() -> None:
    made = tables("qr_code_id | campaign | amount\nq2 | idle | 1\nq9 | idle | 2\n- | idle | 4")
    found = cost_per("campaign", cost_items_per_campaign(made["priced"], made["qr_codes"])).collect()
    assert_drawn(found, "campaign | cost\nshop | 4\nidle | 4\n- | 4")


def test_no_campaign_is_taken_for_a_bucket() -> None:
    codes = "qr_code_id | campaign\nq1 | unlinked\nq2 | -\nq3 | ="
    found = campaigns(tables("qr_code_id", codes=codes))
    expected = """
        campaign | is_unlinked | revenue | qr_codes
        =        | no          | 7       | 1
        unlinked | no          | 6.10    | 1
        -        | no          | 5       | 1
        unlinked | yes         | 50      | 0
    """
    assert_drawn(found, expected, in_order=True)
    of = COMPARED["revenue_per_campaign"]
    changed = with_change(found, found, keys=of.keys, measures=of.measures)
    assert changed["revenue_previous"].to_list() == found["revenue"].to_list()


def test_without_a_scan_export_scans_are_not_known() -> None:
    found = campaigns(tables(scanned="scan_session_id"), has_scans=False)
    assert found.select("scans", "revenue_per_scan", "cost_per_scan").null_count().row(0) == (found.height,) * 3
