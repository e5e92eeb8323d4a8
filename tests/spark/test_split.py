"""Laws of the Spark engine that need no Spark: the tables are the same, whatever the buckets, their order and repeats."""

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from attribution import flow
from attribution.engines.needs import needs
from attribution.engines.spark import buckets as spark_buckets
from attribution.engines.spark.costs import Costs
from attribution.engines.spark.ingest import ingest
from attribution.engines.spark.publish import TASKS
from attribution.engines.spark.stages import number_of_buckets, run_stage
from attribution.engines.store import Store
from attribution.settings import Consent, Settings, Spark
from attribution.simulate import Truth
from attribution.stage import Stage
from tests.conftest import QUICK
from tests.spark.in_process import InProcess
from tests.stages.random_worlds import worlds
from tests.stages.test_laws import FEW, SETTINGS, STAGES, Tables, assert_same, run


def on_buckets(count: int, per_file: int) -> Settings:
    return SETTINGS.model_copy(update={"spark": Spark(buckets=count, rows_per_file=per_file)})


@given(worlds(), st.integers(1, 5), st.integers(0, 99), st.sampled_from([0, 10**6]), st.sampled_from([4, 10**6]))
@FEW
def test_buckets_change_nothing(world: Tables, count: int, seed: int, per_file: int, stretch: int) -> None:
    whole = run(world)
    settings = on_buckets(count, per_file)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("attribution.engines.spark.stages.STRETCH", stretch)
        store = Store(Path(folder))
        for name, rows in world.items():
            store.write_table(name, rows)
        for stage in STAGES:
            run_stage(InProcess(seed), Costs(), stage, store, settings)  # type: ignore[arg-type]
        made = {name: store.scan(name).collect().lazy() for stage in STAGES for name in stage.writes}
        assert not (store.out / "tables" / TASKS).exists()
    assert_same(whole, made)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage.split_by], ids=lambda stage: stage.name)
@given(world=worlds())
@FEW
def test_what_a_stage_does_not_ask_for_does_not_matter(stage: Stage, world: Tables) -> None:
    whole = run(world)
    tables = {name: whole[name] for name in stage.reads}
    lookups = stage.lookups(tables, SETTINGS) if stage.lookups else {}
    lookups = {name: rows.collect().lazy() for name, rows in lookups.items()}
    schemas = {name: rows.collect_schema() for name, rows in tables.items()}
    asked = needs(stage, schemas, lookups, SETTINGS)
    less = {}
    for name, rows in tables.items():
        need = asked.of.get(name)
        seen = rows.head(0) if need is None else rows if need.only is None else rows.filter(need.only)
        hidden = [column for column in schemas[name] if need is None or column not in need.columns]
        less[name] = seen.with_columns(pl.lit(None, schemas[name][column]).alias(column) for column in hidden)
    assert_same(whole, dict(stage.run({**less, **lookups}, SETTINGS)), stage.writes)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage.keys], ids=lambda stage: stage.name)
@given(world=worlds())
@FEW
def test_rows_whose_key_does_not_matter_may_be_left_out(stage: Stage, world: Tables) -> None:
    whole = run(world)
    assert stage.keys is not None
    keys = stage.keys({name: whole[name] for name in stage.reads})
    less = {name: whole[name].join(keys, on=stage.split_by, how="semi", nulls_equal=True) for name in stage.reads}
    assert_same(whole, dict(stage.run(less, SETTINGS)), stage.writes)


def test_deduplicate_is_sent_few_rows_whole(results: Path, tmp_path: Path) -> None:
    store, costs = Store(tmp_path), Costs()
    events = Store(results).scan("events")
    store.write_table("events", events)
    run_stage(InProcess(0), costs, STAGES[0], store, QUICK)  # type: ignore[arg-type]
    assert_frame_equal(store.scan("duplicates").collect(), Store(results).scan("duplicates").collect())
    repeated = (
        events.filter(
            pl.len().over("event_key") > 1,
        )
        .select(pl.len())
        .collect()
        .item()
    )
    rows = events.select(pl.len()).collect().item()
    assert rows < costs.stages[0].rows_shuffled < rows + 2 * repeated


def test_a_stage_is_not_sent_what_it_does_not_read(results: Path) -> None:
    stage = next(stage for stage in flow.STAGES if stage.name == "conversions")
    tables = Store(results).scan_all(stage.reads)
    assert stage.lookups is not None
    lookups = {name: rows.collect().lazy() for name, rows in stage.lookups(tables, QUICK).items()}
    asked = needs(stage, {name: rows.collect_schema() for name, rows in tables.items()}, lookups, QUICK)
    assert "page_url" not in asked.of["events"].columns
    assert asked.of["events"].only is not None
    assert 0 < tables["events"].filter(asked.of["events"].only).collect().height < 3_000


@pytest.mark.parametrize("per_file", [0, 10**6])
def test_ingest_writes_the_same_tables(
    world: tuple[Path, Truth], results: Path, tmp_path: Path, per_file: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attribution.engines.spark.ingest.PART_ROWS", 500)
    settings = QUICK.model_copy(update={"spark": Spark(rows_per_file=per_file)})
    store = Store(tmp_path)
    ingest(InProcess(0), Costs(), world[0], store, settings)  # type: ignore[arg-type]
    for name in flow.INGESTED:
        assert_frame_equal(store.scan(name).collect(), Store(results).scan(name).collect())
    assert store.table("events").is_dir() == (per_file == 0)


def test_consent_of_whole_scan_sessions_is_the_same(world: tuple[Path, Truth], tmp_path: Path) -> None:
    from attribution.engines.ingest_files import ingest_files

    settings = QUICK.model_copy(update={"consent": Consent(scope="scan_session")})
    one, other = Store(tmp_path / "local"), Store(tmp_path / "spark")
    ingest_files(world[0], one, settings)
    ingest(InProcess(0), Costs(), world[0], other, settings)  # type: ignore[arg-type]
    assert_frame_equal(one.scan("events").collect(), other.scan("events").collect(), check_row_order=False)


def test_a_bucket_is_kept_on_disk_beyond_a_few_megabytes(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("LARGE", 60_000), ("HELD", 2_000)):
        monkeypatch.setattr(spark_buckets, name, size)
    spool = spark_buckets._Spool(tmp_path / "events")
    events = pl.read_parquet(Store(results).table("events")).with_columns(pl.lit(0).alias(spark_buckets.BUCKET))
    sizes = [3_000, 2, 400, 1, 1_000]
    for start, size in zip([0, 3_000, 3_002, 3_402, 3_403], sizes, strict=True):
        for _, _, chunk in spark_buckets._chunks("events", events.slice(start, size)):
            assert spool.add(chunk) == size
    assert spool.files
    found = spool.rows().collect().sort("row_id")
    assert_frame_equal(found, events.drop(spark_buckets.BUCKET).head(sum(sizes)).sort("row_id"))


def test_buckets_are_as_many_as_the_rows_need() -> None:
    assert number_of_buckets(10, 4, Settings()) == 4
    assert number_of_buckets(10_500_000, 4, Settings()) == 11
    assert number_of_buckets(10_500_000, 4, Settings(spark=Spark(buckets=2))) == 2
