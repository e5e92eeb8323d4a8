"""What tests of scheduled reports make them with."""

from datetime import date
from pathlib import Path

import polars as pl

from attribution.engines import scheduled
from attribution.engines.store import Store
from attribution.periods import parsed
from tests.conftest import QUICK

TODAY = date(2027, 1, 1)


def week_of(out: Path) -> str:
    days = pl.read_parquet(out / "reports" / "revenue_over_time.parquet")
    busiest = days.filter(pl.col("grain") == "week", ~pl.col("is_partial")).sort("revenue")["starts_on"][-1]
    year, number, _ = busiest.isocalendar()
    return f"{year}-W{number:02}"


def made(out: Path, period: str) -> tuple[Path, dict[str, object]]:
    return scheduled.make(Store(out), QUICK, parsed(period, today=TODAY))
