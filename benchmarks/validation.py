"""What validation costs a run: whole runs with and without it, in turns, on the same files.

python benchmarks/validation.py [--events 2000000] [--defects 0.05] [--shape stored|raw] [--format parquet|ndjson] [--rounds 3]
    [--raw FOLDER]

Timed: `attribution.engines.local.run` from files to page in a process of its own, loading the modules not counted, notebooks
left out. What counts as validation, and is left out of the other run:

- the rules that refuse a row (`attribution.rules`), all in one expression over every row;
- the rules that only note something (`ingest._noted`);
- Pandera on the failing rows, to say which rules they break (`schemas.raw_event.explain`);
- Pandera on every table that a stage makes, by name and type (`schemas.contract`).

So that all else is the same, the run without validation is told which rows to refuse: it drops the row ids that the run with
it before refused. It notes and explains nothing. Parsing and typing the columns, the search for personal data and the audit at
the end are no part of it. Printed: median seconds and range, the share of the run by rounds, the seconds within Pandera, and
whether every refused row is explained: rows refused, rows with a reason in `rejects`, reasons. `--defects default` and `0.05`
(5 % of every kind of fault) show what few and many bad rows cost.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contest
import polars as pl


def main() -> int:
    """Simulate, run in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--defects", default="0.05", help="default, none, or the share of each kind of fault")
    parser.add_argument("--shape", choices=["stored", "raw"], default="stored")
    parser.add_argument("--format", choices=["parquet", "ndjson"], default="parquet")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--raw", type=Path, help="a folder of exports, instead of a new world")
    parser.add_argument("--worker", choices=["with", "without"], help=argparse.SUPPRESS)
    parser.add_argument("--refused", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        print(json.dumps(run_once(chosen.raw, chosen.refused, validated=chosen.worker == "with")))
        return 0
    with tempfile.TemporaryDirectory() as name:
        raw, refused = chosen.raw or Path(name) / "raw", Path(name) / "refused.parquet"
        if chosen.raw is None:
            options = ["--shape", chosen.shape, "--format", chosen.format, "--defects", chosen.defects]
            contest.simulated(raw, chosen.events, *options)
        worker = [sys.executable, __file__, "--raw", raw, "--refused", refused, "--worker"]
        told = contest.in_turns({"with": [*worker, "with"], "without": [*worker, "without"]}, chosen.rounds)
    return print_told(told)


def print_told(told: contest.Told) -> int:
    """Print what was measured; 1 where a refused row has no reason."""
    contest.print_seconds(told)
    pairs = zip(told["with"], told["without"], strict=True)
    shares = [(1 - without["seconds"] / validated["seconds"]) * 100 for validated, without in pairs]
    print(f"validation: {statistics.median(shares):.1f} % of the run ({min(shares):.1f}-{max(shares):.1f})")
    last = told["with"][-1]
    print(f"within Pandera: {last['explain']:.2f} s on failing rows, {last['tables']:.2f} s on tables")
    print(
        f"refused rows: {last['refused']:,.0f}, with a reason: {last['explained']:,.0f}, reasons: {last['reasons']:,.0f}"
    )
    return int(last["refused"] != last["explained"])


def run_once(raw: Path, refused: Path, *, validated: bool) -> dict[str, float]:
    """One whole run in this process."""
    from attribution import ingest
    from attribution.engines import judging, local
    from attribution.rules import RULES
    from attribution.schemas import contract
    from attribution.settings import Report, Settings

    ids: list[pl.Series] = []
    clock = {"explain": 0.0, "tables": 0.0}
    if validated:
        _swap(judging, "ingest", lambda original: _keeping(original, ids))
        _swap(judging, "explain", lambda original: _timed(original, clock, "explain"))
        _swap(contract, "_validated", lambda original: _timed(original, clock, "tables"))
    else:
        known = pl.read_parquet(refused)["row_id"].implode()
        _swap(ingest, "rejecting_rules", lambda _: lambda _shape: [_known(known)])
        _swap(ingest, "_noted", lambda _: lambda _rows, _shape: pl.DataFrame(schema=ingest.FOUND))
        _swap(judging, "explain", lambda _: _unexplained)
        _swap(contract, "_validated", lambda _: lambda _table, rows, _depth: rows)
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        local.run(raw, Path(out), Settings(report=Report(notebooks=False)))
        seconds = time.perf_counter() - began
        rejects = pl.read_parquet(Path(out) / "tables" / "rejects.parquet")
    if not validated:
        return {"seconds": seconds}
    failing = pl.concat([pl.Series("row_id", [], pl.UInt64), *ids])
    failing.to_frame().write_parquet(refused)
    reasons = rejects.filter(pl.col("reason").is_in(list(RULES)))
    explained = reasons.select("source_file", "row_number").n_unique()
    counts = {"refused": failing.len(), "explained": explained, "reasons": reasons.height}
    return {"seconds": seconds, **clock, **counts}


def _swap(module: Any, name: str, wrap: Callable[[Any], Any]) -> None:  # noqa: ANN401
    if not hasattr(module, name):
        raise SystemExit(f"{module.__name__}.{name} is no more: say anew what validation is")
    setattr(module, name, wrap(getattr(module, name)))


def _keeping(ingest: Callable[..., Any], ids: list[pl.Series]) -> Callable[..., Any]:
    """Ingest that remembers which rows it refused."""

    def keeping(*rows: Any, **options: Any) -> Any:  # noqa: ANN401
        ingested = ingest(*rows, **options)
        ids.append(ingested.failing["row_id"])
        return ingested

    return keeping


def _timed(work: Callable[..., Any], clock: dict[str, float], name: str) -> Callable[..., Any]:
    def timed(*given: Any) -> Any:  # noqa: ANN401
        began = time.perf_counter()
        try:
            return work(*given)
        finally:
            clock[name] += time.perf_counter() - began

    return timed


def _known(ids: pl.Series) -> Any:  # noqa: ANN401
    """The one rule of a run without validation: the row is one of those that were refused."""
    from attribution.rules import Rule

    return Rule("known", "row_id", "reject", "reject", lambda: pl.col("row_id").is_in(pl.lit(ids)))


def _unexplained(failing: pl.DataFrame, _: str) -> pl.DataFrame:
    texts = [pl.lit(None, pl.String).alias(name) for name in ("event_id", "reason", "column", "stage")]
    return failing.head(0).select("row_id", *texts)


if __name__ == "__main__":
    sys.exit(main())
