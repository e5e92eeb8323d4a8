"""The command `attribution run` in a process of its own: how long it takes, and how much memory at its peak."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

SETTINGS = "report:\n  notebooks: false\n"
"""The notebooks are left out: they take as long for few rows as for many."""
EVERY = 0.1
"""Seconds between two looks at the memory of the process and its children."""


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    seconds: float
    peak_mb: float


def attribution_run(raw: Path, out: Path, settings: str = SETTINGS) -> Cost:
    """Run the whole flow from the files in `raw` to the page in `out`.

    The peak is the larger of what the kernel noted for the largest single process and the largest sum of the resident memory
    of the process and all its descendants, sampled ten times a second.
    """
    params = out.with_name(f"{out.name}.yaml")
    params.write_text(settings)
    command = [sys.executable, "-m", "attribution", "run", "--raw", raw, "--out", out, "--params", params, "--quiet"]
    began = time.monotonic()
    process = subprocess.Popen([str(part) for part in command])
    largest, ended = [0.0], Event()
    watch = Thread(target=_watch, args=(process.pid, largest, ended))
    watch.start()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    ended.set()
    watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"attribution run on {raw} ended with exit code {process.returncode}")
    return Cost(seconds, max(largest[0], used.ru_maxrss / 1024))


def _watch(pid: int, largest: list[float], ended: Event) -> None:
    while not ended.wait(EVERY):
        largest[0] = max(largest[0], sum(map(_resident, _family(pid))))


def _family(pid: int) -> list[int]:
    """The process and its descendants."""
    try:
        found = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _children(task)]
    except OSError:
        return []
    return [pid, *(one for child in found for one in _family(child))]


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []


def _resident(pid: int) -> float:
    """Resident memory, MB; 0 for a process that has just ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
