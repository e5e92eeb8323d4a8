"""The steps of a run; those that would make again what is there are left out.

A step makes tables or reports from other tables, the settings that it is given (`narrowing`) and nothing else. So what it
makes has a version: a digest of these settings, of the code, and of the versions of what it reads, down to the raw files'
bytes. A step is noted when it is done, with its version and its files' sizes and times. Where both are still the same it
is left out: after a change of a setting only what depends on it is made, and a run that broke off goes on where it stopped.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import polars as pl

from attribution import terms
from attribution.engines.store import BEFORE, Files, Store, stamped
from attribution.engines.unchanged import code_and_key, files_read, files_there
from attribution.flow import INGEST_SETTINGS, INGESTED, STAGES
from attribution.narrowing import HOW, narrowed
from attribution.settings import Settings
from attribution.stage import Tables

NOTE: Final = ".steps.json"
SOURCES: Final = "sources"
"""Tells which rows of `events` have come and gone."""
REMEMBERED: Final = {SOURCES} | {name for stage in STAGES if stage.grow for name in (*stage.reads, *stage.writes)}
"""The tables that stages that grow may ask for as they were."""
REPORTS: Final = "reports/"
"""Prefix of the names of steps that make reports."""
Make = Callable[[Settings], None]


@dataclass
class Steps:
    """The steps of one run, each given only its settings. All are made: whoever asks for a stage gets it."""

    store: Store
    settings: Settings

    def ingest(self, raw: Path, make: Make) -> None:  # noqa: ARG002 - for subclasses that look at what is there
        """Make what ingest writes."""
        make(narrowed(self.settings, INGEST_SETTINGS))

    def step(
        self,
        name: str,  # noqa: ARG002
        reads: Iterable[Path],  # noqa: ARG002
        writes: Iterable[Path],  # noqa: ARG002
        told: Iterable[str],
        make: Make,
    ) -> None:
        """Make a step.

        Args:
            name: The step's name.
            reads, writes: The files of its tables and reports.
            told: Its settings.
            make: Writes the files.
        """
        make(narrowed(self.settings, told))

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """During the run, the tables as they were before it stay at hand, for `before`."""
        yield

    def before(self, names: Iterable[str]) -> Tables | None:  # noqa: ARG002
        """The tables as they were before the run, where this code with these settings had made them; else None."""
        return None


@dataclass
class Noted(Steps):
    """The steps of a whole run. Those that, by the note of the run before, are still up to date are left out."""

    noted: dict[str, Any] = field(default_factory=dict)
    versions: dict[Path, str] = field(default_factory=dict)
    """The version of each file that this run has made or left as it is."""
    left_out: list[str] = field(default_factory=list)
    was: dict[str, Path] = field(default_factory=dict)
    """The tables of the run before, at hand under other names."""

    @cached_property
    def _code(self) -> str:
        return code_and_key(self.settings)

    def ingest(self, raw: Path, make: Make) -> None:
        """Make what ingest writes, unless it was made from these files."""
        files = [self.store.table(name) for name in INGESTED]
        if self._is_as_noted("ingest", files) and (read := files_there(self.store, raw, self.settings)):
            version = self._version(INGEST_SETTINGS, read)
            if self.noted["ingest"]["version"] == version:
                self._keep("ingest", files, version)
                return
        super().ingest(raw, make)
        self._note("ingest", files, self._version(INGEST_SETTINGS, files_read(self.store)))

    def step(self, name: str, reads: Iterable[Path], writes: Iterable[Path], told: Iterable[str], make: Make) -> None:
        """Make a step, unless it would make again what is there."""
        files, told = list(writes), tuple(told)
        version = self._version(told, [self.versions[path] for path in reads])
        if self._is_as_noted(name, files) and self.noted[name]["version"] == version:
            self._keep(name, files, version)
            return
        super().step(name, reads, files, told, make)
        self._note(name, files, version)

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """During the run, the tables as they were before it stay at hand, for `before`.

        Not where consent goes by scan session: there a new row may strip old ones.
        """
        folder = self.store.out / BEFORE
        try:
            if self.settings.consent.scope == terms.EVENT:
                self.was = _linked([path for path in self._as_made() if path.stem in REMEMBERED], folder)
            yield
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def before(self, names: Iterable[str]) -> Tables | None:
        """The tables as they were before the run, where this code with these settings had made them; else None."""
        wanted = tuple(names)
        return (
            {name: pl.scan_parquet(self.was[name], glob=False) for name in wanted} if {*wanted} <= {*self.was} else None
        )

    def _as_made(self) -> list[Path]:
        """The tables that are as this code with these settings makes them from the files that were read."""
        made: dict[Path, str] = {}
        files = [self.store.table(name) for name in INGESTED]
        if not self._is_as_noted("ingest", files):
            return []
        version = self._version(INGEST_SETTINGS, files_read(self.store))
        if version == self.noted["ingest"]["version"]:
            made |= dict.fromkeys(files, version)
        for stage in STAGES:
            reads, files = ([self.store.table(name) for name in names] for names in (stage.reads, stage.writes))
            if {*reads} <= {*made} and self._is_as_noted(stage.name, files):
                version = self._version(stage.settings, [made[path] for path in reads])
                if version == self.noted[stage.name]["version"]:
                    made |= dict.fromkeys(files, version)
        return list(made)

    def _version(self, told: Iterable[str], made_from: list[str] | Files) -> str:
        told = narrowed(self.settings, told).model_dump_json(exclude={*HOW})
        return hashlib.sha256(repr((self._code, told, made_from)).encode()).hexdigest()

    def _is_as_noted(self, name: str, files: list[Path]) -> bool:
        return name in self.noted and self.noted[name]["files"] == stamped(self.store, files)

    def _keep(self, name: str, files: list[Path], version: str) -> None:
        self.versions |= dict.fromkeys(files, version)
        self.left_out.append(name)

    def _note(self, name: str, files: list[Path], version: str) -> None:
        self.versions |= dict.fromkeys(files, version)
        self.noted[name] = {"version": version, "files": stamped(self.store, files)}
        self.store.write_json(self.store.out / NOTE, self.noted)


def _linked(paths: list[Path], folder: Path) -> dict[str, Path]:
    """Hard links in this folder, which keep the files when others take their names; none where links cannot be made."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for path in paths:
            (folder / path.name).hardlink_to(path)
    except OSError:
        return {}
    return {path.stem: folder / path.name for path in paths}


def noted_steps(store: Store, settings: Settings) -> Noted:
    """The steps of a whole run into a folder, with the note of the run before."""
    try:
        noted = json.loads((store.out / NOTE).read_text("utf-8"))
    except (OSError, ValueError):
        noted = {}
    told = noted.items() if isinstance(noted, dict) else ()
    return Noted(
        store, settings, {name: of for name, of in told if isinstance(of, dict) and {*of} == {"version", "files"}}
    )
