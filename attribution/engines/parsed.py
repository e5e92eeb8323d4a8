"""What ingest made of each file, kept for the next run, so that only new and changed files are read again.

A file's part is stored under a digest of all that it depends on: the file's bytes, name and kind, the settings of ingest,
the key of the fingerprints, the code itself and every package. So a part is never stale: if any of these differs, so does the
digest.
A part holds what the tables hold, redacted and stripped, and nothing else.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl

from attribution import terms
from attribution.engines.input_files import Source
from attribution.engines.judging import WITHHELD, Account
from attribution.engines.store import REPLACED, Store, beside
from attribution.engines.unchanged import code_and_key
from attribution.personal_data import FOUND
from attribution.schemas.consent_strips import ConsentStrips
from attribution.schemas.rejects import Rejects
from attribution.settings import Settings
from attribution.sources.files import standing_still

FOLDER: Final = ".parsed"
ROWS: Final = "rows.parquet"
COUNTS: Final = "counts.json"
COUNTED: Final = ("read", "malformed", "quarantined")
BESIDE: Final[Mapping[str, Mapping[str, pl.DataType | type[pl.DataType]]]] = {
    "rejects": Rejects.dtypes(),
    "findings": FOUND,
    "strips": ConsentStrips.dtypes(),
    "withheld": WITHHELD,
}
"""The parts of an account that are kept, each as a file."""


@dataclass(frozen=True)
class Parsed:
    """The parts of a run, in a folder of the output folder."""

    folder: Path
    settings: Settings

    @cached_property
    def _code(self) -> str:
        return code_and_key(self.settings)

    def path(self, source: Source) -> Path:
        """Where the part of a file is, or will be."""
        return self.folder / self._digest(source)

    def _digest(self, source: Source) -> str:
        file = source.file
        depends_on = (
            source.sha256,
            file.name,
            source.source_id,
            (file.kind, file.format, file.shape, sorted(file.aliases.items())),
            self.settings.ingest.model_dump_json(),
            self.settings.consent.scope,
            self._code,
        )
        return hashlib.sha256(repr(depends_on).encode()).hexdigest()[:32]

    def make(self, source: Source, write: Callable[[Path, Account], None]) -> bool:
        """Make the part of a file unless it is there; returns whether it was.

        Args:
            source: The file; its counts are filled in where it is read.
            write: Writes the rows to the path that it is given and fills the account that it is given.
        """
        path = self.path(source)
        if (path / COUNTS).exists():
            return True
        staged = beside(path)
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        with standing_still(source.file.path, source.file.stamp):
            self._write(source, staged, write)
        _remove(path)
        staged.replace(path)
        return False

    def part(self, source: Source, account: Account, write: Callable[[Path, Account], None]) -> Path:
        """The file's accepted rows as Parquet, made if they are not there yet.

        Args:
            source: The file; its counts are filled in.
            account: Gets what came up beside the rows.
            write: As for `make`.
        """
        self.make(source, write)
        path = self.path(source)
        counts = json.loads((path / COUNTS).read_text("utf-8"))
        for name in COUNTED:
            setattr(source, name, counts[name])
        for name in BESIDE:
            getattr(account, name).append(pl.read_parquet(path / f"{name}.parquet", glob=False))
        return path / ROWS

    def forget(self, source: Source) -> None:
        """Remove the part of a file, so that it is read again."""
        _remove(self.path(source))

    def keep_only(self, sources: Iterable[Source]) -> None:
        """Remove the parts of other files and of other settings."""
        kept = {self.path(source) for source in sources}
        for path in self.folder.glob("*"):
            if path not in kept:
                _remove(path)

    @staticmethod
    def _write(source: Source, staged: Path, write: Callable[[Path, Account], None]) -> None:
        own = Account()
        write(staged / ROWS, own)
        for name, schema in BESIDE.items():
            pl.concat([pl.DataFrame(schema=schema), *getattr(own, name)]).write_parquet(staged / f"{name}.parquet")
        counts = {name: getattr(source, name) for name in COUNTED}
        (staged / COUNTS).write_text(json.dumps(counts), "utf-8")


@contextmanager
def parsed(store: Store, settings: Settings) -> Iterator[Parsed]:
    """The parts of a run, kept for the next unless the settings say otherwise.

    None is kept where consent goes by scan session: a part holds each row under its own consent.
    """
    try:
        yield Parsed(store.out / FOLDER, settings)
    finally:
        if not (settings.ingest.keep_parsed and settings.consent.scope == terms.EVENT):
            forget_parsed(store)


def forget_parsed(store: Store) -> None:
    """Remove every part: the next run reads every file again."""
    _remove(store.out / FOLDER)


def _remove(folder: Path) -> None:
    """Remove a part, or all of them. It is renamed first: what a killed run has half removed is no part."""
    going = beside(folder, REPLACED)
    if folder.exists():
        folder.replace(going)
    shutil.rmtree(going, ignore_errors=True)
