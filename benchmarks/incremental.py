"""What a new day costs: `attribution run` again into the same folder, beside a full run into a fresh one.

python benchmarks/incremental.py [--events 10000000] [--days 100] [--shape stored|raw] [--format parquet|ndjson] [--rounds 1]
    [--folder FOLDER] [--simulate "--defect resent=0.4"]

A simulated world is cut into `--days` files of equally many rows, in the order in which they were written, so that each also
holds late rows of earlier days; the last is held back. After a full run on the others, these changes happen to the input, one
after another, each on top of the one before (the whole series `--rounds` times):

- `new day`: the last file comes (1 % of the rows, of a hundred files);
- `nothing new`: nothing changes;
- `changed file`: the first file loses one row in ten;
- `changed setting`: time_decay's half-life becomes 3 days.

After each, the command runs into the folder of the last run and into a fresh one; both are timed from start to end of the
process, notebooks left out. Printed: median seconds, the share of the full run with its range, and whether every table and
report holds the same rows and the ledger is the same (`benchmarks/written.py`).
"""

import argparse
import shlex
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import contest
import polars as pl
from measured import SETTINGS, attribution_run
from written import differing

OTHER_SETTING = f"{SETTINGS}attribute:\n  half_life_days: 3\n"


def main() -> int:
    """Simulate, cut, run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--shape", choices=["stored", "raw"], default="stored")
    parser.add_argument("--format", choices=["parquet", "ndjson"], default="parquet")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where all is put, instead of the system's temporary folder")
    parser.add_argument("--simulate", default="", help="more options of `attribution simulate`, in one text")
    chosen = parser.parse_args()
    if chosen.shape == "raw" and chosen.format == "parquet":
        parser.error("raw payloads come as NDJSON: --shape raw --format ndjson")
    seconds: dict[str, list[tuple[float, float]]] = defaultdict(list)
    differs: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        options = ["--shape", chosen.shape, "--format", chosen.format, *shlex.split(chosen.simulate)]
        contest.simulated(folder / "world", chosen.events, *options)
        for number in range(chosen.rounds):
            held = by_day(folder / "world", folder / "raw", chosen.days)
            first = attribution_run(folder / "raw", folder / "out").seconds
            print(f"round {number + 1}: full run on all but the last day {first:.1f} s", flush=True)
            for event, settings, happen in events(folder / "raw", held):
                happen()
                seconds[event].append(both(folder, settings))
                differs[event] = differs.get(event, []) + differing(folder / "out", folder / "fresh")
                shutil.rmtree(folder / "fresh")
            shutil.rmtree(folder / "raw")
            shutil.rmtree(folder / "out")
    return told(seconds, differs)


def events(raw: Path, held: list[Path]) -> list[tuple[str, str, Callable[[], None]]]:
    """What happens to the input: its name, the settings of the runs after it, and the action."""
    return [
        ("new day", SETTINGS, lambda: [path.rename(raw / path.name) for path in held] and None),
        ("nothing new", SETTINGS, lambda: None),
        ("changed file", SETTINGS, lambda: lessened(min(raw.glob("*-day-*")))),
        ("changed setting", OTHER_SETTING, lambda: None),
    ]


def both(folder: Path, settings: str) -> tuple[float, float]:
    """Seconds of a run into the folder of the last run, and of one into a fresh folder."""
    again = attribution_run(folder / "raw", folder / "out", settings).seconds
    return again, attribution_run(folder / "raw", folder / "fresh", settings).seconds


def by_day(world: Path, raw: Path, days: int) -> list[Path]:
    """The world's events in files of equally many rows, in their order; the last of each kind is held back, elsewhere."""
    raw.mkdir()
    held = raw.with_name("held")
    held.mkdir(exist_ok=True)
    kinds: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path in sorted(world.iterdir()):
        kind = path.name.split("-")[0]
        if path.suffix in {".parquet", ".ndjson"} and kind in {"events", "browser", "server"}:
            kinds[kind, path.suffix].append(path)
        elif path.name != "truth.json":
            shutil.copy(path, raw)
    last = []
    for (kind, suffix), paths in kinds.items():
        names = [raw / f"{kind}-day-{day:03}{suffix}" for day in range(days)]
        (cut_table if suffix == ".parquet" else cut_lines)(paths, names)
        last.append(names[-1].rename(held / names[-1].name))
    return last


def cut_table(paths: list[Path], names: list[Path]) -> None:
    """Cut the rows of Parquet files into new files."""
    rows = pl.scan_parquet(paths)
    size = -(-rows.select(pl.len()).collect().item() // len(names))
    for number, name in enumerate(names):
        rows.slice(number * size, size).sink_parquet(name)


def cut_lines(paths: list[Path], names: list[Path]) -> None:
    """Cut the lines of text files into new files."""
    count = sum(1 for path in paths for _ in path.open("rb"))
    lines = (line for path in paths for line in path.open("rb"))
    size = -(-count // len(names))
    for name in names:
        with name.open("wb") as file:
            file.writelines(islice(lines, size))


def lessened(path: Path) -> None:
    """Take every tenth row away."""
    if path.suffix == ".parquet":
        rows = pl.read_parquet(path).with_row_index("number")
        rows.filter(pl.col("number") % 10 != 0).drop("number").write_parquet(path)
        return
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for number, line in enumerate(lines) if number % 10))


def told(seconds: dict[str, list[tuple[float, float]]], differs: dict[str, list[str]]) -> int:
    """Print times, shares and what differs; 1 if anything does."""
    print(f"{'':16}{'again':>10}{'full':>10}{'share of the full run':>30}  differing")
    for event, pairs in seconds.items():
        shares = [again / full * 100 for again, full in pairs]
        spread = f"{statistics.median(shares):.1f} % ({min(shares):.1f}-{max(shares):.1f})"
        again, full = (statistics.median(column) for column in zip(*pairs, strict=True))
        found = ", ".join(sorted({*differs[event]})) or "nothing"
        print(f"{event:16}{again:>8.1f} s{full:>8.1f} s{spread:>30}  {found}", flush=True)
    return int(any(differs.values()))


if __name__ == "__main__":
    sys.exit(main())
