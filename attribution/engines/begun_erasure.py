"""What an erasure notes before it rewrites anything, so that giving it again finishes one that was cut off.

The note stays in the output folder until the certificate is written. It identifies the person only by a salted digest.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from attribution.engines.store import Store
from attribution.erasure import Named

MARK: Final = ".erasure-unfinished"
"""How the notes' names begin."""


@dataclass
class Begun:
    """The note of one person's erasure."""

    salt: str
    digest: str
    before: dict[str, int] = field(default_factory=dict)
    """Table -> rows before anything was erased."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """As `erasure.raw_rows`: every row that was found, over all attempts."""

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{MARK}-{self.salt}.json"

    def found(self, rows: Iterable[dict[str, Any]]) -> None:
        """Note rows that were found, each once."""
        files = {row["source_id"]: row for row in self.rows}
        for row in rows:
            numbers = {*row["row_numbers"], *files.get(row["source_id"], {}).get("row_numbers", ())}
            files[row["source_id"]] = row | {"rows": len(numbers), "row_numbers": sorted(numbers)}
        self.rows = sorted(files.values(), key=lambda row: row["source_file"])


def begun(store: Store, named: Named) -> Begun | None:
    """The note of this person's erasure, where one was cut off."""
    for path in sorted(store.out.glob(f"{MARK}-*.json")):
        note = Begun(**json.loads(path.read_text("utf-8")))
        if note.digest == _digest(note.salt, named):
            return note
    return None


def new(named: Named) -> Begun:
    """A note of this person's erasure, not yet written."""
    salt = secrets.token_hex(16)
    return Begun(salt, _digest(salt, named))


def write(store: Store, note: Begun) -> None:
    """Write the note."""
    store.write_text(store.out / note.name, json.dumps(asdict(note)))


def done(store: Store, note: Begun) -> None:
    """Remove the note: the certificate is written."""
    (store.out / note.name).unlink(missing_ok=True)


def drop_all(out: Path) -> None:
    """Remove every note: the tables are made again from the raw files, so what was begun on the old ones is void."""
    for path in out.glob(f"{MARK}-*.json"):
        path.unlink(missing_ok=True)


def _digest(salt: str, named: Named) -> str:
    value = named.value.lower() if named.is_distinct else named.value
    return hashlib.blake2b(repr((named.kind, named.site, value)).encode(), salt=bytes.fromhex(salt)).hexdigest()
