"""What a withheld consent covers: its own event, or its whole scan session; and what a session's consent is."""

from pathlib import Path

import polars as pl
import pytest

from attribution import audit, personal_data
from attribution.consent import by_scan_session, scans_by_events, strips_by_scan_session
from attribution.engines import local
from attribution.flow import STAGES
from attribution.narrowing import narrowed
from attribution.schemas.consent_strips import ConsentStrips
from attribution.schemas.events import Events
from attribution.schemas.sources import Sources
from attribution.settings import Consent, Settings
from attribution.simulate import Truth, World, simulate
from tests.conftest import QUICK
from tests.stages.drawn import assert_drawn, events, ran, scans

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


def test_what_a_sessions_consent_took_from_rows_that_keep_it_under_their_own_is_counted() -> None:
    rows = events(ROWS)
    withheld = rows.filter(pl.col("consent").is_in(["denied", "pending"])).select("scan_session_id", "consent")
    found = strips_by_scan_session(rows, withheld).filter(pl.col("rows") > 0).collect()
    assert_drawn(
        found,
        """
        consent | field    | rows
        denied  | city     | 1
        denied  | page_url | 1
        pending | city     | 1
        pending | page_url | 1
        """,
    )


def test_the_scan_exports_city_follows_the_consent_of_its_session_and_country_stays() -> None:
    drawn = scans("""
        scan_session_id | city | country_code
        s2              | Bonn | DE
        s1              | Ulm  | DE
        s3              | Kiel | DE
    """)
    withheld = pl.LazyFrame({"scan_session_id": ["s1", "s1", None], "consent": ["denied", "pending", "denied"]})
    assert_drawn(
        scans_by_events(drawn, withheld).collect(),
        "scan_session_id | city | country_code\ns2 | Bonn | DE\ns1 | - | DE\ns3 | Kiel | DE",
        in_order=True,
    )


def test_no_table_holds_the_city_of_a_session_without_consent_and_the_audit_would_see_it(results: Path) -> None:
    tables = {path.stem: pl.scan_parquet(path) for path in (results / "tables").glob("*.parquet")}
    silent = tables["events"].filter(pl.col("consent").is_in(["denied", "pending"])).select("scan_session_id").unique()
    for name in ("scans", "scan_sessions"):
        theirs = tables[name].join(silent, on="scan_session_id", how="semi").collect()
        assert theirs.height
        assert theirs["country_code"].count()
    scanned = tables["scans"].join(silent, on="scan_session_id", how="semi").collect()
    assert scanned["city"].count() == 0
    kept = tables["scans"].with_columns(city=pl.lit("Ulm"))
    told = audit.consent_audit(tables | {"scans": kept}, personal_data.still_found(tables["events"].head(0)).lazy())
    broken = told.filter(pl.col("holds").not_()).select("stage", "check", "field", "rows").collect().rows()
    assert broken == [("scans", "still_held", "city", scanned.height)]


@pytest.mark.parametrize(("regions", "found"), [(["US"], 0), (["US", "GB"], 1)])
def test_what_the_audit_looks_for_is_what_ingest_was_told_to(regions: list[str], found: int) -> None:
    made = ran("conversions", events=events('event_id | metadata\na | {"note":"Ring 020 7946 0018"}'))
    beside = {
        "sources": Sources.no_rows(),
        "ingest_findings": pl.DataFrame(schema=personal_data.FOUND),
        "consent_strips": ConsentStrips.no_rows(),
    }
    tables = {name: rows.lazy() for name, rows in (made | beside).items()}
    stage = next(stage for stage in STAGES if stage.name == "audit")
    settings = Settings.model_validate({"ingest": {"phone_regions": regions}})
    told = stage.run(tables, narrowed(settings, stage.settings))["consent_audit"].collect()
    left = told.filter(check="personal_data_left", field="metadata")
    assert left["rows"].to_list() == [found]


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


def test_under_the_scan_sessions_consent_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    simulate(tmp_path / "raw", World(seed=1, events=1_000), format="csv")
    settings = Settings(report=QUICK.report, consent=Consent(scope="scan_session"))
    made = []
    for _ in range(4):
        local.run(tmp_path / "raw", tmp_path / "out", settings, stages=("ingest",))
        made.append((tmp_path / "out" / "tables" / "events.parquet").read_bytes())
    assert {*made} == {made[0]}
