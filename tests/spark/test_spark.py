"""The flow on a real Spark: the same bytes as on one machine, whatever the buckets and whatever fails on the way."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution.engines import local
from attribution.engines.run import run
from attribution.engines.spark.cluster import Cluster
from attribution.engines.spark.costs import Costs
from attribution.engines.spark.failures import ClusterError
from attribution.engines.spark.places import write_delta
from attribution.engines.spark.session import opened
from attribution.engines.spark.stages import run_stage
from attribution.engines.store import Store
from attribution.errors import UsageError
from attribution.flow import STAGES
from attribution.settings import Settings, Spark
from attribution.simulate import Defects, Truth, World, simulate
from tests.conftest import QUICK, ROOT
from tests.refusing import Command
from tests.spark.failing import fails_once

RETRYING = Spark(master="local[2,3]", options={"spark.ui.enabled": "false", "spark.driver.memory": "1g"})
BIG = ("events", "duplicates", "scan_sessions", "web_sessions", "conversions", "touches", "credits")
pytestmark = pytest.mark.filterwarnings("default")  # PySpark's own


@pytest.fixture(scope="module", autouse=True)
def started() -> Iterator[None]:
    """One Spark for all tests: the first session that is opened stays."""
    from pyspark.sql import SparkSession

    os.environ["PYTHONPATH"] = str(ROOT)
    with opened(RETRYING) as session:
        SparkSession.builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield
    os.environ.pop("PYTHONPATH")


def on_spark(**chosen: object) -> Settings:
    return QUICK.model_copy(update={"engine": "spark", "spark": RETRYING.model_copy(update=chosen)})


def written(out: Path) -> dict[str, bytes]:
    """Every table and report, and the ledger, by path."""
    files = [
        path
        for folder in ("tables", "reports")
        for path in (out / folder).rglob("*")
        if path.suffix in {".parquet", ".csv"}
    ]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in [*files, out / "ledger.json"]}


def test_the_same_bytes_as_on_one_machine(world: tuple[Path, Truth], results: Path, tmp_path: Path) -> None:
    ledger = run(world[0], tmp_path, on_spark(buckets=3))
    assert ledger["balanced"]
    assert written(tmp_path) == written(results)


def test_the_sample_gives_the_same_bytes(tmp_path: Path) -> None:
    local.run(ROOT / "data" / "raw", tmp_path / "local", QUICK)
    run(ROOT / "data" / "raw", tmp_path / "spark", on_spark(buckets=7))
    assert written(tmp_path / "local") == written(tmp_path / "spark")


def test_payloads_and_one_heavy_visitor_in_folders_of_files(tmp_path: Path) -> None:
    world = World(seed=5, events=4_000, skew=0.9, heavy_visitor_events=500, defects=Defects.all(0.05))
    simulate(tmp_path / "raw", world, shape="raw", format="ndjson")
    local.run(tmp_path / "raw", tmp_path / "local", QUICK)
    for count in (1, 5):
        run(tmp_path / "raw", tmp_path / "spark", on_spark(buckets=count, rows_per_file=100))
        for name in BIG:
            one, other = (Store(tmp_path / engine) for engine in ("local", "spark"))
            assert other.table(name).is_dir() == (one.scan(name).collect().height > 100), name
            assert_frame_equal(one.scan(name).collect(), other.scan(name).collect(), check_row_order=False)
        assert (tmp_path / "local" / "ledger.json").read_bytes() == (tmp_path / "spark" / "ledger.json").read_bytes()
    local.run(tmp_path / "raw", tmp_path / "spark", QUICK)
    assert written(tmp_path / "local") == written(tmp_path / "spark")


def test_files_come_from_and_go_to_where_spark_reaches(
    world: tuple[Path, Truth], results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attribution.engines.spark.places.DELTA", "parquet")
    away = tmp_path / "away"
    elsewhere = {"input": world[0].as_uri(), "output": away.as_uri(), "delta": (tmp_path / "lake").as_uri()}
    for _ in range(2):
        run(tmp_path / "raw", tmp_path / "out", on_spark(**elsewhere))
    assert written(away) == written(results) == written(tmp_path / "out")
    in_lake = pl.scan_parquet(tmp_path / "lake" / "conversions" / "*.parquet").collect().sort("conversion_id")
    made = pl.read_parquet(results / "tables" / "conversions.parquet")
    assert_frame_equal(in_lake, made.sort("conversion_id"), check_dtypes=False)
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "out", "away", "lake"}


def test_files_of_the_user_are_not_replaced_by_fetched_ones(world: tuple[Path, Truth], tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "mine.csv").write_text("a,b\n")
    with pytest.raises(UsageError, match="holds files that are not from"):
        run(tmp_path / "raw", tmp_path / "out", on_spark(input=world[0].as_uri()))
    assert (tmp_path / "raw" / "mine.csv").exists()


def test_without_delta_lake_the_message_says_what_to_do(results: Path, tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    with pytest.raises(UsageError, match="Give Spark the package of Delta Lake"):
        write_delta(session, Store(results), (tmp_path / "lake").as_uri())


def test_a_task_that_is_tried_again_counts_once(tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    cluster = Cluster(session, ())
    assert cluster.each(fails_once, [tmp_path / str(number) for number in range(3)]) == [2, 2, 2]


def test_what_an_executor_never_can_do_is_told_in_a_sentence(tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    with pytest.raises(ClusterError, match=r"^ingest: .* for IsADirectoryError\.$"):
        Cluster(session, ()).each(fails_once, [tmp_path], stage="ingest")


def test_executors_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    monkeypatch.setattr("attribution.engines.spark.cluster.versions", lambda: (("attribution", "x"), ("polars", "0.1")))
    with pytest.raises(
        UsageError, match=r"the executors have attribution [\d.]+ instead of x, polars [\d.]+ instead of 0.1"
    ):
        Cluster(session, ()).each(len, ["a"])


def test_a_spark_that_only_parts_by_hash_gives_the_same(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    monkeypatch.delattr(type(session.range(1)), "repartitionById")
    monkeypatch.delattr("pyspark.sql.DataFrame.repartitionById")
    store = Store(tmp_path)
    store.write_table("events", Store(results).scan("events"))
    run_stage(Cluster(session, ()), Costs(), STAGES[0], store, on_spark(buckets=5))
    made, expected = (one.table("duplicates").read_bytes() for one in (store, Store(results)))
    assert made == expected


def test_the_session_of_another_thread_is_used_and_left_running() -> None:
    from pyspark.sql import SparkSession

    def count() -> int:
        with opened(Spark(master="session")) as session:
            return session.range(5).count()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(count).result() == 5
    there = SparkSession.getActiveSession()
    assert there is not None
    assert there.range(3).count() == 3


def test_the_command_says_nothing_that_was_not_asked_for(
    command: Command, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    shutil.copytree(results / "tables", tmp_path / "out" / "tables")
    (tmp_path / "out" / "tables" / "duplicates.parquet").unlink()
    said = command("run", "deduplicate", "--out", tmp_path / "out", "--engine", "spark", "--quiet")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    made, expected = (out / "tables" / "duplicates.parquet" for out in (tmp_path / "out", results))
    assert made.read_bytes() == expected.read_bytes()
    assert not list(tmp_path.glob("attribution-spark-*"))


def test_a_world_without_a_conversion(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = ["event_id,site_id,source,event_type,scan_session_id,event_time"]
    rows += [f"e{number},one,browser,page_view,s{number % 3},2026-05-01T10:0{number}:00Z" for number in range(9)]
    (raw / "events.csv").write_text("\n".join(rows) + "\n")
    local.run(raw, tmp_path / "local", QUICK)
    run(raw, tmp_path / "spark", on_spark())
    assert written(tmp_path / "local") == written(tmp_path / "spark")
    assert pl.read_parquet(tmp_path / "spark" / "tables" / "credits.parquet").is_empty()
