"""The same exports under other names, in another order, cut otherwise or given twice make the same tables."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution.engines import local
from attribution.simulate import Truth
from tests.conftest import QUICK

TABLES = ("scan_sessions", "web_sessions", "conversions", "credits")
REPORTS = ("revenue_per_qr", "revenue_per_currency", "unattributed_revenue", "unconverted_revenue")


def renamed(raw: Path) -> None:
    """Every file under another name, in a sub-folder, so that their order is reversed."""
    for place, path in enumerate(sorted(raw.glob("events*"), reverse=True)):
        target = raw / "deep" / "er" / f"{place:02d}.gz"
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def given_twice(raw: Path) -> None:
    """One file once more under another name."""
    first = min(raw.glob("events*"))
    shutil.copy(first, raw / "again.csv.gz")


def cut_and_turned(raw: Path) -> None:
    """Rows over other files, backwards."""
    for number, path in enumerate(sorted(raw.glob("events*"))):
        head, *rows = gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)
        middle = len(rows) // 2
        for half, part in enumerate((rows[:middle], rows[middle:])):
            (raw / f"part-{number}-{half}.csv").write_text(head + "".join(reversed(part)), "utf-8")
        path.unlink()


@pytest.mark.parametrize("change", [renamed, given_twice, cut_and_turned])
def test_the_same_rows_make_the_same_tables(
    world: tuple[Path, Truth], results: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    shutil.copytree(world[0], tmp_path / "raw")
    change(tmp_path / "raw")
    local.run(tmp_path / "raw", tmp_path / "out", QUICK)
    for name in TABLES:
        same = [pl.read_parquet(out / "tables" / f"{name}.parquet") for out in (results, tmp_path / "out")]
        assert_frame_equal(*same)
    for name in REPORTS:
        files = [out / "reports" / f"{name}.csv" for out in (results, tmp_path / "out")]
        assert files[0].read_bytes() == files[1].read_bytes()


def test_a_second_run_into_the_same_folder_gives_the_same_bytes(world: tuple[Path, Truth], tmp_path: Path) -> None:
    before: dict[str, bytes] = {}
    for _ in range(2):
        local.run(world[0], tmp_path, QUICK)
        written = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.suffix in {".parquet", ".json"}}
        written["audit.json"] = written["audit.json"].partition(b'"clock"')[0]
        before = before or written
        assert written == before
