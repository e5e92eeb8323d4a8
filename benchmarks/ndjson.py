"""Raw NDJSON events to every table and revenue per QR code, beside the bare cost of parsing the same bytes, and DuckDB.

python benchmarks/ndjson.py --peers-python PYTHON [--duckdb-python PYTHON] [--events 2000000] [--rounds 3] [--raw FOLDER]

PYTHON is the interpreter of an environment with orjson, msgspec and Polars, and with DuckDB 2 where `--duckdb-python` does not
name another. Timed, each in a process of its own, in turns:

- ours: from before the first import to the last file (`benchmarks/flow.py`);
- DuckDB's `read_json` with typed columns, into the same SQL flow as in `benchmarks/tables.py` (`peers/sent_raw.sql` feeds it),
  from before the first import to the last file; unlike ours, it does not read the user agent into device, browser and system,
  and does not look closely at suspect texts;
- the bare parsing by `peers/parse_ndjson.py`: orjson and msgspec line by line in one process, Polars and DuckDB into typed
  columns on all cores. Loading the parser does not count, and nothing is done with what is parsed.

Printed: median seconds and range, peak memory, our time over that of the fastest parser and DuckDB's time over ours by rounds,
and whether the numbers and tables are equal to DuckDB's. `--parsers` limits the parsers.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import contest

HERE = Path(__file__).parent
PARSERS = ["orjson", "msgspec", "msgspec-typed", "polars", "duckdb"]


def main() -> int:
    """Simulate, run in turns, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers-python", type=Path, required=True)
    parser.add_argument("--duckdb-python", type=Path)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--raw", type=Path, help="a folder of the simulator's raw NDJSON, instead of a new one")
    parser.add_argument("--parsers", nargs="+", choices=PARSERS, default=PARSERS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = chosen.raw or folder / "raw"
        if chosen.raw is None:
            contest.simulated(raw, chosen.events, "--shape", "raw", "--format", "ndjson")
        python = chosen.duckdb_python or chosen.peers_python
        commands = {
            "attribution": contest.ours(raw, folder / "ours"),
            "duckdb flow": contest.duckdb(python, raw, folder / "duckdb", "raw"),
        }
        for parsing in chosen.parsers:
            at = python if parsing == "duckdb" else chosen.peers_python
            commands[f"parsing, {parsing}"] = [at, HERE / "peers" / "parse_ndjson.py", parsing, raw]
        told = contest.in_turns(commands, chosen.rounds)
        size = sum(path.stat().st_size for path in raw.glob("*.ndjson"))
        print(f"{told[f'parsing, {chosen.parsers[0]}'][0]['lines']:,} lines, {size / 1e6:,.0f} MB", flush=True)
        contest.print_seconds(told)
        contest.print_stages(told["attribution"])
        medians = {
            name: statistics.median(one["seconds"] for one in told[name]) for name in told if name.startswith("parsing")
        }
        fastest = min(medians, key=medians.__getitem__)
        for parsing in medians:
            mark = ", the fastest" if parsing == fastest else ""
            contest.print_ratio(f"our time over {parsing}{mark}", told, "attribution", parsing)
        contest.print_ratio("times as fast as DuckDB's read_json route", told, "duckdb flow", "attribution")
        return contest.print_differing(contest.numbers(folder / "ours", folder / "duckdb"))


if __name__ == "__main__":
    sys.exit(main())
