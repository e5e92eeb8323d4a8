"""One run at a time in an output folder."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attribution.engines.store import REPLACED, STAGED, TASKS
from attribution.errors import InputError, UsageError

NAME: Final = ".lock"


@contextmanager
def locked(out: Path, *, create: bool = False) -> Iterator[None]:
    """Hold the folder's lock inside the block. It is the kernel's: a process that dies lets go of it.

    Args:
        out: The output folder.
        create: Whether it is made where it is missing.

    Raises:
        InputError: It is missing.
        UsageError: Another process holds it.
    """
    if create:
        out.mkdir(parents=True, exist_ok=True)
    elif not out.is_dir():
        message = f"{out}: no such folder. Give the output folder of a run with --out."
        raise InputError(message)
    path = out / NAME
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"{path}: another run is writing to this folder. Wait for it to end, or give another --out."
            raise UsageError(message) from error
        _sweep(out)
        yield


def _sweep(out: Path) -> None:
    """Remove what a run that was killed had begun: nobody else is writing here, and it may hold whom nobody remembers."""
    for path in [*out.rglob(f".*{STAGED}"), *out.rglob(f".*{REPLACED}"), *out.rglob(TASKS)]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
