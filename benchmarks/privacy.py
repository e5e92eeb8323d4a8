"""What the audit costs a run, and how fast and how exact the detector is.

    python benchmarks/privacy.py                      # 2 million raw NDJSON events, 3 rounds, and a million texts
    python benchmarks/privacy.py --events 200000 --rounds 2

Whole runs with and without the audit take turns, each in a process of its own, on the same simulated files. Without: no field
is searched for personal data, nothing is searched again, and no report of the audit is made; all else is the same.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attribution.report_part import Part
    from attribution.settings import Settings


KEPT: Final = {"data_quality", "uncounted_revenue"}
"""Reports that are made beside the audit's and are none of it: the page and the ledger need them."""


def run_once(raw: Path, *, audited: bool) -> float:
    """Seconds of one whole run in this process, loading the modules not counted."""
    from attribution import audit, personal_data
    from attribution.engines import closing, local, side_files
    from attribution.settings import Report, Settings

    if not audited:
        personal_data.redacted = side_files.redacted = unsearched  # type: ignore[assignment]
        personal_data.still_found = lambda *_: pl.DataFrame()
        audit.consent_audit = lambda *_: pl.LazyFrame(schema=audit.ConsentAudit.dtypes())
        closing.PARTS = tuple(part if KEPT & {*part.names} else of_nothing(part) for part in closing.PARTS)
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        local.run(raw, Path(out), Settings(report=Report(notebooks=False)))
        return time.perf_counter() - began


def of_nothing(part: Part) -> Part:
    """The same reports, from empty tables."""

    def make(tables: dict[str, pl.LazyFrame], settings: Settings) -> Mapping[str, pl.LazyFrame]:
        return part.make({name: rows.head(0) for name, rows in tables.items()}, settings)

    return replace(part, make=make)


def unsearched(rows: pl.DataFrame, *_: object) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows as they are, with nothing found."""
    from attribution.personal_data import FOUND

    return rows, pl.DataFrame(schema=FOUND)


def cost(events: int, rounds: int) -> None:
    """Print the seconds of runs with and without the audit, and their ratio."""
    from attribution.simulate import World, simulate

    with tempfile.TemporaryDirectory() as raw:
        simulate(Path(raw), World(seed=1, events=events), shape="raw", format="ndjson")
        seconds: dict[str, list[float]] = {"without": [], "with": []}
        for number in range(rounds):
            for kind in ("without", "with") if number % 2 else ("with", "without"):
                done = subprocess.run(
                    [sys.executable, __file__, "--worker", kind, "--raw", raw],
                    check=True,
                    capture_output=True,
                    text=True,
                )
                seconds[kind].append(float(done.stdout))
    ratios = [one / other for one, other in zip(seconds["with"], seconds["without"], strict=True)]
    for kind, taken in seconds.items():
        print(f"{kind:8} {statistics.median(taken):7.2f} s  ({min(taken):.2f}-{max(taken):.2f})")
    print(f"ratio    {statistics.median(ratios):7.3f}    ({min(ratios):.3f}-{max(ratios):.3f})")


def false_finds(texts: int) -> None:
    """Print what is found in texts that hold no personal data, and how fast."""
    from attribution.privacy import inspect_text, suspect
    from tests.privacy.test_laws import ordinary

    random = Random(11)  # noqa: S311 - a seed, no secret
    rows = pl.DataFrame({"text": [text for _ in range(texts // 10) for text in ordinary(random)]})
    began = time.perf_counter()
    kept = rows.filter(suspect(pl.col("text"), "text"))["text"].to_list()
    looked = time.perf_counter()
    found = Counter(hit.rule for text in kept for hit in inspect_text(text, "text").hits)
    print(
        f"{rows.height:,} ids, prices, times, digests: {len(kept):,} looked at closely, found: {dict(found) or 'nothing'}"
    )
    closely = len(kept) / (time.perf_counter() - looked)
    print(f"{rows.height / (looked - began):,.0f} texts a second at a glance, {closely:,.0f} closely")


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description="What the audit costs, and how exact the detector is.")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--worker", choices=["with", "without"], help=argparse.SUPPRESS)
    parser.add_argument("--raw", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        print(run_once(asked.raw, audited=asked.worker == "with"))
        return
    sys.path.insert(0, str(Path(__file__).parents[1]))
    cost(asked.events, asked.rounds)
    false_finds(asked.texts)


if __name__ == "__main__":
    main()
