"""The flow on the engine that the settings name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from attribution.engines import local, progress
from attribution.engines.store import Store
from attribution.engines.unchanged import forget_note, ledger_if_unchanged, note
from attribution.flow import STAGE_NAMES
from attribution.settings import Settings


def run(
    raw: Path | None,
    out: Path,
    settings: Settings,
    *,
    stages: tuple[str, ...] = STAGE_NAMES,
    report: progress.Report = progress.silent,
    unchanged: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Run stages in order: as `local.run`, on Spark where `settings.engine` says so.

    On one machine a whole run that would make again what is there is left out: `unchanged` is told.

    Raises:
        UsageError: Spark is wanted, and it or its Java is missing.
    """
    store = Store(out)
    if settings.engine == "local":
        is_whole = raw is not None and stages == STAGE_NAMES
        if raw is not None and is_whole and (ledger := ledger_if_unchanged(store, raw, settings)):
            unchanged()
            return ledger
        forget_note(store)
        made = local.run(raw, out, settings, stages=stages, report=report)
        if is_whole:
            note(store, settings)
        return made
    forget_note(store)
    from attribution.engines.spark.run import run as run_on_spark

    return run_on_spark(raw, out, settings, stages=stages, report=report)
