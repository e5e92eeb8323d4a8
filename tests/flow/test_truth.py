"""Simulated worlds in every shape and format: the run finds exactly what was planted, to the row and to the cent."""

import zipfile
from pathlib import Path

import polars as pl
import pytest

from attribution.engines import local
from attribution.simulate import Defects, World, simulate
from tests.conftest import QUICK
from tests.flow.against_truth import differences

KINDS = [
    ("stored", "parquet", "none"),
    ("stored", "csv", "gzip"),
    ("stored", "ndjson", "zstd"),
    ("stored", "json", "none"),
    ("raw", "ndjson", "gzip"),
    ("raw", "json", "none"),
]


@pytest.mark.parametrize(("shape", "file_format", "compress"), KINDS)
@pytest.mark.parametrize(
    ("seed", "defects"), [(1, Defects()), (2, Defects.all(0.1))], ids=["usual defects", "a tenth of everything"]
)
def test_a_run_finds_what_was_planted(
    tmp_path: Path, shape: str, file_format: str, compress: str, seed: int, defects: Defects
) -> None:
    world = World(seed=seed, events=5_000, sites=2, campaigns=3, defects=defects)
    truth = simulate(tmp_path / "raw", world, shape=shape, format=file_format, compress=compress)
    ledger = local.run(tmp_path / "raw", tmp_path / "out", QUICK)
    assert ledger["balanced"]
    assert differences(tmp_path / "out", truth) == []


def test_the_planted_addresses_are_nowhere_in_the_output(tmp_path: Path) -> None:
    world = World(seed=5, events=5_000, defects=Defects(email_in_metadata=0.05, leak=1.0, denied=0.5))
    truth = simulate(tmp_path / "raw", world, format="ndjson")
    local.run(tmp_path / "raw", tmp_path / "out", QUICK)
    assert len(truth.email_addresses) > 50
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {".parquet", ".csv", ".json", ".html", ".xlsx"} <= {path.suffix for path in files}
    for path in files:
        text = _text(path)
        assert not [address for address in truth.email_addresses if address in text], path.name


def _text(path: Path) -> str:
    """All that a file says, unpacked."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).select(pl.all().cast(pl.String)).write_csv()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist())
    return path.read_text("utf-8")
