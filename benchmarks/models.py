"""Speed and memory of Markov and Shapley beside ChannelAttribution 2.2.5 and marketing-attribution-models 2.1.1.

Set-up, once (each peer in an environment of its own):

    python -m venv peer-a && peer-a/bin/pip install ChannelAttribution==2.2.5 matplotlib pandas pyarrow
    python -m venv peer-b && peer-b/bin/pip install marketing-attribution-models==2.1.1 pyarrow

Run:

    python benchmarks/models.py --channel-attribution peer-a/bin/python --mam peer-b/bin/python

or give the interpreters as ATTRIBUTION_BENCH_CHANNEL_ATTRIBUTION and ATTRIBUTION_BENCH_MAM. A peer without an interpreter
is left out.

What is timed: from one row per journey in memory, in the form each library asks for, to the table of totals; reading the
file and importing are not. The peers ask for the path as text joined by " > ", this package for a list of text;
`--text` gives this package the text too and times the splitting. Every run is a process of its own, after a warm-up on
1,000 journeys, and the libraries take turns. Peak memory is that of the whole process, the table included.
ChannelAttribution simulates, with its defaults and all cores; it has no Shapley. marketing-attribution-models runs
Shapley with its default of at most 4 touchpoints a set, which is less work than the exact game timed for us
(`--max-size 0` removes its limit).
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

OURS, FROM_TEXT, CHANNEL_ATTRIBUTION, MAM = (
    "attribution",
    "attribution from text",
    "ChannelAttribution",
    "marketing-attribution-models",
)
MARKOV, SHAPLEY, SHAPLEY_RATE = "markov", "shapley conversions", "shapley conversion_rate"
SEPARATOR = " > "
WARM_UP = 1_000

Run = Callable[["int | None"], "dict[str, float]"]
"""Takes how many journeys to run on (None: all), returns conversions per touchpoint."""
Runs = "list[dict[str, float] | None]"


def make_journeys(file: Path, journeys: int, touchpoints: int, seed: int) -> None:
    """Write one row per journey: 1 to 12 touches, some touchpoints far more common, about 6 % converting."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(seed)
    lengths = np.minimum(rng.geometric(0.3, journeys), 12)
    popularity = 1 / np.arange(2, touchpoints + 2)
    codes = rng.choice(touchpoints, lengths.sum(), p=popularity / popularity.sum())
    pull = rng.uniform(0.02, 0.1, touchpoints)
    starts = np.cumsum(lengths) - lengths
    converted = rng.random(journeys) < np.add.reduceat(pull[codes], starts) / lengths
    names = np.array([f"touchpoint {number:02d}" for number in range(touchpoints)])
    paths = pl.DataFrame({"row": np.repeat(np.arange(journeys), lengths), "name": names[codes]})
    cents = np.where(converted, rng.integers(500, 20_000, journeys), 0)
    paths.group_by("row", maintain_order=True).agg(path=pl.col("name").str.join(SEPARATOR)).select(
        "path",
        conversions=pl.Series(converted.astype(np.int64)),
        non_conversions=pl.Series(1 - converted.astype(np.int64)),
        revenue=pl.Series(cents / 100),
    ).write_parquet(file)


def ours(file: str, model: str, *, text: bool = False) -> Run:
    """This package; revenue as decimals, to be settled exactly."""
    import polars as pl

    from attribution.models import attribute_paths

    split = pl.col("path").str.split(SEPARATOR)
    frame = pl.read_parquet(file).with_columns(pl.col("revenue").cast(pl.Decimal(18, 2)))
    frame = frame if text else frame.with_columns(split)
    name, *game = model.split()
    options = {"game": game[0]} if game else {}

    def run(limit: int | None) -> dict[str, float]:
        table = frame.head(limit or len(frame)).with_columns(split if text else [])
        return dict(attribute_paths(table, name, **options).select("touchpoint", "conversions").iter_rows())

    return run


def channel_attribution(file: str) -> Run:
    """ChannelAttribution's markov_model with its defaults, on all cores."""
    import ChannelAttribution
    import pandas as pd

    frame = pd.read_parquet(file)

    def run(limit: int | None) -> dict[str, float]:
        found = ChannelAttribution.markov_model(
            frame.head(limit or len(frame)), "path", "conversions", var_value="revenue", var_null="non_conversions",
            sep=">", ncore=os.cpu_count(), verbose=False, flg_pro=False,
        )  # fmt: skip
        return dict(zip(found["channel_name"], found["total_conversions"], strict=True))

    return run


def marketing_attribution_models(file: str, model: str, max_size: int | None) -> Run:
    """marketing-attribution-models' own classes, without its report and without its second pass for raw results."""
    import mam.core
    import polars as pl
    from mam.models.markov import MarkovModel
    from mam.models.shapley import ShapleyModel

    frame = pl.read_parquet(file).select(
        "path", converted=pl.col("conversions") > 0, occurrences=pl.lit(1, dtype=pl.Int64)
    )
    value = "conversions" if model == SHAPLEY else "conv_rate"

    def run(limit: int | None) -> dict[str, float]:
        table = mam.core.MAM(
            frame.head(limit or len(frame)), "grouped_journey", "path", "converted", occurrences_colname="occurrences"
        )
        chosen = MarkovModel() if model == MARKOV else ShapleyModel(max_size=max_size, value_column=value)
        return dict(chosen.get_aggregated_results(table.unified_df).iter_rows())

    return run


