"""Whether a whole run would make again what is there: then it need not run.

What a run was made from is noted when it has ended well: every raw file's bytes and name, the settings, the key of the
fingerprints, this package's code and every installed package's version; and the size and time of every file that it wrote.
Where any of these differs, or a file is gone, the run is made. The current time plays no part.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from attribution.engines.code import code_digest, installed, page_parts
from attribution.engines.detection import detection
from attribution.engines.input_files import list_sources
from attribution.engines.store import Files, Store, stamped
from attribution.notebooks import notebook_files
from attribution.settings import Settings
from attribution.sources import list_files

NOTE: Final = ".unchanged.json"


def ledger_if_unchanged(store: Store, raw: Path, settings: Settings) -> dict[str, Any] | None:
    """The last run's ledger, where a run from these files with these settings would make the same; else None.

    Args:
        store: The output folder.
        raw: The folder of exports. Its files are hashed only where the last run read as many, of the same sizes.
        settings: Those of the run.

    Raises:
        InputError: The raw folder is missing or empty.
    """
    try:
        noted = json.loads((store.out / NOTE).read_text("utf-8"))
        if noted["written"] != _written(store) or _sizes(raw) != sorted(size for *_, size in noted["read"]):
            return None
        if noted["made_from"] != _made_from(settings) or noted["read"] != _hashed(raw, settings):
            return None
        ledger: dict[str, Any] = json.loads((store.out / "ledger.json").read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return ledger


def note(store: Store, settings: Settings) -> None:
    """Note what the run was made from, once everything is written."""
    made_from, read = _made_from(settings), files_read(store)
    store.write_json(store.out / NOTE, {"made_from": made_from, "read": read, "written": _written(store)})


def forget_note(store: Store) -> None:
    """Remove the note: whatever is written next is not what was noted."""
    (store.out / NOTE).unlink(missing_ok=True)


def files_read(store: Store) -> Files:
    """Name, SHA-256 and size of every file, as the table of sources has them."""
    sources = store.scan("sources").select("source_file", "content_sha256", "bytes").collect()
    return [list(row) for row in sources.sort("source_file", "content_sha256").rows()]


def files_there(store: Store, raw: Path, settings: Settings) -> Files | None:
    """The same for the files that are there now; None, with nothing hashed, where their sizes show that others were read.

    Raises:
        InputError: The raw folder is missing or empty.
    """
    if _sizes(raw) != sorted(size for *_, size in files_read(store)):
        return None
    return _hashed(raw, settings)


def _sizes(raw: Path) -> list[int]:
    return sorted(path.stat().st_size for path in list_files(raw))


def _hashed(raw: Path, settings: Settings) -> Files:
    sources = list_sources(raw, settings)
    return sorted([source.file.name, source.sha256, source.file.path.stat().st_size] for source in sources)


def _made_from(settings: Settings) -> str:
    """A digest of everything but the raw files."""
    shown_with = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (*page_parts(), *notebook_files())]
    return _digest(settings.model_dump_json(), code_and_key(settings), shown_with)


def code_and_key(settings: Settings) -> str:
    """A digest of what makes the results besides files and settings: code, packages, and the key of the fingerprints."""
    key = detection(settings).fingerprint_key or b""
    return _digest(code_digest(), hashlib.sha256(key).hexdigest(), sys.version, installed())


def _digest(*told: object) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _written(store: Store) -> Files:
    """Path, size and time of every file of a run."""
    return stamped(store, [store.out / "ledger.json", *store.made()])
