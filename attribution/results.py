"""A run's results for notebooks and scripts: tables and reports by name.

from attribution.results import Results

run = Results("data/out")
run.report("revenue_per_qr")
run.table("conversions").filter(...)
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import polars as pl

from attribution.engines.store import Store
from attribution.errors import InputError

ROWS: Final = 200
"""Of a table that a notebook shows; Polars shows ten."""


def whole_tables() -> None:
    """Let notebooks show tables with all columns, and up to `ROWS` rows instead of the first and last five."""
    pl.Config.set_tbl_rows(ROWS)
    pl.Config.set_tbl_cols(-1)


class Results:
    """The output folder of a run."""

    def __init__(self, out: str | Path = "data/out") -> None:
        """Open the folder that `attribution run` wrote.

        Raises:
            InputError: There are no results in it.
        """
        self.store = Store(Path(out))
        if not (self.store.out / "ledger.json").is_file() and not (self.store.out / "tables").is_dir():
            message = f"{out}: no results there. Run `attribution run` first, or name the folder of a run."
            raise InputError(message)

    def table(self, name: str) -> pl.LazyFrame:
        """A table of the flow, lazily; its columns are described in `attribution/schemas/<name>.py`."""
        return self.store.scan(name)

    def report(self, name: str) -> pl.DataFrame:
        """A report table.

        Raises:
            InputError: The run made no such report; the message lists those it made.
        """
        path = self.store.report(name)
        if not path.is_file():
            made = ", ".join(sorted(found.stem for found in path.parent.glob("*.parquet"))) or "none"
            message = f"{path} is missing. Reports of this run: {made}."
            raise InputError(message)
        return pl.read_parquet(path, glob=False)

    @cached_property
    def ledger(self) -> dict[str, Any]:
        """The account of every row and every cent."""
        ledger: dict[str, Any] = json.loads((self.store.out / "ledger.json").read_text("utf-8"))
        return ledger
