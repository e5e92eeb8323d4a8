"""How time and memory grow with the number of events: the whole of `attribution run`, from stored Parquet to the page.

python benchmarks/growth.py [--sizes 1000000,10000000[,100000000]] [--rounds 1] [--folder FOLDER] [--raw-root FOLDER]
    [--simulate "--skew 0.5 --heavy-visitor-events 100000"]

Timed: the command in a process of its own, from its start to its end, notebooks left out (a `params.yaml` says so). Memory: the
peak of the process and its children together (`benchmarks/measured.py`). A world is simulated when its size is due and deleted
with the output after it, so the disk holds one size at a time; --folder says where (100 million events take some 20 GB and as
much again for the output), --raw-root names a folder of worlds that are there already, each in a folder named by its size.

Printed by size: median seconds and range, events a second, peak; and between sizes the slope of time on a log-log scale and the
growth of the peak.
"""

import argparse
import math
import shlex
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import contest
from measured import Cost, attribution_run


def main() -> int:
    """Each size in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=_sizes, default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="where worlds and outputs are put, instead of the system's temporary folder"
    )
    parser.add_argument("--raw-root", type=Path, help="worlds that are there already: FOLDER/<size>")
    parser.add_argument("--simulate", default="", help="more options of `attribution simulate`, in one text")
    chosen = parser.parse_args()
    before: tuple[int, Cost] | None = None
    for events in chosen.sizes:
        with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
            raw = chosen.raw_root / str(events) if chosen.raw_root else Path(name) / "raw"
            if not raw.is_dir():
                raw = Path(name) / "raw"
                contest.simulated(raw, events, "--format", "parquet", *shlex.split(chosen.simulate))
            costs = []
            for _ in range(chosen.rounds):
                costs.append(attribution_run(raw, Path(name) / "out"))
                shutil.rmtree(Path(name) / "out")
        now = Cost(statistics.median(cost.seconds for cost in costs), max(cost.peak_mb for cost in costs))
        _print_size(events, costs, now)
        if before:
            _print_growth(before, (events, now))
        before = events, now
    return 0


def _sizes(text: str) -> list[int]:
    return sorted(int(size) for size in text.replace("_", "").split(","))


def _print_size(events: int, costs: list[Cost], now: Cost) -> None:
    seconds = [cost.seconds for cost in costs]
    print(
        f"{events:>12,} events {now.seconds:8.1f} s ({min(seconds):.1f}-{max(seconds):.1f}) "
        f"{events / now.seconds:10,.0f} a second, peak {now.peak_mb:,.0f} MB",
        flush=True,
    )


def _print_growth(before: tuple[int, Cost], after: tuple[int, Cost]) -> None:
    (fewer, small), (more, large) = before, after
    slope = math.log(large.seconds / small.seconds) / math.log(more / fewer)
    peak = large.peak_mb / small.peak_mb
    print(f"{'':12} from {fewer:,}: log-log slope of time {slope:.3f}, peak {peak:.2f} times", flush=True)


if __name__ == "__main__":
    sys.exit(main())
