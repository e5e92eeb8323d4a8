"""Files of events are parsed while others are still being hashed: to hash a long folder takes as long as to read it.

A file's id depends on the files beside it only where one has the same content. So its part is made as soon as its own hash
is known; where the id turns out to be another, the part is not found under it and is made again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from attribution.engines import progress
from attribution.engines.input_files import Source, holds_events, likely_id, side_by_side, source_of
from attribution.engines.judging import Account
from attribution.engines.page_cache import let_go
from attribution.engines.parsed import Parsed
from attribution.settings import Settings
from attribution.sources import SourceFile

Make = Callable[[Source, "Told", Path, Account], None]


@dataclass
class Told:
    """Says how far ingest is: in bytes of the folder's files, and the file that is read."""

    report: progress.Report
    total: int = 0
    passed: int = 0
    begun: list[Source] = field(default_factory=list)

    def begin(self, source: Source) -> None:
        """A file is read."""
        self.begun.append(source)

    def rows(self) -> None:
        """More rows of the file that was begun last are judged."""
        read = sum(source.read for source in self.begun)
        self._say(f"{read:,} rows, {self.begun[-1].file.name}")

    def done(self, path: Path, note: str) -> None:
        """A file is done."""
        self.passed += path.stat().st_size
        self._say(note)

    def _say(self, note: str) -> None:
        self.report("ingest", self.passed, self.total, note)


@dataclass(frozen=True)
class Early:
    """Makes the parts of files of events while `input_files.list_sources` looks at the folder."""

    parts: Parsed
    settings: Settings
    told: Told
    make: Make
    crowded: bool
    """Raw files are let go of when they are read."""

    def each(
        self, look: Callable[[Path], tuple[str, SourceFile]], paths: list[Path]
    ) -> Iterator[tuple[str, SourceFile]]:
        """Each file's hash and what it is, in order, when its part is made."""
        seen: set[str] = set()
        self.told.total = sum(path.stat().st_size for path in paths)
        for path, (sha256, file) in zip(paths, side_by_side(look, paths), strict=True):
            source = source_of(sha256, file, likely_id(sha256), self.settings)
            was_known = holds_events(file) and sha256 not in seen and self._part(source)
            seen.add(sha256)
            self.told.done(path, f"{source.file.name}: as it was" if was_known else source.file.name)
            yield sha256, file

    def _part(self, source: Source) -> bool:
        """Make the file's part; whether it was there already."""
        _, was_known = self.parts.part(source, Account(), partial(self.make, source, self.told))
        if self.crowded:
            let_go(source.file.path)
        return was_known
