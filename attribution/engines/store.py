"""Where a run's files are, and how they are written: to a staging path, then renamed, so that none is ever half written."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from attribution.engines.parquet_join import join
from attribution.errors import InputError

PACKED: Final[Any] = {"compression": "zstd", "compression_level": 1}
"""How the Parquet of tables is packed: a higher level takes longer and saves little."""
STAGED: Final = ".part"
"""Ending of a file that does not have its name yet."""
REPLACED: Final = ".old"
"""Ending of what is being replaced by it."""
BEFORE: Final = f".before{STAGED}"
"""Folder of the tables as they were before the run."""
ON_DEMAND: Final = ("reconciliation.parquet", "reconciliation.csv", "figures")
"""What is made in the folder of reports from the results of a run, but only on request: no part of the run."""
OF_RESULTS: Final = ("reconciliation.*", "figures/*.svg", "figures/*.png", "figures/*.pdf", "notebooks/*.html")
"""What is removed from the folder of reports when the results that it was made from change."""
Files = list[list[Any]]
"""What is noted of each file."""
TASKS: Final = ".spark"
"""Folder beside the tables for the files of a cluster's tasks."""


@dataclass(frozen=True)
class Store:
    """The output folder of a run."""

    out: Path

    def table(self, name: str) -> Path:
        """`OUT/tables/<table>.parquet`."""
        return self.out / "tables" / f"{name}.parquet"

    def report(self, name: str, suffix: str = "parquet") -> Path:
        """`OUT/reports/<report>.<suffix>`."""
        return self.out / "reports" / f"{name}.{suffix}"

    def scan(self, name: str) -> pl.LazyFrame:
        """A written table.

        Raises:
            InputError: It has not been written yet.
        """
        path = self.table(name)
        if not path.exists():
            message = f"{path} is missing: run the earlier stages first (or all of them with `attribution run`)."
            raise InputError(message)
        return pl.scan_parquet(path, glob=False)

    def scan_all(self, names: tuple[str, ...]) -> dict[str, pl.LazyFrame]:
        """Written tables by name."""
        return {name: self.scan(name) for name in names}

    def write_table(self, name: str, rows: pl.LazyFrame) -> None:
        """Write a table with the streaming engine."""
        staged = self._staged(self.table(name))
        try:
            write_parquet(rows, staged)
            put(staged, self.table(name))
        finally:
            staged.unlink(missing_ok=True)

    def join_table(self, name: str, parts: Sequence[Path]) -> None:
        """Write a table as the rows of Parquet files of its schema, end to end."""
        staged = self._staged(self.table(name))
        try:
            join(parts, staged)
            put(staged, self.table(name))
        finally:
            staged.unlink(missing_ok=True)

    def made(self) -> list[Path]:
        """The files of a run's tables and reports, without what was asked for later (`ON_DEMAND`)."""
        of_run = [path for path in (self.out / "reports").glob("*") if path.name not in ON_DEMAND]
        return files_in(self.out / "tables", *of_run)

    def drop_outdated(self) -> None:
        """Remove what was made from results other than those that are there (`OF_RESULTS`)."""
        newest = max((path.stat().st_mtime_ns for path in self.made() if path.suffix == ".parquet"), default=0)
        for path in (path for made in OF_RESULTS for path in (self.out / "reports").glob(made)):
            if path.stat().st_mtime_ns < newest:
                path.unlink()

    def write_report(self, name: str, rows: pl.DataFrame) -> None:
        """Write a report as Parquet and as CSV (UTF-8 with BOM, which spreadsheets need to read it as such)."""
        parquet, csv = self._staged(self.report(name)), self._staged(self.report(name, "csv"))
        rows.write_parquet(parquet)
        safe = rows.with_columns(safe_for_spreadsheets(pl.col(pl.String)))
        csv.write_bytes(b"\xef\xbb\xbf" + safe.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.3fZ").encode())
        parquet.replace(self.report(name))
        csv.replace(self.report(name, "csv"))

    def write_json(self, path: Path, content: Mapping[str, Any]) -> None:
        """Write a JSON file, indented."""
        self.write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    def write_bytes(self, path: Path, content: bytes) -> None:
        """Write a binary file."""
        staged = self._staged(path)
        staged.write_bytes(content)
        staged.replace(path)

    def write_text(self, path: Path, content: str) -> None:
        """Write a text file."""
        staged = self._staged(path)
        staged.write_text(content, "utf-8")
        staged.replace(path)

    def staging_path(self, name: str) -> Path:
        """Where a table is put together before it gets its name."""
        return self._staged(self.table(name))

    def _staged(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        return beside(path)


def files_in(*paths: Path) -> list[Path]:
    """Those of the paths that are files, and all files below the others."""
    return [file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]


def beside(path: Path, ending: str = STAGED) -> Path:
    """The name under which a file, folder or link is made before it gets its own, or (`REPLACED`) removed after it has lost
    it. What a killed run leaves under such names, the next run removes (`lock.locked`).
    """
    return path.with_name(f".{path.name}.{os.getpid()}{ending}")


def write_parquet(rows: pl.LazyFrame, path: Path) -> None:
    """Write rows with the streaming engine, as every table is written."""
    rows.sink_parquet(path, engine="streaming", **PACKED)


def put(staged: Path, path: Path) -> None:
    """Give a staged file or folder its name, in place of what had it."""
    if not (staged.is_dir() or path.is_dir()):
        staged.replace(path)
        return
    old = staged.with_suffix(REPLACED)
    if path.exists():
        path.replace(old)
    staged.replace(path)
    if old.is_dir():
        shutil.rmtree(old)
    old.unlink(missing_ok=True)


def safe_for_spreadsheets(text: pl.Expr) -> pl.Expr:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return pl.when(text.str.contains(r"^[=+\-@\t\r]")).then(pl.lit("'") + text).otherwise(text).name.keep()


def stamped(store: Store, paths: Iterable[Path]) -> Files:
    """Path, size and time of those of the paths that are files."""
    found = [(path.relative_to(store.out).as_posix(), path.stat()) for path in paths if path.is_file()]
    return sorted([name, told.st_size, told.st_mtime_ns] for name, told in found)
