"""Laws that hold for every input: order, copies and splitting do not matter, and stripping never adds credit."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from attribution import flow, terms
from attribution.consent import STRIPPED
from attribution.engines import local
from attribution.schemas.conversions import Conversions
from attribution.schemas.credits import Credits
from attribution.schemas.duplicates import Duplicates
from attribution.schemas.identity_account import IdentityAccount
from attribution.schemas.joined_people import JoinedPeople
from attribution.schemas.scan_sessions import ScanSessions
from attribution.schemas.touches import Touches
from attribution.schemas.web_sessions import WebSessions
from attribution.settings import People, Settings
from attribution.simulate import Defects, World, simulate
from attribution.stage import Stage
from tests.conftest import QUICK
from tests.stages.drawn import staged
from tests.stages.random_worlds import worlds

Tables = dict[str, pl.LazyFrame]
TABLES = {
    "duplicates": Duplicates,
    "joined_people": JoinedPeople,
    "identity_account": IdentityAccount,
    "scan_sessions": ScanSessions,
    "web_sessions": WebSessions,
    "conversions": Conversions,
    "touches": Touches,
    "credits": Credits,
}
SETTINGS = Settings(people=People(join="identifiers"))
STAGES = [stage for stage in flow.STAGES if {*stage.writes} & {*TABLES}]
FEW = settings(max_examples=15, derandomize=True)
BUCKETS = 3


def run(tables: Mapping[str, pl.LazyFrame]) -> Tables:
    found = dict(tables)
    for stage in STAGES:
        found |= staged(stage, found, SETTINGS)
    return found


def assert_same(one: Tables, other: Tables, names: tuple[str, ...] = tuple(TABLES)) -> None:
    for name in names:
        assert_frame_equal(one[name].collect(), other[name].collect(), check_row_order=False)


@given(worlds())
@FEW
def test_every_value_keeps_the_contract(world: Tables) -> None:
    found = run(world)
    for name, contract in TABLES.items():
        contract.checked(found[name]).collect()
    sessions = found["web_sessions"].select("web_session_id", "scan_session_id").collect()
    assert sessions.is_unique().all()
    assert found["duplicates"].collect()["row_id"].is_unique().all()


@given(worlds(), st.integers(0, 9))
@FEW
def test_the_order_of_rows_does_not_matter(world: Tables, seed: int) -> None:
    shuffled = {name: rows.collect().sample(fraction=1, shuffle=True, seed=seed).lazy() for name, rows in world.items()}
    assert_same(run(world), run(shuffled))


@given(worlds())
@FEW
def test_the_same_rows_given_twice_change_nothing_after_deduplicate(world: Tables) -> None:
    rows = world["events"].collect()
    again = rows.with_columns(row_id=pl.col("row_id") + 1000)
    twice = world | {"events": pl.concat([again, rows]).lazy()}
    once, found = run(world), run(twice)
    assert_same(once, found, ("scan_sessions", "web_sessions", "conversions"))
    assert found["duplicates"].collect().height == once["duplicates"].collect().height + rows.height


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage.split_by], ids=lambda stage: stage.name)
@given(world=worlds())
@FEW
def test_splitting_by_the_key_changes_nothing(stage: Stage, world: Tables) -> None:
    whole = run(world)
    lookups = stage.lookups(whole, SETTINGS) if stage.lookups else {}
    parts = [stage.run({**part, **lookups}, SETTINGS) for part in split(whole, stage)]
    joined = {name: pl.concat([part[name].collect() for part in parts]).lazy() for name in stage.writes}
    assert_same(whole, joined, stage.writes)


def split(tables: Tables, stage: Stage) -> list[Tables]:
    """The stage's tables in buckets by its key; tables without the key go whole to every bucket."""
    read = {name: tables[name] for name in stage.reads}
    return [{name: _part(rows, stage.split_by, number) for name, rows in read.items()} for number in range(BUCKETS)]


def _part(rows: pl.LazyFrame, key: tuple[str, ...], number: int) -> pl.LazyFrame:
    if not {*key} <= {*rows.collect_schema().names()}:
        return rows
    return rows.filter(pl.struct(key).hash(seed=3) % BUCKETS == number)


@given(worlds(), st.integers(0, 2**30))
@FEW
def test_stripping_consent_never_adds_credit(world: Tables, chosen: int) -> None:
    once = world["events"].filter(~pl.col("is_duplicate")).unique(["source", "site_id", "event_id"], keep="first")
    stripped = once.with_columns(_withheld(chosen))
    before, after = run(world | {"events": once}), run(world | {"events": stripped})
    people = [
        found["scan_sessions"].select(pl.col("person_id").n_unique()).collect().item() for found in (before, after)
    ]
    assert people[0] <= people[1]
    same = ("conversion_id", "scan_session_id", "web_session_id", "qr_code_id", "amount_reporting", "tie")
    bought = [
        found["conversions"].filter(~pl.col("is_refund")).select(*same, "unattributed_reason").collect()
        for found in (before, after)
    ]
    assert_frame_equal(bought[0], bought[1], check_row_order=False)


def _withheld(chosen: int) -> list[pl.Expr]:
    """Every row whose bit is set in `chosen` loses its consent, and what goes with it."""
    is_chosen = (pl.lit(chosen, pl.Int64) // pl.lit(2, pl.Int64).pow(pl.col("row_id") % 30)) % 2 == 1
    return [
        pl.when(is_chosen).then(pl.lit(terms.DENIED)).otherwise("consent").alias("consent"),
        *(pl.when(~is_chosen).then(name).alias(name) for name in (*STRIPPED, "order_id")),
    ]


@pytest.mark.parametrize(
    ("seed", "shape", "file_format"), [(1, "stored", "csv"), (2, "stored", "json"), (3, "raw", "ndjson")]
)
def test_the_ledger_of_a_world_full_of_defects_balances(
    tmp_path: Path, seed: int, shape: str, file_format: str
) -> None:
    world = World(seed=seed, events=500, days=70, conversion_rate=0.4, sites=2, defects=Defects.all(0.1))
    simulate(tmp_path / "raw", world, shape=shape, format=file_format)  # type: ignore[arg-type]
    ledger = local.run(tmp_path / "raw", tmp_path / "out", QUICK)
    assert ledger["balanced"], [check for check in ledger["checks"] if not check["holds"]]
    assert ledger["rows"]["duplicates"] > 0
    assert ledger["revenue"]
