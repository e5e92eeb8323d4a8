"""The Spark session of a run: one that is there already, or one of our own; and what to do where Spark or Java is missing."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attribution.errors import UsageError
from attribution.settings import Spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA: Final = 17
EXISTING: Final = "session"
"""The `spark.master` that stands for the session which a notebook has already."""
LOOPBACK: Final = "127.0.0.1"
OURS: Final = {
    "spark.app.name": "attribution",
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""Where we start Spark ourselves; the user's options win."""
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
        UsageError: PySpark, pandas or Java is missing or too old, or there is no session where one is said to be.
    """
    _need_packages()
    from pyspark.sql import SparkSession

    there = SparkSession.getActiveSession()
    if there is None and chosen.master == EXISTING:
        message = f"spark.master is {EXISTING}, but no Spark session is there. Give a master, such as local[*]."
        raise UsageError(message)
    session = (there or _started(chosen)).newSession()
    for name, value in PER_QUERY.items():
        session.conf.set(name, value)
    try:
        yield session
    finally:
        if there is None:
            session.stop()


def environment(chosen: Spark) -> tuple[tuple[str, str], ...]:
    """What the executors' Python processes must know before Polars starts in them."""
    return (
        ("POLARS_MAX_THREADS", "1"),
        ("POLARS_OOC_MEMORY_BUDGET_MB", str(chosen.memory_mb)),
    )


def _started(chosen: Spark) -> "SparkSession":
    from pyspark.sql import SparkSession

    _need_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if not chosen.master.startswith("local") and os.environ.get("SPARK_LOCAL_IP") == LOOPBACK:
        # Pandera sets this where PySpark is installed; executors elsewhere could not call the driver back.
        del os.environ["SPARK_LOCAL_IP"]
    builder = SparkSession.builder.master(chosen.master)
    for name, value in (OURS | chosen.options).items():
        builder = builder.config(name, value)
    for name, value in environment(chosen):
        builder = builder.config(f"spark.executorEnv.{name}", value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        message = f"Spark could not be started on {chosen.master} ({type(error).__name__}). Is that the right master?"
        raise UsageError(message) from error


def _need_packages() -> None:
    for name in ("pyspark", "pandas"):
        try:
            version(name)
        except PackageNotFoundError as error:
            message = f"--engine spark needs {name}, which is not installed. Try: pip install 'attribution[spark]'"
            raise UsageError(message) from error


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    how = (
        f"Install a Java {JAVA} runtime (Debian, Ubuntu: apt-get install openjdk-{JAVA}-jre-headless; "
        f"macOS: brew install openjdk@{JAVA}; Fedora: dnf install java-{JAVA}-openjdk-headless), or set JAVA_HOME to one."
    )
    try:
        said = subprocess.run([java or "java", "-version"], capture_output=True, text=True, check=True).stderr  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        where = f"JAVA_HOME ({home}) has none" if home else "none was found"
        message = f"--engine spark needs Java {JAVA} or newer; {where}. {how}"
        raise UsageError(message) from error
    found = re.search(r'version "(\d+)', said)
    if found and int(found.group(1)) < JAVA:
        message = f"--engine spark needs Java {JAVA} or newer; {java} is Java {found.group(1)}. {how}"
        raise UsageError(message)
