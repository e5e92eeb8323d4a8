"""A part of what a stage reports: tables that are made together, with all that they depend on."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from attribution.narrowing import narrowed
from attribution.settings import Settings
from attribution.stage import Tables


@dataclass(frozen=True)
class Part:
    """Reports, the tables they are made from, and the settings they depend on (as `narrowing.narrowed` takes them)."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    settings: tuple[str, ...]
    make: Callable[..., Tables]
    """From tables and settings (and whatever else the stage has) to the reports by name. It is given only those listed here."""

    def made(self, tables: Tables, settings: Settings, *more: object) -> dict[str, pl.LazyFrame]:
        """The reports by name.

        Args:
            tables: Those of `reads`, and any others, which `make` does not see.
            settings: Those of the run.
            more: What else `make` takes.
        """
        made = self.make({name: tables[name] for name in self.reads}, narrowed(settings, self.settings), *more)
        return {name: made[name] for name in self.names}