def prepared(library: str, file: str, model: str, max_size: int | None) -> Run:
    """The library with its table in memory, ready to run."""
    if library == CHANNEL_ATTRIBUTION:
        return channel_attribution(file)
    if library == MAM:
        return marketing_attribution_models(file, model, max_size)
    return ours(file, model, text=library == FROM_TEXT)


def work(library: str, file: str, model: str, max_size: int | None) -> None:
    """Run one library once and print what it took as JSON, on the last line of the output."""
    run = prepared(library, file, model, max_size)
    run(WARM_UP)
    begun, cpu = time.perf_counter(), time.process_time()
    found = run(None)
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu
    peak = peak_megabytes()
    print()
    print(json.dumps({"seconds": seconds, "cpu": cpu_seconds, "peak": peak, "total": sum(found.values())}))


def peak_megabytes() -> float:
    """The most memory this process held at once; Linux's own mark, which a parent process does not blur."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(python: str, library: str, file: Path, model: str, max_size: int, timeout: int) -> dict[str, float] | None:
    """One run in a process of its own; None if it took longer than allowed."""
    command = [
        python,
        __file__,
        "--worker",
        library,
        "--file",
        str(file),
        "--model",
        model,
        "--max-size",
        str(max_size),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{library} failed:\n{done.stderr[-2000:]}")
    measured: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


def summary(runs: Runs, timeout: int) -> str:
    """Median seconds with their range, and median peak memory."""
    done = [run for run in runs if run]
    if not done:
        return f"> {timeout} s"
    seconds = [run["seconds"] for run in done]
    peak = statistics.median(run["peak"] for run in done)
    return f"{statistics.median(seconds):.3f} s ({min(seconds):.3f}–{max(seconds):.3f}), {peak:.0f} MB"


def seconds_of(runs: Runs, timeout: int) -> list[float]:
    """Seconds of each run; the time allowed where none finished."""
    return [run["seconds"] for run in runs if run] or [float(timeout)]


def take_turns(pythons: dict[str, str], file: Path, model: str, args: argparse.Namespace) -> dict[str, Runs]:
    """The runs of every library that has the model, in rounds; a library that took too long once is not asked again."""
    runs: dict[str, Runs] = {name: [] for name in pythons if model == MARKOV or name != CHANNEL_ATTRIBUTION}
    for _ in range(args.rounds):
        for name, found in runs.items():
            if None not in found:
                found.append(measure(pythons[name], name, file, model, args.max_size, args.timeout))
    return runs


def times_faster(runs: dict[str, Runs], me: str, timeout: int) -> tuple[float, str]:
    """How many times faster `me` is than the fastest of the others, by the medians, and as text with its range."""
    others = [seconds_of(found, timeout) for name, found in runs.items() if name != me]
    if not others:
        return math.inf, "–"
    mine, theirs = seconds_of(runs[me], timeout), min(others, key=statistics.median)
    times = statistics.median(theirs) / statistics.median(mine)
    return times, f"{times:.1f} ({min(theirs) / max(mine):.1f}–{max(theirs) / min(mine):.1f})"


def compare(args: argparse.Namespace) -> int:
    """Print one line per number of journeys, of touchpoints, and model; exit 1 if a row misses the target."""
    me = FROM_TEXT if args.text else OURS
    known = {me: sys.executable, CHANNEL_ATTRIBUTION: args.channel_attribution, MAM: args.mam}
    pythons = {name: python for name, python in known.items() if python}
    missed = 0
    print("| journeys | touchpoints | model | " + " | ".join(pythons) + " | times faster (range) |")
    print("|---|---|---|" + "---|" * (len(pythons) + 1))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journeys.parquet"
        for journeys, touchpoints in itertools.product(args.journeys, args.touchpoints):
            make_journeys(file, journeys, touchpoints, args.seed)
            for model in args.models:
                runs = take_turns(pythons, file, model, args)
                times, ratio = times_faster(runs, me, args.timeout)
                missed += times < args.target
                cells = [summary(runs[name], args.timeout) if name in runs else "–" for name in pythons]
                print(f"| {journeys:,} | {touchpoints} | {model} | " + " | ".join(cells) + f" | {ratio} |", flush=True)
    return 1 if missed else 0


def main() -> int:
    """Read the command line; `--worker` is how the script calls itself under a peer's interpreter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    environment = os.environ.get
    parser.add_argument(
        "--channel-attribution", default=environment("ATTRIBUTION_BENCH_CHANNEL_ATTRIBUTION"), metavar="PYTHON"
    )
    parser.add_argument("--mam", default=environment("ATTRIBUTION_BENCH_MAM"), metavar="PYTHON")
    parser.add_argument("--journeys", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--touchpoints", type=int, nargs="+", default=[10, 20, 50])
    parser.add_argument("--models", nargs="+", default=[MARKOV, SHAPLEY, SHAPLEY_RATE])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--text", action="store_true", help="give this package the path as text too")
    parser.add_argument(
        "--max-size", type=int, default=4, help="marketing-attribution-models' limit of a set; 0 for none"
    )
    parser.add_argument("--timeout", type=int, default=600, help="seconds allowed for one run")
    parser.add_argument("--target", type=float, default=5.0, help="times faster than the faster peer, on every row")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--worker", choices=[OURS, FROM_TEXT, CHANNEL_ATTRIBUTION, MAM], help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        work(args.worker, args.file, args.model, args.max_size or None)
        return 0
    return compare(args)


if __name__ == "__main__":
    sys.exit(main())
