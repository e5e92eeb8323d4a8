"""Progress on a terminal; nothing where there is none, or with `--quiet`. Always on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

NOTE = TextColumn("{task.fields[note]}")


class Report(Protocol):
    """Called with a stage, how much of it is done and how much there is, and a note to show beside it."""

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Note the progress."""


def silent(stage: str, done: int, total: int, note: str = "") -> None:
    """No progress."""


@contextmanager
def shown(console: Console) -> Iterator[Report]:
    """A bar per stage, on a terminal."""
    if not console.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description:<12}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), NOTE)
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, int] = {}

        def update(stage: str, done: int, total: int, note: str = "") -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total, note=note)
            progress.update(tasks[stage], completed=done, total=total, note=note)  # type: ignore[arg-type]

        yield update
