"""Input and output on file systems that only Spark reaches, and tables as Delta Lake.

The flow itself works in folders that the driver and every executor see. From and to anywhere else, the driver copies whole
files, several at once.
"""

import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from attribution.engines.store import Store
from attribution.errors import InputError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DELTA: Final = "delta"
THREADS: Final = 16
MARK: Final = ".fetched"
"""Marks a folder in which everything was fetched, so that it may be emptied."""
DELTA_HELP: Final = (
    "Give Spark the package of Delta Lake that fits its version in spark.options, as docs/scale.md shows, or leave "
    "spark.delta empty."
)


class FileSystem:
    """The Hadoop file system of an address, as Spark's own settings reach it."""

    def __init__(self, session: "SparkSession", address: str) -> None:
        """Open it.

        Raises:
            UsageError: Spark knows no such file system, or the session (Spark Connect) does not let us ask.
        """
        try:
            context: Any = session.sparkContext
            self.java = context._jvm.org.apache.hadoop.fs  # noqa: SLF001 - PySpark has no other door to it
            self.root = self.java.Path(address)
            self.system = self.root.getFileSystem(context._jsc.hadoopConfiguration())  # noqa: SLF001
        except Exception as error:
            message = f"{address}: Spark cannot reach it ({type(error).__name__}). Is its connector among the jars?"
            raise UsageError(message) from error

    def files(self) -> list[str]:
        """Every file below the address, by its path below it."""
        found, listed = [], self.system.listFiles(self.root, True)  # noqa: FBT003 - a call into Java
        while listed.hasNext():
            found.append(listed.next().getPath())
        base = self.system.makeQualified(self.root).toUri()
        return [base.relativize(path.toUri()).getPath() for path in found]

    def fetch(self, name: str, folder: Path) -> None:
        """Copy a file into the folder, under the same path."""
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        self.system.copyToLocalFile(False, self._below(name), self.java.Path(target.as_uri()), True)  # noqa: FBT003

    def send(self, name: str, folder: Path) -> None:
        """Copy a file of the folder to the same path below the address."""
        file = self.java.Path((folder / name).as_uri())
        self.system.copyFromLocalFile(False, True, file, self._below(name))  # noqa: FBT003

    def rename(self, address: str) -> None:
        """Move everything here to another address, in place of what is there."""
        target = self.java.Path(address)
        old = self.java.Path(f"{address.rstrip('/')}.{uuid4().hex}.old")
        is_there = self.system.exists(target)
        if is_there:
            self.system.rename(target, old)
        self.system.rename(self.root, target)
        if is_there:
            self.system.delete(old, True)  # noqa: FBT003

    def _below(self, name: str) -> Any:  # noqa: ANN401 - a Java path
        return self.java.Path(self.root, name)


def fetch(session: "SparkSession", address: str, folder: Path) -> None:
    """Fill the raw folder with the files of an address.

    Raises:
        UsageError: The folder holds files that were not fetched.
        InputError: There is nothing at the address.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        message = f"{folder}: holds files that are not from {address}. Give an empty folder to fetch into with --raw."
        raise UsageError(message)
    place = FileSystem(session, address)
    try:
        names = place.files()
    except Exception as error:
        message = f"{address}: cannot be listed ({type(error).__name__})."
        raise InputError(message) from error
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    _all(partial(place.fetch, folder=folder.resolve()), names)


def send(session: "SparkSession", out: Path, address: str) -> None:
    """Copy the output folder to an address: to a name beside it first, then renamed."""
    staged = f"{address.rstrip('/')}.{uuid4().hex}.part"
    place = FileSystem(session, staged)
    out = out.resolve()
    names = [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file() and path.name[0] != "."]
    _all(partial(place.send, folder=out), names)
    place.rename(address)


def write_delta(session: "SparkSession", store: Store, address: str) -> None:
    """Write every table as a Delta table below an address; an existing one gets a new version.

    64-bit unsigned ids become decimal(20,0), which is how Spark knows them.

    Raises:
        UsageError: This Spark has no Delta Lake.
    """
    for path in sorted(store.table("events").parent.glob("*.parquet")):
        rows = session.read.parquet(path.resolve().as_uri())
        writer = rows.write.format(DELTA).mode("overwrite").option("overwriteSchema", "true")
        try:
            writer.save(f"{address.rstrip('/')}/{path.stem}")
        except Exception as error:
            if "delta" not in str(error).lower():
                raise
            message = f"spark.delta: this Spark cannot write Delta tables. {DELTA_HELP}"
            raise UsageError(message) from error


def _all(function: Callable[[Any], None], items: Iterable[Any]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(function, items))
