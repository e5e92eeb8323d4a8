"""The flow on the engine that the settings name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from attribution.engines import progress
from attribution.engines.store import Store
from attribution.engines.unchanged import forget_note, ledger_if_unchanged, note
from attribution.settings import Settings


def run(
    raw: Path | None,
    out: Path,
    settings: Settings,
    *,
    stages: tuple[str, ...] | None = None,
    report: progress.Report = progress.silent,
    unchanged: Callable[[], None] = lambda: None,
    left_out: Callable[[list[str]], None] = lambda _: None,
) -> dict[str, Any]:
    """Run stages in order: as `local.run`, on Spark where `settings.engine` says so.

    On one machine a whole run (`stages` None) that would change nothing is left out, and `unchanged` is called. What runs
    stages is imported only when it is needed: that takes longer than seeing that nothing has changed. Where something has,
    `left_out` is called with the steps that need not be made again.

    Raises:
        UsageError: Spark is wanted, and it or its Java is missing.
    """
    store = Store(out)
    is_noted = settings.engine == "local" and raw is not None and stages is None
    if raw is not None and is_noted and (ledger := ledger_if_unchanged(store, raw, settings)):
        unchanged()
        return ledger
    forget_note(store)
    made = _runner(settings, left_out)(raw, out, settings, stages=stages, report=report)
    if is_noted:
        note(store, settings)
    return made


def _runner(settings: Settings, left_out: Callable[[list[str]], None]) -> Callable[..., dict[str, Any]]:
    if settings.engine == "local":
        from attribution.engines.local import run as run_here

        return partial(run_here, left_out=left_out)
    from attribution.engines.spark.run import run as run_on_spark

    return run_on_spark
