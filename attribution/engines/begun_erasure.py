"""What an erasure notes before it rewrites anything, so that one that was cut off is finished when it is given again.

The note stands in the output folder until the certificate does. It tells the person by a salted digest alone.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from attribution.engines.store import Store

MARK: Final = ".erasure-unfinished"
"""How the notes' names begin."""


@dataclass
class Begun:
    """The note of one person's erasure."""

    salt: str
    digest: str
    before: dict[str, int] = field(default_factory=dict)
    """Table -> rows before anything was erased."""
    erased: dict[str, int] = field(default_factory=dict)
    """Source id -> its `rows_erased` before."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """As `erasure.raw_rows`: every row that was found, however often it was begun."""

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{MARK}-{self.salt}.json"

    def found(self, rows: Iterable[dict[str, Any]]) -> None:
        """Note rows that were found, each once."""
        files = {row["source_id"]: row for row in self.rows}
        for row in rows:
            numbers = {*row["row_numbers"], *files.get(row["source_id"], {}).get("row_numbers", ())}
            files[row["source_id"]] = row | {"rows": len(numbers), "row_numbers": sorted(numbers)}
        self.rows = sorted(files.values(), key=lambda row: row["source_file"])

    def erased_by_source(self) -> dict[int, int]:
        """Source id -> its `rows_erased` after."""
        here = {row["source_id"]: row["rows"] for row in self.rows}
        return {int(source): rows + here.get(int(source), 0) for source, rows in self.erased.items()}


def begun(store: Store, value: str) -> Begun | None:
    """The note of this person's erasure, where one was cut off."""
    for path in sorted(store.out.glob(f"{MARK}-*.json")):
        note = Begun(**json.loads(path.read_text("utf-8")))
        if note.digest == _digest(note.salt, value):
            return note
    return None


def new(value: str) -> Begun:
    """A note of this person's erasure, not yet written."""
    salt = secrets.token_hex(16)
    return Begun(salt, _digest(salt, value))


def write(store: Store, note: Begun) -> None:
    """Write the note."""
    store.write_text(store.out / note.name, json.dumps(asdict(note)))


def done(store: Store, note: Begun) -> None:
    """The certificate is written."""
    (store.out / note.name).unlink(missing_ok=True)


def _digest(salt: str, value: str) -> str:
    return hashlib.blake2b(value.lower().encode(), salt=bytes.fromhex(salt)).hexdigest()
