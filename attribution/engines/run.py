"""The flow on the engine that the settings name."""

from pathlib import Path
from typing import Any

from attribution.engines import local, progress
from attribution.flow import STAGE_NAMES
from attribution.settings import Settings


def run(
    raw: Path | None,
    out: Path,
    settings: Settings,
    *,
    stages: tuple[str, ...] = STAGE_NAMES,
    report: progress.Report = progress.silent,
) -> dict[str, Any]:
    """Run stages in order: as `local.run`, on Spark where `settings.engine` says so.

    Raises:
        UsageError: Spark is wanted, and it or its Java is missing.
    """
    if settings.engine == "local":
        return local.run(raw, out, settings, stages=stages, report=report)
    from attribution.engines.spark.run import run as run_on_spark

    return run_on_spark(raw, out, settings, stages=stages, report=report)
