"""Stored events (Parquet) to every table and revenue per QR code, beside a tuned DuckDB script and pandas doing the same work.

python benchmarks/tables.py --duckdb-python PYTHON [--pandas-python PYTHON] [--events 10000000] [--pandas-events 1000000]
    [--rounds 3] [--raw FOLDER] [--pandas-raw FOLDER]

PYTHON is the interpreter of an environment with DuckDB 2, or with pandas and pyarrow; one of the two is enough.

`benchmarks/peers/flow_duckdb.sql` validates every row by the same rules, looks for personal data at a glance by the same
patterns, strips, deduplicates, makes sessions, ties conversions, converts money, makes touches and the credits of six models
(all that SQL can do exactly; ours is told to do these six and no more), and sums. Only ours goes on to look closely at
suspect texts (numbering plans of phones, check digits of cards); the script redacts addresses. Both write all tables as
Parquet (zstd 1). `benchmarks/peers/flow_pandas.py` does less: the same up to the conversions and their money, with the same
glance, but no touches and no models; it needs much memory, so it has a smaller world of its own, on which ours runs as well.

Each runs in a process of its own, in turns; the time is from before the first import to the last file. Printed: median
seconds and range, peak memory of the process, ratios by rounds, and whether the numbers and tables are equal.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Literal

import contest
import polars as pl

HERE = Path(__file__).parent


def main() -> int:
    """Simulate, run in turns, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--duckdb-python", type=Path)
    parser.add_argument("--pandas-python", type=Path)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--pandas-events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--raw", type=Path, help="a folder of the simulator's stored Parquet, instead of a new one")
    parser.add_argument("--pandas-raw", type=Path, help="the same for pandas")
    chosen = parser.parse_args()
    if not (chosen.duckdb_python or chosen.pandas_python):
        parser.error("name a contender: --duckdb-python or --pandas-python, the interpreter of its environment")
    differs = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.duckdb_python:
            raw = chosen.raw or _world(folder / "raw", chosen.events)
            differs |= beside_duckdb(raw, folder, chosen.duckdb_python, chosen.rounds)
        if chosen.pandas_python:
            raw = chosen.pandas_raw or _world(folder / "pandas-raw", chosen.pandas_events)
            differs |= beside_pandas(raw, folder, chosen.pandas_python, chosen.rounds)
    return differs


def _world(raw: Path, events: int) -> Path:
    contest.simulated(raw, events, "--format", "parquet")
    return raw


def beside_duckdb(raw: Path, folder: Path, python: Path, rounds: int) -> bool:
    """Run ours and DuckDB's in turns; returns whether any number differs."""
    mine, theirs = folder / "ours", folder / "duckdb"
    commands = {"attribution": contest.ours(raw, mine), "duckdb": contest.duckdb(python, raw, theirs, "stored")}
    told = contest.in_turns(commands, rounds)
    print(f"DuckDB {told['duckdb'][0]['version']}, {_rows(raw):,} rows")
    contest.print_seconds(told)
    contest.print_stages(told["attribution"])
    contest.print_ratio("times as fast as DuckDB", told, "duckdb", "attribution")
    return contest.print_differing(contest.numbers(mine, theirs) | _at_a_glance(raw, theirs))


def beside_pandas(raw: Path, folder: Path, python: Path, rounds: int) -> bool:
    """Run ours and pandas' in turns; returns whether any number differs."""
    mine, theirs = folder / "ours-small", folder / "pandas"
    commands = {"attribution": contest.ours(raw, mine), "pandas": pandas(python, raw, theirs)}
    told = contest.in_turns(commands, rounds)
    print(f"\npandas {told['pandas'][0]['version']}, {_rows(raw):,} rows")
    contest.print_seconds(told)
    contest.print_ratio("times as fast as pandas", told, "pandas", "attribution")
    return contest.print_differing(contest.numbers(mine, theirs, contest.WITHOUT_MODELS) | _at_a_glance(raw, theirs))


def pandas(python: Path, raw: Path, out: Path) -> list[object]:
    """The command of the flow in pandas, by the interpreter that has it; our patterns in the spelling of RE2."""
    from attribution.money import currencies

    out.mkdir(parents=True, exist_ok=True)
    glance = {name: contest.glance(kind) for name, kind in _fields(raw).items()}
    script = HERE / "peers" / "flow_pandas.py"
    return [python, script, raw, out, "USD", ",".join(sorted(currencies())), json.dumps(glance)]


def _fields(raw: Path) -> dict[str, Literal["json", "url", "text"]]:
    """The fields of the files that are searched for personal data, and the kind of text they hold."""
    from attribution.personal_data import FIELDS

    present = pl.scan_parquet(raw / "*.parquet").collect_schema().names()
    return {name: kind for name, (kind, _) in FIELDS.items() if name in present}


def _rows(raw: Path) -> int:
    return pl.scan_parquet(raw / "*.parquet").select(pl.len()).collect().item()


def _at_a_glance(raw: Path, theirs: Path) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """How many rows of the files our own glance suspects, by field, and how many theirs did."""
    from attribution.privacy import suspect

    counted = [suspect(pl.col(name), kind).sum().cast(pl.Int64).alias(name) for name, kind in _fields(raw).items()]
    mine = pl.scan_parquet(raw / "*.parquet").select(counted).collect(engine="streaming")
    return {
        "rows suspected by field": (
            mine,
            pl.read_parquet(theirs / "suspects.parquet").select(mine.columns).cast(pl.Int64),
        )
    }


if __name__ == "__main__":
    sys.exit(main())
