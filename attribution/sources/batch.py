"""What every reader yields: a block of rows under canonical names, and the rows of it that could not be read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from attribution import terms


@dataclass(frozen=True)
class BadRow:
    """A row that is refused by something other than the rules of events. Holds no value of the row."""

    row_number: int
    reason: str
    stage: str = terms.MALFORMED
    column: str = ""


@dataclass(frozen=True)
class Batch:
    """Rows of one file: `frame` has `row_number` (1-based line or record) and canonical raw columns, in file order."""

    frame: pl.DataFrame
    bad: tuple[BadRow, ...] = field(default=())


Task = Callable[[], Batch]
"""A block that is still to be parsed: tasks may run side by side, their order is the file's."""

Reader = Iterator[Task]


def bad_batch(rows: Iterable[BadRow]) -> Batch:
    """A batch without a readable row."""
    return Batch(pl.DataFrame(schema={"row_number": pl.UInt32}), tuple(rows))
