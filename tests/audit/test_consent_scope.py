"""What a withheld consent covers: its own event, or its whole scan session; and what a session's consent is."""

from pathlib import Path

import polars as pl
import pytest

from attribution.consent import by_scan_session
from attribution.engines import local
from attribution.schemas.events import Events
from attribution.settings import Consent, Settings
from attribution.simulate import Truth
from tests.conftest import QUICK
from tests.stages.drawn import assert_drawn, events, ran

ROWS = """
    scan_session_id | consent     | consent_sent | city | page_url | order_id
    s1              | granted     | granted      | Ulm  | u        | o1
    s1              | denied      | denied       | -    | -        | -
    s1              | pending     | pending      | -    | -        | -
    s2              | pending     | pending      | -    | -        | -
    s2              | unspecified | unspecified  | Bonn | v        | -
    s3              | granted     | granted      | Kiel | w        | o3
    -               | denied      | denied       | -    | -        | -
    -               | granted     | granted      | Rom  | x        | o4
"""


def test_one_denied_row_makes_its_scan_session_denied_and_each_row_keeps_its_own_word() -> None:
    rows = events(ROWS)
    withheld = rows.filter(pl.col("consent").is_in(["denied", "pending"])).select("scan_session_id", "consent")
    found = Events.checked(by_scan_session(rows, withheld)).collect()
    assert_drawn(
        found,
        """
        scan_session_id | consent     | consent_sent | city | page_url | order_id
        s1              | denied      | granted      | -    | -        | -
        s1              | denied      | denied       | -    | -        | -
        s1              | denied      | pending      | -    | -        | -
        s2              | pending     | pending      | -    | -        | -
        s2              | pending     | unspecified  | -    | -        | -
        s3              | granted     | granted      | Kiel | w        | o3
        -               | denied      | denied       | -    | -        | -
        -               | granted     | granted      | Rom  | x        | o4
        """,
    )


@pytest.mark.parametrize(
    ("words", "consent", "changed"),
    [
        (("granted", "denied"), "denied", True),
        (("pending", "denied"), "denied", True),
        (("granted", "pending"), "pending", True),
        (("granted", "unspecified"), "granted", False),
        (("unspecified", "unspecified"), "unspecified", False),
        (("denied", "denied"), "denied", False),
    ],
)
def test_a_sessions_consent_is_the_strictest_word_that_was_said(
    words: tuple[str, str], consent: str, changed: bool
) -> None:
    drawing = "scan_session_id | consent | consent_sent\n" + "\n".join(f"s1 | {word} | {word}" for word in words)
    found = ran("conversions", events=events(drawing))["scan_sessions"]
    assert found.select("consent", "has_consent_change").row(0) == (consent, changed)


def test_a_run_under_the_scan_sessions_consent_holds_nothing_of_such_a_session(
    world: tuple[Path, Truth], results: Path, tmp_path: Path
) -> None:
    settings = Settings(report=QUICK.report, consent=Consent(scope="scan_session"))
    local.run(world[0], tmp_path, settings)
    alone, together = (pl.read_parquet(out / "tables" / "events.parquet").sort("row_id") for out in (results, tmp_path))
    withheld = alone.filter(pl.col("consent").is_in(["denied", "pending"]))["scan_session_id"].drop_nulls().unique()
    within = together.filter(pl.col("scan_session_id").is_in(withheld.implode()))
    assert within.height > alone.filter(pl.col("consent").is_in(["denied", "pending"])).height
    assert set(within["consent"]) == {"denied", "pending"}
    assert (
        within.select("page_url", "referrer", "city", "metadata", "properties", "order_id").null_count().row(0)
        == (within.height,) * 6
    )
    assert together["consent_sent"].equals(alone["consent"])
    outside = ~pl.col("scan_session_id").is_in(withheld.implode()).fill_null(value=False)
    assert together.filter(outside).equals(alone.filter(outside))
    assert not list(tmp_path.rglob("*passing*"))
