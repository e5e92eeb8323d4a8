"""Progress on a terminal; nothing where there is none, or with `--quiet`. Always on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


class Report(Protocol):
    """Called with a stage, how much of it is done and how much there is."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note the progress."""


def silent(stage: str, done: int, total: int) -> None:
    """No progress."""


@contextmanager
def shown(console: Console) -> Iterator[Report]:
    """A bar per stage, on a terminal."""
    if not console.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description:<12}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, int] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield update
