"""Stored events (Parquet) to every table and revenue per QR code, beside a tuned DuckDB script that does the same work.

python benchmarks/tables.py --duckdb-python PYTHON [--events 10000000] [--rounds 3] [--raw FOLDER]

PYTHON is the interpreter of an environment with DuckDB 2. The script, `benchmarks/peers/flow_duckdb.sql`, validates every row,
deduplicates, strips, redacts addresses, makes sessions, ties conversions and sums, and writes its tables as Parquet (zstd 1);
ours looks for phone and card numbers and IP addresses as well, and goes on to journeys and the credits of eight models.
Each runs in a process of its own, in turns. Printed: median seconds and range, peak memory of the process, the ratio by
rounds, and whether the numbers are equal.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
OURS = """
import sys, time, resource, json
from pathlib import Path
began = time.monotonic()
from attribution.engines import local
from attribution.engines.store import Store
import polars as pl
from attribution.flow import STAGE_NAMES
from attribution.money import AMOUNT
from attribution.reports.revenue_per_qr import revenue_per_qr
from attribution.settings import Settings
raw, out = map(Path, sys.argv[1:])
settings, names = Settings(), STAGE_NAMES[: STAGE_NAMES.index("report")]
seconds, last = {}, [began]
def done(name):
    seconds[name] = time.monotonic() - last[0]
    last[0] = time.monotonic()
local.run(raw, out, settings, stages=names, done=done)
store = Store(out)
names = ("scan_sessions", "scans", "qr_codes", "conversions", "credits")
no_costs = pl.LazyFrame(schema={"qr_code_id": pl.String, "cost": AMOUNT, "payback_day": pl.Date})
chosen = {"model": settings.report.model, "currency": settings.report.currency, "has_scans": True}
made = revenue_per_qr(*store.scan_all(names).values(), no_costs, **chosen)
store.write_report("revenue_per_qr", made.collect(engine="streaming"))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": time.monotonic() - began, "peak": peak, "stages": seconds}))
"""
DUCKDB = """
import sys, time, resource, json
began = time.monotonic()
import duckdb
raw, out, script, *codes = sys.argv[1:]
run = duckdb.connect()
for name, value in {"raw": raw, "out": out, "currency": "USD", "iso": codes}.items():
    run.execute(f"SET VARIABLE {name} = ?", [value])
for statement in duckdb.extract_statements(open(script).read()):
    run.execute(statement)
names = "events duplicates findings rejects scans scan_sessions web_sessions conversions revenue_per_qr"
for name in names.split():
    run.execute(f"COPY {name} TO '{out}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": time.monotonic() - began, "peak": peak}))
"""


def main() -> int:
    """Simulate, run in turns, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--duckdb-python", type=Path, required=True)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--raw", type=Path, help="a folder of the simulator's stored Parquet, instead of a new one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = chosen.raw or folder / "raw"
        if chosen.raw is None:
            size = ["--events", str(chosen.events), "--format", "parquet", "--quiet"]
            subprocess.run([sys.executable, "-m", "attribution", "simulate", "--out", raw, *size], check=True)
        ours, theirs = folder / "ours", folder / "duckdb"
        theirs.mkdir()
        from attribution.money import currencies

        script = [HERE / "peers" / "flow_duckdb.sql", *sorted(currencies())]
        runs: dict[str, list[dict[str, float]]] = {"attribution": [], "duckdb": []}
        for _ in range(chosen.rounds):
            runs["attribution"].append(_run([sys.executable, "-c", OURS, raw, ours]))
            runs["duckdb"].append(_run([chosen.duckdb_python, "-c", DUCKDB, raw, theirs, *script]))
        _told(runs)
        differing = [what for what, (one, other) in _numbers(ours, theirs).items() if not one.equals(other)]
        print(f"numbers that differ: {', '.join(differing) or 'none'}")
    return bool(differing)


def _run(command: list[object]) -> dict[str, float]:
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _told(runs: dict[str, list[dict[str, float]]]) -> None:
    for name, rounds in runs.items():
        seconds = [told["seconds"] for told in rounds]
        peak = max(told["peak"] for told in rounds)
        spread = f"({min(seconds):.1f}-{max(seconds):.1f})"
        print(f"{name:12} {statistics.median(seconds):6.1f} s {spread:14} peak {peak:,.0f} MB")
    stages = [told["stages"] for told in runs["attribution"]]
    print("by stage    ", {name: round(statistics.median(told[name] for told in stages), 1) for name in stages[0]})  # type: ignore[index,attr-defined]
    ratios = [d["seconds"] / a["seconds"] for a, d in zip(runs["attribution"], runs["duckdb"], strict=True)]
    print(f"times as fast as DuckDB: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


def _numbers(ours: Path, theirs: Path) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """What is compared, counted in the same way in both folders."""
    earned = ["qr_code_id", "scans", "scan_sessions", "people", "conversions", "revenue"]
    counted = {
        "events by exclusion": ("events", "events", ["exclusion"]),
        "rejects by reason": ("rejects", "rejects", ["reason"]),
        "findings by rule": ("ingest_findings", "findings", ["rule"]),
        "duplicates by reason": ("duplicates", "duplicates", ["reason"]),
        "scan sessions by consent": ("scan_sessions", "scan_sessions", ["is_known", "consent", "has_qr_conflict"]),
        "web sessions by size": ("web_sessions", "web_sessions", ["event_count", "page_view_count"]),
    }
    found = {
        what: (_counted(ours / "tables" / f"{one}.parquet", keys), _counted(theirs / f"{other}.parquet", keys))
        for what, (one, other, keys) in counted.items()
    }
    tied = [
        pl.scan_parquet(path)
        .group_by("tie", reason=reason)
        .agg(pl.len(), money=pl.col("amount_reporting").cast(pl.Decimal(38, 4)).sum())
        .sort("tie", "reason")
        .collect()
        for path, reason in (
            (ours / "tables" / "conversions.parquet", "unattributed_reason"),
            (theirs / "conversions.parquet", "reason"),
        )
    ]
    per_qr = [
        pl.read_parquet(path)
        .filter(pl.col("qr_code_id") != "unlinked")
        .select(pl.col(earned).exclude("qr_code_id").cast(pl.Decimal(38, 4)), "qr_code_id")
        .sort("qr_code_id")
        for path in (ours / "reports" / "revenue_per_qr.parquet", theirs / "revenue_per_qr.parquet")
    ]
    return found | {"ties and money": (tied[0], tied[1]), "revenue per QR code": (per_qr[0], per_qr[1])}


def _counted(path: Path, keys: list[str]) -> pl.DataFrame:
    return pl.scan_parquet(path).group_by(keys).agg(pl.len()).sort(keys).collect(engine="streaming")


if __name__ == "__main__":
    sys.exit(main())
