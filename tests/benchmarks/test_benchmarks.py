"""Benchmarks that need no other package still run, and still measure what they say, on worlds that are small."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
PEOPLE = ("--worlds", "2", "--people", "200", "--replicates", "100", "--processes", "1")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("privacy", ("--events", "2000", "--rounds", "1", "--texts", "1000"), r"ratio +\d\.\d{3}"),
        ("coverage", PEOPLE, r"^2 worlds of 200 people"),
        ("growth", ("--sizes", "1000", "--rounds", "1"), r"1,000 events +\d+\.\d s"),
        ("validation", ("--events", "2000", "--rounds", "1"), r"refused rows: (\d+), with a reason: \1, reasons: \1\n"),
    ],
)
def test_a_benchmark_runs_to_its_end(name: str, arguments: tuple[str, ...], said: str) -> None:
    done = subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", *arguments], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(said, done.stdout), done.stdout
