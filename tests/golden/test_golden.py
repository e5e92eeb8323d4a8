"""The golden world: one small input, an expected file per table, read by people before it was believed.

After a change that is meant, write the files anew with `python tests/golden/test_golden.py` and read the difference.
"""

import json
from pathlib import Path

import polars as pl
import pytest

from attribution.engines import local
from tests.conftest import QUICK

HERE = Path(__file__).parent
TABLES = (
    "events",
    "rejects",
    "findings",
    "duplicates",
    "scan_sessions",
    "web_sessions",
    "conversions",
    "touches",
    "credits",
)
POSITIONS = ("row_id", "original_row_id", "event_key")
"""Names of rows, which follow the bytes of the files."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("golden")
    local.run(HERE / "raw", out, QUICK)
    return out


def drawn(path: Path) -> str:
    rows = pl.read_parquet(path)
    rows = rows.drop(name for name in POSITIONS if name in rows.columns)
    return rows.sort(rows.columns, nulls_last=True).write_csv()


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_as_expected(run: Path, name: str) -> None:
    assert drawn(run / "tables" / f"{name}.parquet") == (HERE / "expected" / f"{name}.csv").read_text("utf-8")


def test_the_revenue_is_as_expected(run: Path) -> None:
    found = (run / "reports" / "revenue_per_qr.csv").read_bytes()
    assert found == (HERE / "expected" / "revenue_per_qr.csv").read_bytes()


def test_the_ledger_is_as_expected(run: Path) -> None:
    found = json.loads((run / "ledger.json").read_text("utf-8"))
    assert found == json.loads((HERE / "expected" / "ledger.json").read_text("utf-8"))


def write(out: Path) -> None:
    expected = HERE / "expected"
    expected.mkdir(exist_ok=True)
    local.run(HERE / "raw", out, QUICK)
    for name in TABLES:
        (expected / f"{name}.csv").write_text(drawn(out / "tables" / f"{name}.parquet"), "utf-8")
    for name in ("reports/revenue_per_qr.csv", "ledger.json"):
        (expected / Path(name).name).write_bytes((out / name).read_bytes())


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
