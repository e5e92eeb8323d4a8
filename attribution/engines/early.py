"""Files of events are parsed while others are still being hashed: hashing a large folder takes as long as reading it.

A file's id depends on the files beside it only where one has the same content. So its part is made as soon as its own hash
is known; where the id turns out to be another, the part is not found under it and is made again. When the last rows of a file
are being judged the next one is begun: near its end, a file by itself leaves cores idle.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Lock
from typing import Final

from attribution.engines import progress
from attribution.engines.input_files import Source, holds_events, likely_id, side_by_side, source_of
from attribution.engines.judging import Account
from attribution.engines.page_cache import let_go
from attribution.engines.parsed import Parsed
from attribution.settings import Settings
from attribution.sources import SourceFile
from attribution.sources.files import size, stamp_of

AllInWork = Callable[[], None]
"""Called when the last rows of a file are being judged and none are left to read."""
Make = Callable[[Source, "Told", AllInWork, Path, Account], None]
IN_WORK: Final = 2
"""Files in progress at once: one being read, and one whose last rows are being judged and written."""


@dataclass
class Told:
    """Reports how far ingest has come, in bytes of the folder's files, and the file being read."""

    report: progress.Report
    total: int = 0
    passed: int = 0
    begun: list[Source] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def begin(self, source: Source) -> None:
        """Note that a file is begun."""
        self.begun.append(source)

    def rows(self) -> None:
        """Report that more rows of the file that was begun last are judged."""
        read = sum(source.read for source in self.begun)
        self._say(f"{read:,} rows, {self.begun[-1].file.name}")

    def done(self, source: Source, note: str) -> None:
        """Report that a file is done."""
        with self.lock:
            self.passed += size(source.file.stamp)
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
    """Whether raw files leave the page cache once they are read."""

    def each(
        self, look: Callable[[Path], tuple[str, SourceFile]], paths: list[Path]
    ) -> Iterator[tuple[str, SourceFile]]:
        """Each file's hash and what it is, in order; once they are exhausted, every part is made."""
        seen: set[str] = set()
        made: list[Future[None]] = []
        self.told.total = sum(size(stamp_of(path)) for path in paths)
        with ThreadPoolExecutor(IN_WORK) as pool:
            for sha256, file in side_by_side(look, paths):
                source = source_of(sha256, file, likely_id(sha256), self.settings)
                if holds_events(file) and sha256 not in seen:
                    all_in_work = Event()
                    made.append(pool.submit(self._part, source, all_in_work))
                    all_in_work.wait()
                else:
                    self.told.done(source, source.file.name)
                seen.add(sha256)
                yield sha256, file
                _raise_failed(made)
        _raise_failed(made)

    def _part(self, source: Source, all_in_work: Event) -> None:
        """Make the file's part, if it is not there already."""
        write = partial(self.make, source, self.told, all_in_work.set)
        try:
            was_known = self.parts.make(source, write)
        finally:
            all_in_work.set()
        if self.crowded:
            let_go(source.file.path)
        self.told.done(source, f"{source.file.name}: as it was" if was_known else source.file.name)


def _raise_failed(made: list[Future[None]]) -> None:
    """Raise the error of a part that has ended with one."""
    for part in made:
        if part.done():
            part.result()
