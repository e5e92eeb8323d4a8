"""What Spark costs and gains: the flow on one machine's engine, on one executor and on two, on the same events.

python benchmarks/spark.py [--events 5000000] [--skew 0.9] [--executors 1 2] [--keep FOLDER]

A standalone master and workers on loopback, an executor of one core each; the driver is a process of its own, which
runs the look-ups, the reports and the audit with Polars on all cores. Printed: seconds, ratio to the local engine, where
the time goes by stage and phase (`OUT/spark.json`), bytes shuffled per event, rows per core-hour of the cluster's phases,
and whether every table and report is the local engine's, byte for byte. One QR code has most of the scans, and one visitor
a fiftieth of all events.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from standalone import standalone
from written import differing

COMMAND = [sys.executable, "-m", "attribution"]
SETTINGS = "report:\n  notebooks: false\n"
SPARK = (
    SETTINGS + "engine: spark\nspark:\n  master: {master}\n"
    "  options:\n    spark.executor.memory: 1g\n    spark.driver.memory: 1g\n"
)


def main() -> None:
    """Simulate, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--executors", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--keep", type=Path, help="folder for the world and the outputs, kept")
    parser.add_argument("--skew", type=float, default=0.9)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.keep or Path(name)
        if not (folder / "raw").exists():
            size = ["--events", str(chosen.events), "--heavy-visitor-events", str(chosen.events // 50)]
            simulated = ["--out", folder / "raw", *size, "--skew", str(chosen.skew), "--quiet"]
            subprocess.run([*COMMAND, "simulate", *simulated], check=True)
        local = _timed(folder, "local", SETTINGS)
        rows = json.loads((folder / "local" / "ledger.json").read_text())["rows"]["read"]
        print(f"{rows:,} rows\nlocal engine: {local:.1f} s, {rows / local:,.0f} rows a second", flush=True)
        for executors in chosen.executors:
            with standalone(executors, folder / f"cluster-{executors}") as cluster:
                seconds = _timed(folder, f"spark-{executors}", SPARK.format(master=cluster.master))
            found = differing(folder / "local", folder / f"spark-{executors}")
            print(f"\ndiffering from the local engine: {', '.join(found) or 'nothing'}")
            _told(
                executors, seconds, local, rows, json.loads((folder / f"spark-{executors}" / "spark.json").read_text())
            )


def _timed(folder: Path, name: str, settings: str) -> float:
    (folder / f"{name}.yaml").write_text(settings)
    options = ["--raw", folder / "raw", "--out", folder / name, "--params", folder / f"{name}.yaml", "--quiet"]
    began = time.monotonic()
    subprocess.run([*COMMAND, "run", *options], check=True)
    return time.monotonic() - began


def _told(executors: int, seconds: float, local: float, rows: int, costs: dict[str, Any]) -> None:
    print(f"\n{executors} executor(s) of 1 core: {seconds:.1f} s, {seconds / local:.2f} times the local engine")
    print(f"{'stage':<12}{'cluster s':>10}{'driver s':>10}{'tasks':>7}{'buckets':>8}{'largest':>10}{'B/event':>9}")
    for stage in costs["stages"]:
        spent = stage["seconds"]
        on_cluster = spent.get("cluster", 0.0) + spent.get("look", 0.0)
        print(
            f"{stage['stage']:<12}{on_cluster:>10.1f}{sum(spent.values()) - on_cluster:>10.1f}{stage['tasks']:>7}"
            f"{stage['buckets']:>8}{stage['largest_bucket_rows']:>10,}{stage['bytes_shuffled'] / rows:>9.1f}"
        )
    on_cluster = sum(
        stage["seconds"].get("cluster", 0.0) + stage["seconds"].get("look", 0.0) for stage in costs["stages"]
    )
    counted = sum(sum(stage["seconds"].values()) for stage in costs["stages"])
    shuffled = sum(stage["bytes_shuffled"] for stage in costs["stages"])
    print(f"start of Spark, reports, pages: {seconds - counted:.1f} s on the driver")
    print(
        f"{shuffled / rows:.0f} bytes shuffled per event; {rows / (on_cluster * executors) * 3600 / 1e6:,.0f} million rows "
        "per core-hour of the cluster's phases",
        flush=True,
    )


if __name__ == "__main__":
    main()
