"""Runs of a small world into one folder, again and again: what was made, and whether it is what a fresh folder gets."""

from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from attribution import flow, report
from attribution.engines import local, steps
from attribution.settings import Settings

BASE: dict[str, Any] = {"report": {"notebooks": False, "replicates": 200}}
SETTINGS = Settings.model_validate(BASE)
EVERY = {*flow.STAGE_NAMES} - {"report"} | {part.names[0] for part in report.PARTS}
EVERY |= {"data_quality", "uncounted_revenue", "consent_shares", "consent_losses", "vendor_flags", "platform_summary"}
"""The steps, reports by the first of each part."""


def made(folder: Path, settings: Settings, out: str = "out") -> set[str]:
    """Run the flow; the steps that were made, reports by the first of each part."""
    left: list[str] = []
    local.run(folder / "raw", folder / out, settings, left_out=left.extend)
    return EVERY - {step.removeprefix(steps.REPORTS) for step in left}


def written(out: Path) -> dict[str, pl.DataFrame]:
    """Every table and report that the run wrote, by its path."""
    return {path.relative_to(out).as_posix(): pl.read_parquet(path) for path in sorted(out.glob("*/*.parquet"))}


def assert_as_from_an_empty_folder(folder: Path, settings: Settings) -> None:
    assert made(folder, settings, "fresh") == EVERY
    ours, fresh = written(folder / "out"), written(folder / "fresh")
    assert [*ours] == [*fresh]
    for name, rows in fresh.items():
        assert_frame_equal(ours[name], rows, check_exact=True)
    for name in ("ledger.json", "reports/platform_summary.json", "reports/metrics.json", "reports/index.html"):
        assert (folder / "out" / name).read_text("utf-8") == (folder / "fresh" / name).read_text("utf-8"), name


def changed(**sections: dict[str, Any]) -> Settings:
    return Settings.model_validate({**BASE, **{name: {**BASE.get(name, {}), **of} for name, of in sections.items()}})


def rewritten(path: Path) -> None:
    path.write_bytes(path.read_bytes())
