"""Rows on their way to the files: they wait until their time comes, and are counted as they are written."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from attribution.simulate.defects import IS_BROWSER
from attribution.simulate.events import DUPLICATE, EMAIL, LEAK, MALFORMED, QUARANTINED
from attribution.simulate.lines import csv_lines, json_lines, raw_lines
from attribution.simulate.people import DAY
from attribution.simulate.shapes import ISO, ZONELESS, Words, expr_address
from attribution.simulate.truth import MAX_ADDRESSES, Tally
from attribution.simulate.world import Compress, Format, World
from attribution.simulate.write import MonthFiles
from attribution.terms import RAW, Shape

BLOCK = 100_000
"""Rows that are turned into text at a time."""
ROWS_AT_ONCE = 300_000
"""Rows that are sorted at a time, or a slot if that is more."""
SLOT = DAY // 4
MAX_PARTS = 32
"""Frames that wait in a slot before they are put together: small frames cost more than their rows."""


class Waiting:
    """Rows of all chunks so far that are not written yet, by the quarter of a day they are to be written in."""

    def __init__(self) -> None:
        self._slots: defaultdict[int, list[pl.DataFrame]] = defaultdict(list)

    def add(self, rows: pl.DataFrame) -> None:
        """Takes rows in."""
        slotted = rows.with_columns(slot=pl.col("written") // SLOT)
        for (slot,), part in slotted.partition_by("slot", maintain_order=True, include_key=False, as_dict=True).items():
            parts = self._slots[int(slot)]
            parts.append(part)
            if len(parts) >= MAX_PARTS:
                self._slots[int(slot)] = [pl.concat(parts, rechunk=True)]

    def due(self, before: int | None) -> Iterator[pl.DataFrame]:
        """Gives out the rows of all slots that end before this time (None: all), ordered by when they are written."""
        parts: list[pl.DataFrame] = []
        for slot in sorted(slot for slot in self._slots if before is None or (slot + 1) * SLOT <= before):
            parts += self._slots.pop(slot)
            if sum(part.height for part in parts) >= ROWS_AT_ONCE:
                yield _ordered(parts)
                parts = []
        if parts:
            yield _ordered(parts)


def _ordered(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).sort("written", maintain_order=True)


class Exports:
    """The event files of a world, written month by month; rows from the end of a file may appear again in the next one."""

    def __init__(
        self, folder: Path, world: World, shape: Shape, file_format: Format, compress: Compress, tally: Tally
    ) -> None:
        self._words, self._tally = Words(world), tally
        self._shape, self._format = shape, file_format
        self._overlap = world.defects.overlapping_exports
        self._month, self._tail = "", list[pl.DataFrame]()
        stems = ("browser", "server") if shape == RAW else ("events",)
        self._files = {stem: MonthFiles(folder, stem, file_format, compress) for stem in stems}

    @property
    def rows(self) -> int:
        """Rows written so far."""
        return self._tally.fates.total()

    def append(self, rows: pl.DataFrame) -> None:
        """Writes rows, which must come in the order of `written` over all calls."""
        dated = rows.with_columns(month=pl.col("written").cast(pl.Datetime("ms")).dt.strftime("%Y-%m"))
        for part in dated.partition_by("month", maintain_order=True):
            month, month_rows = part["month"][0], part.drop("month")
            if month != self._month:
                self._month = month
                for tail in self._tail:
                    self._tally.planted["overlapping_exports"] += tail.height
                    self._write(tail)
                self._tail = []
            self._write(month_rows)
            if self._overlap:
                self._keep_tail(month_rows)

    def close(self) -> None:
        """Ends all files."""
        for files in self._files.values():
            files.close()

    def _keep_tail(self, rows: pl.DataFrame) -> None:
        year, month = (int(part) for part in self._month.split("-"))
        begin = datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000
        since = int(end - self._overlap * (end - begin))
        again = rows.filter((pl.col("written") >= since) & ~pl.col("fate").is_in([MALFORMED, QUARANTINED]))
        if again.height:
            self._tail.append(again.with_columns(fate=pl.lit(DUPLICATE, pl.UInt8)))

    def _write(self, rows: pl.DataFrame) -> None:
        for block in rows.iter_slices(BLOCK):
            self._count(block)
            if self._shape != RAW:
                self._files["events"].append(self._month, self._stored(block))
                continue
            for stem, is_stem in (("browser", IS_BROWSER), ("server", ~IS_BROWSER)):
                sent = block.filter(is_stem)
                if sent.height:
                    self._files[stem].append(self._month, raw_lines(self._words, sent))

    def _stored(self, block: pl.DataFrame) -> pl.DataFrame | pl.Series:
        if self._format == "csv":
            return csv_lines(self._words.stored(block, ZONELESS), block)
        if self._format in {"ndjson", "json"}:
            return json_lines(self._words.stored(block, ISO), block)
        return self._words.stored(block, None).with_columns(pl.col("conversion_value").cast(pl.Decimal(18, 2)))

    def _count(self, block: pl.DataFrame) -> None:
        tally = self._tally
        for fate, rows in block.group_by("fate").len().iter_rows():
            tally.fates[fate] += rows
        accepted = block.filter(~pl.col("fate").is_in([MALFORMED, QUARANTINED]))
        tally.leaks += int((accepted["extra"] == LEAK).sum())
        mails = accepted.filter(pl.col("extra") == EMAIL)
        tally.emails += mails.height
        fresh = mails.filter(pl.col("fate") != DUPLICATE)
        tally.addresses += fresh.head(MAX_ADDRESSES - len(tally.addresses)).select(expr_address()).to_series().to_list()
