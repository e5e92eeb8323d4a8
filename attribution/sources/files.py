"""The files of a folder, with the content hash that names them."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from attribution.errors import InputError
from attribution.privacy import inspect_file_name

IGNORED_NAMES: Final = frozenset({"truth.json"})
"""Written beside simulated exports: the planted answers, which are no input."""
LOCK: Final = ".lock"
RESULTS: Final = (LOCK, "tables")
"""What an output folder holds. One among the exports is not read: its results would be taken for events and costs."""
CHUNK: Final = 8 << 20
Stamp = tuple[int, int] | None


def list_files(folder: Path) -> list[Path]:
    """All files below the folder in path order, empty ones included, hidden ones not. Links are followed.

    Raises:
        InputError: There is no such folder, no file in it, a folder in it that cannot be read, or a link to nothing.
    """
    if not folder.is_dir():
        message = f"{folder}: no such folder. Give the folder that holds the raw exports with --raw."
        raise InputError(message)
    files = _each_once(path for path in _below(folder) if path.name not in IGNORED_NAMES and _is_there(path))
    if not files:
        message = f"{folder}: the folder is empty. Put the raw exports there (events, scans, qr_codes, spend, fx)."
        raise InputError(message)
    return files


def name_below(path: Path, folder: Path) -> str:
    """The file's path below the folder, with forward slashes; bytes that are not UTF-8 are escaped."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def stamp_of(path: Path) -> Stamp:
    """The file's size and when it was last written; None where it is gone."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_size, told.st_mtime_ns


def size(stamp: Stamp) -> int:
    """The file's size in bytes; 0 where it is gone."""
    return stamp[0] if stamp else 0


@contextmanager
def standing_still(path: Path, stamp: Stamp) -> Iterator[None]:
    """Hold that the file stays as it was in the block, so that what is read of it is what was hashed.

    Raises:
        InputError: It has changed or is gone at the end, whether or not that kept it from being read.
    """
    try:
        yield
    finally:
        if stamp_of(path) != stamp:
            message = f"{shown(path)}: changed while it was read. Run again when nothing is writing to it."
            raise InputError(message)


def _below(folder: Path) -> Iterator[Path]:
    """The paths in the folder and those below it, each folder once, whatever links lead to it; no hidden names, no results."""
    seen = {folder.resolve()}
    for parent, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        real = {Path(parent, name).resolve(): name for name in sorted(folders, reverse=True) if not _is_hidden(name)}
        folders[:] = sorted(name for path, name in real.items() if path not in seen and not _holds_results(path))
        seen |= real.keys()
        yield from (Path(parent, name) for name in names if not _is_hidden(name))


def _each_once(paths: Iterable[Path]) -> list[Path]:
    """The files in path order, each under one name, whatever links lead to it: its own before that of a link."""
    named: dict[Path, Path] = {}
    for path in sorted(paths, key=lambda path: (path.is_symlink(), path)):
        named.setdefault(path.resolve(), path)
    return sorted(named.values())


def _holds_results(folder: Path) -> bool:
    try:
        return all((folder / name).exists() for name in RESULTS)
    except OSError:  # Reading the folder will report it.
        return False


def _is_there(path: Path) -> bool:
    """It is a file. A link to nothing may be a share that is not mounted: its exports would be missing unnoticed."""
    if path.is_symlink() and not path.exists():
        message = f"{shown(path)}: is a broken link. Mount or fix its target, or remove the link."
        raise InputError(message)
    return path.is_file()


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _refuse(error: OSError) -> None:
    raise InputError(cannot_be_read(error)) from error


def cannot_be_read(error: OSError) -> str:
    """What to say about a file or folder that the system does not let us read."""
    return f"{shown(error.filename)}: cannot be read ({error.strerror}). Give it to the user who runs this, or take it out."


def shown(path: str | Path) -> str:
    """The path as a message may hold it: without what is surely an address or a phone number, but then with its inode."""
    seen, endings = inspect_file_name(str(path))
    if not seen.hits:
        return str(path)
    inode = ""
    with suppress(OSError):
        inode = f" (`find -inum {os.lstat(path).st_ino}` finds it)"
    return f"{seen.redacted}{endings}{inode}"
