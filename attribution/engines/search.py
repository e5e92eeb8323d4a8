"""Whether a file holds an id, whatever its format: what an erasure is verified by."""

from pathlib import Path
from typing import Final

import polars as pl

from attribution.sources.blocks import BrokenArchiveError, decompressed

PARQUET: Final = b"PAR1"


def files_that_hold(folder: Path, value: str) -> list[str]:
    """The files below the folder in which the value can be read, in any letter case, by path below the folder.

    Text is searched decompressed, as UTF-8 and UTF-16; of an archive that is broken, what is before the break.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path.relative_to(folder).as_posix() for path in files if _holds(path, value.lower())]


def _holds(path: Path, value: str) -> bool:
    with path.open("rb") as file:
        is_parquet = file.read(len(PARQUET)) == PARQUET
    return _table_holds(path, value) if is_parquet else _text_holds(path, value)


def _table_holds(path: Path, value: str) -> bool:
    rows = pl.scan_parquet(path)
    texts = [name for name, dtype in rows.collect_schema().items() if dtype == pl.String]
    if not texts:
        return False
    held = rows.select(pl.col(name).str.to_lowercase().str.contains(value, literal=True).any() for name in texts)
    return any(held.collect(engine="streaming").row(0))


def _text_holds(path: Path, value: str) -> bool:
    sought = [value.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    overlap = max(map(len, sought))
    before = b""
    try:
        for chunk in decompressed(path):
            data = before + chunk.lower()
            if any(one in data for one in sought):
                return True
            before = data[-overlap:]
    except BrokenArchiveError:
        return False
    return False
