"""The Spark session of a run: one that is there already, or one of our own."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from attribution.engines.spark.failures import ClusterError
from attribution.engines.spark.starting import removed, started
from attribution.errors import UsageError
from attribution.settings import Spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EXISTING: Final = "session"
"""The `spark.master` that stands for the session that a notebook already has."""
OURS: Final = {
    "spark.app.name": "attribution",
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""Options where we start Spark ourselves; the user's own win."""
PER_QUERY: Final = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "16",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
"""Rows are chunks of up to megabytes, so few go in a batch; a partition stays the bucket that it is;
times are written as UTC, not as INT96."""


@contextmanager
def opened(chosen: Spark) -> Iterator["SparkSession"]:
    """A session for the run. One that was there stays as it was; one that we start is stopped at the end.

    Raises:
        UsageError: PySpark, pandas or Java is missing or too old, or there is no session although `spark.master` names one.
        ClusterError: The cluster could not do a stage; the message names Spark's own log where there is one.
    """
    _need_packages()
    there, log = _existing(), None
    if there is None and chosen.master == EXISTING:
        message = f"spark.master is {EXISTING}, but no Spark session is there. Give a master, such as local[*]."
        raise UsageError(message)
    if there is None:
        ours, log = started(chosen.master, _options(chosen))
    session = (there or ours).newSession()
    for name, value in PER_QUERY.items():
        session.conf.set(name, value)
    try:
        yield session
    except ClusterError as error:
        if log is None:
            raise
        message = f"{error} Spark's own log: {log}"
        log = None
        raise ClusterError(message) from error.__cause__
    finally:
        removed(log)
        if there is None:
            session.stop()


def environment(chosen: Spark) -> tuple[tuple[str, str], ...]:
    """What the executors' Python processes must know before Polars starts in them."""
    return (
        ("POLARS_MAX_THREADS", "1"),
        ("POLARS_OOC_MEMORY_BUDGET_MB", str(chosen.memory_mb)),
    )


def _existing() -> "SparkSession | None":
    """The session of this thread, or one on the Spark that another thread of this process has started."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    there = SparkSession.getActiveSession()
    if there is None and SparkContext._active_spark_context is not None:  # noqa: SLF001 - no other door to it
        return SparkSession.builder.getOrCreate()
    return there


def _options(chosen: Spark) -> dict[str, str]:
    executors = {f"spark.executorEnv.{name}": value for name, value in environment(chosen)}
    own = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in chosen.options.items()
    }
    return OURS | own | executors


def _need_packages() -> None:
    for name in ("pyspark", "pandas"):
        if find_spec(name) is None:
            message = f"--engine spark needs {name}, which is not installed. Try: pip install 'attribution[spark]'"
            raise UsageError(message)
