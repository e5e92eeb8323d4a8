"""A run's results for notebooks and scripts: tables and reports by name.

from attribution.results import Results

run = Results("data/out")
run.report("revenue_per_qr")
run.table("conversions").filter(...)
"""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from attribution.code_names import told_apart
from attribution.engines.store import Store
from attribution.errors import InputError, UsageError

if TYPE_CHECKING:
    from attribution.settings import Settings

ROWS: Final = 200
"""Rows that a notebook shows of a table; Polars shows ten."""
LETTERS: Final = 300
"""Characters that it shows of a text; Polars shows thirty."""
IN_NOTEBOOKS: Final = ("plotly_mimetype", "jupyterlab", "vscode", "notebook", "notebook_connected")
"""Plotly's renderers for notebooks."""
CODES: Final = "revenue_per_qr"
"""The report that has every QR code."""


def prepare_notebook() -> None:
    """Let a notebook show tables with all columns, long texts and up to `ROWS` rows instead of the first and last five, and
    figures without a way to send their numbers anywhere.
    """
    import plotly.io as pio

    from attribution.figures.look import CONFIG

    pl.Config.set_tbl_rows(ROWS)
    pl.Config.set_tbl_cols(-1)
    pl.Config.set_fmt_str_lengths(LETTERS)
    for name in IN_NOTEBOOKS:
        pio.renderers[name].config = CONFIG


class Results:
    """The output folder of a run, or the report of a period in it."""

    def __init__(self, out: str | Path = "data/out", period: str | None = None) -> None:
        """Open the folder that `attribution run` wrote.

        Args:
            out: The folder.
            period: The period of a report that `attribution report` made there, as its folder is named; reports are then
                read from it. Tables are always those of the run.

        Raises:
            InputError: There are no results in it, or no report of the period.
        """
        self.store, self.period = Store(Path(out)), period
        self.folder = self.store.out / ("reports" if period is None else f"scheduled/{period}")
        if not (self.store.out / "ledger.json").is_file() and not (self.store.out / "tables").is_dir():
            is_of_period = (self.store.out / "summary.json").is_file()
            what = (
                "the report of a period; give the folder of its run, and period="
                if is_of_period
                else "no results there"
            )
            message = f"{self.store.out.absolute()}: {what}. Run `attribution run` first, or name the folder of a run."
            raise InputError(message)
        made = sorted(path.name for path in self.store.out.glob("scheduled/[!.]*"))
        if period is not None and period not in made:
            message = f"{self.folder}: no such report. Reports of periods: {', '.join(made) or 'none'}."
            raise InputError(message)

    def __repr__(self) -> str:
        """What there is, by name."""
        return f"Results of {self.store.out}\nreports: {', '.join(self.reports)}\ntables: {', '.join(self.tables)}"

    @property
    def reports(self) -> list[str]:
        """The names of the reports that are there."""
        return sorted(path.stem for path in self.folder.glob("*.parquet"))

    @property
    def tables(self) -> list[str]:
        """The names of the tables that are there."""
        return sorted(path.stem for path in (self.store.out / "tables").glob("*.parquet"))

    def table(self, name: str) -> pl.LazyFrame:
        """A table of the flow, lazily; its columns are described in `attribution/schemas/<name>.py`.

        Raises:
            InputError: The run made no such table; the message lists those it made.
        """
        self._hold(name, {"table": self.tables, "report": self.reports})
        return self.store.scan(name)

    def report(self, name: str) -> pl.DataFrame:
        """A report table, in which QR codes of one name are told apart by their ids (`code_names.told_apart`).

        Raises:
            InputError: The run made no such report; the message lists those it made.
        """
        self._hold(name, {"report": self.reports, "table": self.tables})
        names = {name, CODES} & {*self.reports}
        read = {one: pl.read_parquet(self.folder / f"{one}.parquet", glob=False) for one in names}
        return (told_apart(read) if CODES in read else read)[name]

    def named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with `qr_name` in front: what the code of their `qr_code_id` is called."""
        codes = self.report(CODES).select("qr_code_id", qr_name=pl.coalesce("qr_name", "qr_code_id"))
        others = [column for column in rows.columns if column != "qr_name"]
        named = rows.select(others).join(codes, on="qr_code_id", how="left", maintain_order="left")
        return named.select("qr_name", *others)

    def lacking(self) -> pl.DataFrame:
        """`lacking, said`: what the figures lack, most first; no row where they lack nothing."""
        from attribution.lacking import READS, lacking

        told = lacking(
            self.ledger,
            {name: self.report(name) for name in READS},
            of_period=self.period is not None,
            locale=self.settings.report.locale,
        )
        return pl.DataFrame(told, schema={"lacking": pl.String, "said": pl.String}, orient="row")

    @cached_property
    def settings(self) -> "Settings":
        """Those that the tables were made with, from the note beside them; the defaults where there is none that can be read.

        A report's model and currency are columns of it, so they are right even for what was made after the note.
        """
        from attribution.engines import made_with
        from attribution.settings import Settings

        try:
            found = made_with.noted(self.store.out)
        except UsageError:
            found = None
        return found[0] if found else Settings()

    @cached_property
    def ledger(self) -> dict[str, Any]:
        """The account of every row and every cent."""
        ledger: dict[str, Any] = json.loads((self.store.out / "ledger.json").read_text("utf-8"))
        return ledger

    @staticmethod
    def _hold(name: str, names: Mapping[str, list[str]]) -> None:
        """Refuse a name that is not one of the first kind, with a hint where it is one of the other."""
        (kind, known), (other, others) = names.items()
        if name not in known:
            hint = f" {name} is a {other}: run.{other}({name!r})." if name in others else ""
            message = f"{name}: no such {kind}. {kind.capitalize()}s of this run: {', '.join(known)}.{hint}"
            raise InputError(message)
