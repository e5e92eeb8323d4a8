"""Bucket by bucket: the same rows in the same order as from the whole tables, however many buckets there are."""

from pathlib import Path

import polars as pl
import pytest

from attribution import flow, slices
from attribution.conversions import NAMES, is_conversion
from attribution.engines.bucketed import number_of_buckets
from attribution.engines.local import collected_lookups, run
from attribution.engines.store import Store
from attribution.flow import SORTED_BY, STAGE_NAMES
from attribution.settings import Local, Settings
from attribution.simulate import World, simulate

STAGES = STAGE_NAMES[: STAGE_NAMES.index("report")]
KEYED = ("duplicates", "scan_sessions", "web_sessions", "conversions", "touches", "credits")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, World(seed=9, events=2000, skew=0.5, heavy_visitor_events=200))
    return folder


@pytest.fixture(scope="module")
def whole(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    out = tmp_path_factory.mktemp("whole")
    run(raw, out, Settings(), stages=STAGES)
    return Store(out)


@pytest.mark.parametrize("rows_per_bucket", [30, 150, 900])
def test_the_number_of_buckets_changes_nothing(
    raw: Path, whole: Store, tmp_path: Path, rows_per_bucket: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "ROWS", 2 * rows_per_bucket)
    run(raw, tmp_path, Settings(local=Local(rows_per_bucket=rows_per_bucket)), stages=STAGES)
    for name in KEYED:
        expected = whole.scan(name).collect()
        assert expected.height > 20, name
        assert Store(tmp_path).scan(name).collect().equals(expected), name
    assert not [path for path in (tmp_path / "tables").iterdir() if path.suffix != ".parquet"]


def test_only_rows_that_a_stage_looks_at_need_buckets(whole: Store) -> None:
    stage = next(stage for stage in flow.STAGES if stage.name == "conversions")
    tables = whole.scan_all(stage.reads) | collected_lookups(stage, whole, Settings())
    sold = is_conversion(NAMES, with_value=True), pl.col("exclusion").is_null()
    of_sales, known = tables["events"].filter(sold), tables["scan_sessions"].filter("is_known")
    looked_at = sum(rows.collect().height for rows in (of_sales, known, tables["web_sessions"]))
    assert looked_at < tables["events"].collect().height
    for most, buckets in ((looked_at, 1), (looked_at - 1, 2)):
        settings = Settings(local=Local(rows_per_bucket=most))
        assert number_of_buckets(stage, tables, settings, SORTED_BY) == buckets


def test_what_has_no_row_in_any_bucket_is_an_empty_table(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    names = "event_id,site_id,source,event_type,event_time,consent\n"
    rows = "".join(
        f"{n:08d}-0000-4000-8000-000000000000,s,browser,click,2026-01-0{n}T00:00:00Z,\n" for n in range(1, 6)
    )
    (raw / "events.csv").write_text(names + rows)
    run(raw, tmp_path / "out", Settings(local=Local(rows_per_bucket=2)), stages=STAGES)
    assert [Store(tmp_path / "out").scan(name).collect().height for name in KEYED] == [0] * 6


def test_every_table_of_a_stage_that_may_be_split_is_written_in_an_order_without_ties(whole: Store) -> None:
    for name, columns in SORTED_BY.items():
        keys = whole.scan(name).select(columns).collect()
        assert keys.height or name == "joined_people", name
        assert not keys.is_duplicated().any(), name
