"""The files of a folder, with the content hash that names them."""

import hashlib
from pathlib import Path
from typing import Final

from attribution.errors import InputError

IGNORED_NAMES: Final = frozenset({"truth.json"})
"""Written beside simulated exports: the planted answers, no input."""
CHUNK: Final = 8 << 20


def list_files(folder: Path) -> list[Path]:
    """All files below the folder in path order, but for hidden ones, empty ones' place included.

    Raises:
        InputError: There is no such folder, or no file in it.
    """
    if not folder.is_dir():
        message = f"{folder}: no such folder. Give the folder that holds the raw exports with --raw."
        raise InputError(message)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _is_ignored(path, folder)]
    if not files:
        message = f"{folder}: the folder is empty. Put the raw exports there (events, scans, qr_codes, spend, fx)."
        raise InputError(message)
    return files


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _is_ignored(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return path.name in IGNORED_NAMES or any(part.startswith((".", "_")) for part in parts)
