"""What a step of the flow is: a function, what it reads and writes, and what its rows may be split by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from attribution.settings import Settings

Tables = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Stage:
    """A step of the flow: a pure function from tables to tables."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[Tables, Settings], Tables]
    settings: tuple[str, ...] = ()
    """The settings that the stage is given: sections and single ones. An engine hands it only these (`narrowing`)."""
    split_by: tuple[str, ...] = ()
    """The columns that rows may be split by without changing the result; none: the whole table at once."""
    lookups: Callable[[Tables, Settings], Tables] | None = None
    """Makes, from the whole tables, the small ones that `run` needs beside each part; an engine collects them first."""
    keys: Callable[[Tables], pl.LazyFrame] | None = None
    """From few columns, the keys that matter: rows with another key may be left out without changing the result."""
    condense: Callable[[Tables], Tables] | None = None
    """From any stretch of the rows of the table `condenses`, fewer rows that say the same, as tables of their own.
    From those of all stretches, end to end, `run` makes the same as from the table itself."""
    condenses: str = ""
    grow: Callable[[Tables, Tables, Settings], Tables | None] | None = None
    """Makes what `run` makes, in order, from the tables as they were when the stage last ran (with what it made) and as
    they are now (both with `sources`); None where that is no faster (`grown`)."""
