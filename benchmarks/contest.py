"""Contenders in turns, each in a process of its own; what they took, and whether they reached the same numbers."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
Told = dict[str, list[dict[str, float]]]
MONEY = pl.Decimal(38, 4)
COUNTED = {
    "events by exclusion": ("events", "events", ["exclusion"]),
    "rejects by reason": ("rejects", "rejects", ["reason"]),
    "findings by rule": ("ingest_findings", "findings", ["rule"]),
    "duplicates by reason": ("duplicates", "duplicates", ["reason"]),
    "scan sessions by consent": ("scan_sessions", "scan_sessions", ["is_known", "consent", "has_qr_conflict"]),
    "web sessions by size": ("web_sessions", "web_sessions", ["event_count", "page_view_count"]),
}
"""What is counted -> our table, theirs, and by which columns."""
WITHOUT_MODELS = (*COUNTED, "ties and money", "revenue per QR code")
EVERYTHING = (*WITHOUT_MODELS, "touches, row by row", "credits by model", "credits, row by row")


def simulated(raw: Path, events: int, *options: str) -> None:
    """A new world in the folder `raw`."""
    command = [
        sys.executable,
        "-m",
        "attribution",
        "simulate",
        "--out",
        raw,
        "--events",
        str(events),
        "--quiet",
        *options,
    ]
    subprocess.run([str(part) for part in command], check=True)


def ours(raw: Path, out: Path) -> list[object]:
    """The command of our flow."""
    return [sys.executable, HERE / "flow.py", raw, out]


def duckdb(python: Path, raw: Path, out: Path, shape: str) -> list[object]:
    """The command of the flow in DuckDB, by the interpreter that has it."""
    from attribution.money import currencies
    from attribution.rules import rejecting_rules

    out.mkdir(parents=True, exist_ok=True)
    rules = ["malformed_json", *(rule.name for rule in rejecting_rules(shape))]
    script = HERE / "peers" / "flow_duckdb.py"
    patterns = json.dumps({kind: glance(kind) for kind in ("text", "json")})
    return [python, script, raw, out, shape, "USD", ",".join(rules), ",".join(sorted(currencies())), patterns]


def glance(kind: str) -> str:
    """Our pattern of what could be personal data in a text of this kind, in the spelling of RE2."""
    from attribution.privacy.suspects import PATTERNS

    return PATTERNS[kind].replace(r"\u{", r"\x{")


def in_turns(commands: Mapping[str, list[object]], rounds: int) -> Told:
    """Run every command once a round; which goes first alternates from round to round."""
    told: Told = {name: [] for name in commands}
    for number in range(rounds):
        for name in commands if number % 2 == 0 else reversed(commands):
            told[name].append(run(commands[name]))
    return told


def run(command: list[object]) -> dict[str, float]:
    """Run a command; the JSON that it prints as its last line."""
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)
    if "ModuleNotFoundError" in done.stderr:
        raise SystemExit(f"{command[0]}: {done.stderr.splitlines()[-1]}. Name an interpreter that has it.")
    if done.returncode:
        raise SystemExit(f"{' '.join(str(part) for part in command)[:200]} failed:\n{done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def print_seconds(told: Told) -> None:
    """The median, range and peak of each contender."""
    for name, rounds in told.items():
        seconds = [one["seconds"] for one in rounds]
        spread = f"({min(seconds):.2f}-{max(seconds):.2f})"
        peak = f"peak {max(one['peak'] for one in rounds):,.0f} MB" if "peak" in rounds[0] else ""
        print(f"{name:24} {statistics.median(seconds):7.2f} s {spread:16} {peak}", flush=True)


def print_ratio(what: str, told: Told, slow: str, fast: str) -> None:
    """How many times as long `slow` takes as `fast`, by round."""
    ratios = [one["seconds"] / other["seconds"] for one, other in zip(told[slow], told[fast], strict=True)]
    print(f"{what}: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})", flush=True)


def print_stages(rounds: list[dict[str, float]]) -> None:
    """Median seconds of our stages."""
    stages: list[dict[str, float]] = [one["stages"] for one in rounds]  # type: ignore[misc]
    print("by stage", {name: round(statistics.median(one[name] for one in stages), 2) for name in stages[0]})


def print_differing(numbers: Mapping[str, tuple[pl.DataFrame, pl.DataFrame]], *, detail: bool = True) -> bool:
    """Say which numbers differ, and show them; returns whether any does."""
    differing = {what: pair for what, pair in numbers.items() if not pair[0].equals(pair[1])}
    print(f"{len(numbers)} numbers and tables compared; that differ: {', '.join(differing) or 'none'}", flush=True)
    for what, (one, other) in differing.items() if detail else ():
        keys = [name for name in one.columns if name in other.columns]
        other = other.cast({name: one.schema[name] for name in keys})  # noqa: PLW2901 - of the same types, to be joined
        print(f"{what}: only ours, then only theirs")
        print(one.join(other, on=keys, how="anti", nulls_equal=True).head(5), one.height)
        print(other.join(one, on=keys, how="anti", nulls_equal=True).head(5), other.height)
    return bool(differing)


def numbers(
    mine: Path, theirs: Path, names: Iterable[str] = EVERYTHING
) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """What is compared, counted or listed in the same way in both output folders."""
    sides = _Side(mine / "tables", "unattributed_reason"), _Side(theirs, "reason")
    reports = mine / "reports", theirs
    made: dict[str, Callable[[], list[pl.DataFrame]]] = {
        what: partial(_counted_in, (mine / "tables" / f"{one}.parquet", theirs / f"{other}.parquet"), keys)
        for what, (one, other, keys) in COUNTED.items()
    } | {
        "ties and money": lambda: [side.ties() for side in sides],
        "touches, row by row": lambda: [side.touches() for side in sides],
        "credits by model": lambda: [side.credits_by_model() for side in sides],
        "credits, row by row": lambda: [side.credits() for side in sides],
        "revenue per QR code": lambda: [revenue(folder / "revenue_per_qr.parquet") for folder in reports],
    }
    pairs = ((name, made[name]()) for name in names)
    return {name: (pair[0], pair[1]) for name, pair in pairs}


class _Side:
    """The tables of one side; a conversion is named by its event, because each side has ids of its own."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder, self.reason = folder, reason
        self.conversions = pl.scan_parquet(folder / "conversions.parquet")

    def ties(self) -> pl.DataFrame:
        grouped = self.conversions.group_by("tie", reason=self.reason)
        return grouped.agg(pl.len(), money=pl.col("amount_reporting").cast(MONEY).sum()).sort("tie", "reason").collect()

    def touches(self) -> pl.DataFrame:
        columns = ["position", "touch_count", "scan_session_id", "qr_code_id", "is_tied", "age_seconds"]
        return self._named("touches", [pl.col("position", "touch_count").cast(pl.Int64), *columns[2:]], ["position"])

    def credits(self) -> pl.DataFrame:
        columns = ["model", pl.col("position").cast(pl.Int64), "scan_session_id", "qr_code_id", "credit"]
        return self._named("credits", [*columns, pl.col("amount_reporting").cast(MONEY)], ["model", "position"])

    def credits_by_model(self) -> pl.DataFrame:
        money = pl.col("amount_reporting").cast(MONEY).sum()
        sums = [pl.len(), pl.col("credit").cast(pl.Decimal(38, 12)).sum(), money]
        rows = pl.scan_parquet(self.folder / "credits.parquet")
        return rows.group_by("model").agg(sums).sort("model").collect(engine="streaming")

    def _named(self, table: str, columns: list[object], order: list[str]) -> pl.DataFrame:
        names = self.conversions.select("conversion_id", "event_id", "site_id")
        rows = pl.scan_parquet(self.folder / f"{table}.parquet").join(names, on="conversion_id")
        key = ["event_id", "site_id"]
        return rows.select(*key, *columns).sort(*key, *order).collect(engine="streaming")


def revenue(path: Path) -> pl.DataFrame:
    """Scans, sessions, people, conversions and revenue of each QR code, in a written revenue per QR code."""
    measures = ["scans", "scan_sessions", "people", "conversions", "revenue"]
    rows = pl.read_parquet(path).filter(pl.col("qr_code_id") != "unlinked")
    return rows.select("qr_code_id", pl.col(measures).cast(MONEY)).sort("qr_code_id")


def _counted_in(paths: Iterable[Path], keys: list[str]) -> list[pl.DataFrame]:
    counted = [pl.scan_parquet(path).group_by(keys).agg(pl.len()).sort(keys) for path in paths]
    return pl.collect_all(counted, engine="streaming")
