"""What the system keeps of files in memory: where a folder is larger than that, it is asked to keep the tables.

Raw files are read twice (hashed, then parsed) and their parts once more when they are joined, so the system takes them
for the files in use and drops tables, which every later stage reads. Where it cannot be asked, nothing happens.
"""

import os
from collections.abc import Iterable
from pathlib import Path


def is_crowded(files: Iterable[Path]) -> bool:
    """The files take more than half of the machine's memory."""
    return 2 * sum(path.stat().st_size for path in files) > _memory()


def let_go(path: Path) -> None:
    """Tell the system that a file will not be read again in this run."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _memory() -> int:
    """Bytes of memory; where the system does not tell, so many that no folder is crowded."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2**63
