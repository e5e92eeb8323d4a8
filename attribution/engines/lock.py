"""One run at a time in an output folder."""

import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from attribution.engines.store import BEFORE, REPLACED, STAGED, TASKS
from attribution.errors import InputError, UsageError
from attribution.sources.files import LOCK

OURS: Final = ("tables", "reports", "scheduled", "erasures", ".parsed")
"""The folders in an output folder that nobody else writes to. Beside them there may be anything, the raw files too."""
LEFT: Final = re.compile(rf"\..+\.\d+(?:{re.escape(STAGED)}|{re.escape(REPLACED)})")
"""The name of what is being written or replaced, with the number of the process that does it."""


@contextmanager
def locked(out: Path, *, create: bool = False) -> Iterator[None]:
    """Hold the folder's lock inside the block. The kernel keeps it, so a process that dies releases it.

    Args:
        out: The output folder.
        create: Whether to make it where it is missing.

    Raises:
        InputError: It is missing.
        UsageError: Another process holds it, or it cannot be written to.
    """
    if not (create or out.is_dir()):
        message = f"{out}: no such folder. Give the output folder of a run with --out."
        raise InputError(message)
    path = out / LOCK
    with _opened(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"{path}: another run is writing to this folder. Wait for it to end, or give another --out."
            raise UsageError(message) from error
        _sweep(out)
        yield


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a")
    except OSError as error:
        message = f"{path.parent}: cannot be written to ({error.strerror}). Give another --out."
        raise UsageError(message) from error


def _sweep(out: Path) -> None:
    """Remove what a killed run had begun: nobody else is writing here, and it may hold people who are in no table."""
    within = (path for name in OURS for path in (out / name).rglob(".*"))
    left = [path for path in (*out.glob(".*"), *within) if path.name == BEFORE or LEFT.fullmatch(path.name)]
    for path in [*left, out / "tables" / TASKS]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
