"""What two runs wrote, compared: files byte by byte, and large tables that are laid out differently row by row."""

from pathlib import Path

import polars as pl


def differing(one: Path, other: Path) -> list[str]:
    """The tables and reports, and the ledger, that do not hold the same rows in both output folders."""
    folders = (one / "tables", one / "reports")
    tables = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in {".parquet", ".csv"}]
    names = [path.relative_to(one) for path in (*tables, one / "ledger.json") if "parquet/" not in path.as_posix()]
    return [str(name) for name in names if not _same(one / name, other / name)]


def _same(one: Path, other: Path) -> bool:
    if not other.exists():
        return False
    if one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes():
        return True
    return one.suffix == ".parquet" and _rows(one).equals(_rows(other))


def _rows(path: Path) -> pl.DataFrame:
    """A digest of each row, in the order of the digests: equal for the same rows in any order."""
    table = pl.scan_parquet(path)
    columns = sorted(table.collect_schema())
    digest = pl.struct(columns).hash(seed=11).alias("digest")
    return table.select(digest).collect(engine="streaming").sort("digest")
