"""How time and memory grow with the number of events: the whole of `attribution run`, from stored Parquet to the page.

python benchmarks/growth.py [--sizes 1000000,10000000[,100000000]] [--rounds 1] [--folder FOLDER] [--raw-root FOLDER]
    [--simulate "--skew 0.5 --heavy-visitor-events 100000"]

Timed: the command in a process of its own, from its start to its end, notebooks left out (a `params.yaml` says so). Memory:
the peak of the process and its children together (`benchmarks/measured.py`). A round goes up through the sizes and down again,
so that a machine which becomes slower or faster on the way does so for the smaller sizes on either side of the largest. A
world is simulated when its size is due and deleted with the output after it, so the disk holds one size at a time; --folder
says where (100 million events take some 20 GB and as much again for the output), --raw-root names a folder of worlds that are
there already, each in a folder named by its size.

Printed by size: median seconds and range, events a second, peak; between sizes the slope of time on a log-log scale and the
growth of the peak; and the slope of the line through all sizes (least squares).
"""

import argparse
import math
import shlex
import statistics
import sys
import tempfile
from itertools import pairwise
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
    costs: dict[int, list[Cost]] = {events: [] for events in chosen.sizes}
    for events in [*chosen.sizes, *reversed(chosen.sizes[:-1])] * chosen.rounds:
        costs[events].append(_run(events, chosen))
        print(f"{events:,}: {costs[events][-1].seconds:.1f} s", flush=True)
    medians = {events: _median(of) for events, of in costs.items()}
    for events, now in medians.items():
        _print_size(events, costs[events], now)
    for before, after in pairwise(medians.items()):
        _print_growth(before, after)
    if len(medians) > 1:
        fit = statistics.linear_regression(
            *zip(*((math.log(n), math.log(of.seconds)) for n, of in medians.items()), strict=True)
        )
        print(f"through all sizes: log-log slope of time {fit.slope:.3f}")
    return 0


def _run(events: int, chosen: argparse.Namespace) -> Cost:
    """One run on a world of that size."""
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        raw = chosen.raw_root / str(events) if chosen.raw_root else Path(name) / "raw"
        if not raw.is_dir():
            raw = Path(name) / "raw"
            contest.simulated(raw, events, "--format", "parquet", *shlex.split(chosen.simulate))
        return attribution_run(raw, Path(name) / "out")


def _median(costs: list[Cost]) -> Cost:
    """The median time, and the highest peak of memory."""
    return Cost(statistics.median(cost.seconds for cost in costs), max(cost.peak_mb for cost in costs))


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
    print(f"from {fewer:,} to {more:,}: log-log slope of time {slope:.3f}, peak {peak:.2f} times", flush=True)


if __name__ == "__main__":
    sys.exit(main())
