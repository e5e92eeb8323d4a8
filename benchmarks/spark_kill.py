"""Is every row still there, exactly once, after a process of the cluster was killed? Two workers on loopback, one kill a stage.

python benchmarks/spark_kill.py [--events 300000] [--victim worker|executor] [--stages ingest deduplicate sessions] [--after 1]

For each stage: a run on a fresh cluster of two workers (one core each); as soon as the stage has begun, the second
worker, or its executor, is killed by its id with SIGKILL; then every table and report, byte for byte, and the ledger are
compared with the local run's.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from standalone import Standalone, standalone
from written import differing

COMMAND = [sys.executable, "-m", "attribution"]
FOLDERS = {"ingest": "events"}
"""Stage -> the beginning of its staging folder's name, where that is not the stage's own."""


def main() -> int:
    """Run the kills and say what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--victim", choices=["worker", "executor"], default="worker")
    parser.add_argument("--stages", nargs="+", default=["ingest", "deduplicate", "sessions"])
    parser.add_argument("--after", type=float, default=1.0, help="seconds into the stage")
    chosen = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulated = [
            "--events",
            str(chosen.events),
            "--skew",
            "0.9",
            "--heavy-visitor-events",
            str(chosen.events // 10),
        ]
        subprocess.run([*COMMAND, "simulate", "--out", folder / "raw", *simulated, "--quiet"], check=True)
        (folder / "local.yaml").write_text("report:\n  notebooks: false\n")
        _run(folder, "local.yaml", "local")
        for stage in chosen.stages:
            shutil.rmtree(folder / "spark", ignore_errors=True)
            with standalone(2, folder / f"cluster-{stage}") as cluster:
                (folder / "spark.yaml").write_text(
                    f"engine: spark\nreport:\n  notebooks: false\nspark:\n  master: {cluster.master}\n  buckets: 8\n"
                    "  options:\n    spark.executor.memory: 1g\n    spark.driver.memory: 1g\n    spark.speculation: 'true'\n"
                )
                killer = threading.Thread(
                    target=_kill, args=(cluster, folder / "spark", stage, chosen.victim, chosen.after), daemon=True
                )
                killer.start()
                began = time.monotonic()
                _run(folder, "spark.yaml", "spark")
                seconds = time.monotonic() - began
                killer.join(timeout=1)
            changed = differing(folder / "local", folder / "spark")
            failed += bool(changed) or killer.is_alive()
            told = "no kill happened" if killer.is_alive() else ", ".join(changed) or "every table and report the same"
            print(f"{chosen.victim} killed in {stage}: {told} ({seconds:.0f} s)", flush=True)
    return failed


def _run(folder: Path, params: str, out: str) -> None:
    options = ["--raw", folder / "raw", "--out", folder / out, "--params", folder / params, "--quiet"]
    subprocess.run([*COMMAND, "run", *options], check=True)


def _kill(cluster: Standalone, out: Path, stage: str, victim: str, after: float) -> None:
    """Wait for the stage's staging folder, then kill."""
    staged = f".spark/{FOLDERS.get(stage, stage)}-*"
    while not list((out / "tables").glob(staged)):
        time.sleep(0.05)
    time.sleep(after)
    pids = [cluster.workers[1].pid] if victim == "worker" else cluster.executors_of(1)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        print(f"killed {victim} {pid}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
