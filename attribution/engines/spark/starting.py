"""A Spark of our own: is its master there, where does its own log go, and why did it not start."""

import os
import re
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attribution.engines.spark.java import need_java
from attribution.errors import UsageError

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

STANDALONE: Final = "spark://"
ANSWER_SECONDS: Final = 5.0
LOOPBACK: Final = "127.0.0.1"
FAULT: Final = re.compile(r"(?:Exception|Error|ERROR)\b[^:\n]*: (.+)")


def started(master: str, options: dict[str, str]) -> tuple["SparkSession", Path | None]:
    """Start Spark: the session, and the file to which its Java writes its log, where we started that Java.

    Raises:
        UsageError: Java is missing, or Spark does not start on this master with these options.
    """
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    need_java()
    need_master(master)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if not master.startswith("local") and os.environ.get("SPARK_LOCAL_IP") == LOOPBACK:
        # Pandera sets this where PySpark is installed; executors elsewhere could not call the driver back.
        del os.environ["SPARK_LOCAL_IP"]
    log = None
    try:
        log = _launched(SparkConf().setMaster(master).setAll(list(options.items())))
        builder = SparkSession.builder.master(master)
        for name, value in options.items():
            builder = builder.config(name, value)
        return builder.getOrCreate(), log
    except Exception as error:
        message = f"Spark could not be started on {master}: {_reason(error, log)}"
        raise UsageError(message) from error


def removed(log: Path | None) -> None:
    """Remove the log of a run that needs none."""
    if log is not None:
        with suppress(OSError):  # Windows keeps a file that is open
            log.unlink()


def need_master(master: str) -> None:
    """See that a standalone master answers: Spark would try for a minute and more before saying that none does.

    Raises:
        UsageError: None of its addresses accepts a connection within `ANSWER_SECONDS`.
    """
    if not master.startswith(STANDALONE):
        return
    places = master.removeprefix(STANDALONE).split(",")
    for place in places:
        host, _, port = place.rpartition(":")
        with suppress(OSError, ValueError, OverflowError), socket.create_connection((host, int(port)), ANSWER_SECONDS):
            return
    message = (
        f"no Spark master answers at {', '.join(places)}. Is it running, and is spark.master its address as "
        "spark://host:port (as its web page says)?"
    )
    raise UsageError(message)


def _launched(conf: "SparkConf") -> Path | None:
    """Start Spark's Java, unless this process has one, with its output going to a file that only the user may read."""
    from pyspark import SparkContext
    from pyspark.java_gateway import launch_gateway

    if SparkContext._gateway is not None or "PYSPARK_GATEWAY_PORT" in os.environ:  # noqa: SLF001 - no other door to it
        return None
    handle, name = tempfile.mkstemp(prefix="attribution-spark-", suffix=".log")
    with os.fdopen(handle, "wb") as log:
        try:
            gateway = launch_gateway(conf, {"stdout": log, "stderr": log})  # type: ignore[no-untyped-call]
        except Exception as error:
            message = _reason(error, Path(name))
            raise RuntimeError(message) from error
    SparkContext._ensure_initialized(gateway=gateway)  # noqa: SLF001 - no other door to it
    return Path(name)


def _reason(error: Exception, log: Path | None) -> str:
    """The first complaint in the log, and where the rest is; else what PySpark says."""
    if log is None:
        return str(error).splitlines()[0]
    found = FAULT.search(log.read_text("utf-8", errors="replace"))
    told = found.group(1).strip().rstrip(".") if found else type(error).__name__
    return f"{told}. Spark's own log: {log}"
