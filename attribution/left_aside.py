"""The files of the raw folder of which nothing was read (empty, or nobody knows what they are), or not all (broken)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from attribution.sources.unread import UNREAD

NOT_RECOGNISED: Final = "not_recognised"
BROKEN_OFF: Final = "broken_off"
"""Their places in the ledger; missing where there is none."""
NAMED: Final = 8
"""Files that are named in a line; of more, how many."""
LOST: Final = ("unreadable_rest", "unreadable_rows")
"""Reasons of rejects: of what follows a break, of a damaged part of a file of columns."""
HINTS: Final = {name: unread.hint() for name, unread in UNREAD.items() if unread.remedy}
"""What to do with a file, by its format."""
EMPTY: Final = " (empty)"


def not_recognised(sources: pl.LazyFrame) -> list[str]:
    """Their names, with what to do where that is known."""
    by_format = pl.col("format").replace_strict(HINTS, default="", return_dtype=pl.String)
    hint = pl.when(pl.col("bytes") > 0).then(by_format).otherwise(pl.lit(EMPTY))
    return (
        sources.filter((pl.col("kind") == "") | (pl.col("bytes") == 0))
        .select(pl.col("source_file") + hint)
        .collect()
        .to_series()
        .to_list()
    )


def broken_off(rejects: pl.LazyFrame) -> list[str]:
    """The names of those that were read as far as they can be."""
    files = rejects.filter(pl.col("reason").is_in(LOST)).select(pl.col("source_file").unique().sort())
    return files.collect().to_series().to_list()


def files_left_aside(ledger: Mapping[str, Any]) -> str:
    """What is to be said of them; empty where there is none."""
    names, cut = ledger.get(NOT_RECOGNISED, []), ledger.get(BROKEN_OFF, [])
    said = []
    if names:
        said.append(f"{_files(names)} not read: {_listed(names)}.")
    if any(not name.endswith((*HINTS.values(), EMPTY)) for name in names):
        said.append("To have a file read, say what it holds with ingest.kinds or ingest.aliases in the settings.")
    if cut:
        said.append(f"{_files(cut)} damaged or cut off, read as far as possible: {_listed(cut)}.")
    return " ".join(said)


def _files(names: Sequence[str]) -> str:
    return "1 file" if len(names) == 1 else f"{len(names)} files"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
