"""Files that the system is asked to let go of: only where they crowd the memory, and they stay as they are."""

import os
from pathlib import Path

import pytest

from attribution.engines import early, ingest_files, page_cache
from attribution.engines.local import run
from attribution.engines.store import Store
from attribution.settings import Settings
from attribution.simulate import World, simulate


@pytest.mark.parametrize(("memory", "crowded"), [(2_001, False), (2_000, False), (1_999, True)])
def test_files_crowd_from_half_of_the_memory_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: int, crowded: bool
) -> None:
    paths = [tmp_path / name for name in ("a", "b")]
    for path in paths:
        path.write_bytes(b"x" * 500)
    monkeypatch.setattr(page_cache, "_memory", lambda: memory)
    assert page_cache.is_crowded(paths) is crowded


def test_this_machine_has_memory() -> None:
    assert 2**28 < page_cache._memory() < 2**50


@pytest.mark.parametrize("can_be_asked", [True, False])
def test_a_run_lets_go_of_what_it_has_read_and_makes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_be_asked: bool
) -> None:
    raw = tmp_path / "raw"
    simulate(raw, World(seed=3, events=300))
    run(raw, tmp_path / "kept", Settings(), stages=("ingest",))
    asked: list[Path] = []
    for module in (early, ingest_files):
        monkeypatch.setattr(module, "let_go", lambda path: (asked.append(path), page_cache.let_go(path)))
    monkeypatch.setattr(page_cache, "_memory", lambda: 1)
    if not can_be_asked:
        monkeypatch.delattr(os, "posix_fadvise")
    run(raw, tmp_path / "let_go", Settings(), stages=("ingest",))
    names = [path.name for path in asked]
    assert {path.name for path in raw.glob("*events*")} <= {*names}
    assert names.count("rows.parquet") == len(names) - names.count("rows.parquet")
    kept, again = (Store(tmp_path / name).scan("events").collect() for name in ("kept", "let_go"))
    assert kept.height > 100
    assert again.equals(kept)
