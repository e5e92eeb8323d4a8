"""The three things asked of Spark: call a function on each of some items, cut rows by a key, and gather the buckets."""

import pickle
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attribution.engines import progress
from attribution.engines.spark.failures import explained
from attribution.engines.spark.worker import Call, versions

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

Item = TypeVar("Item")
Result = TypeVar("Result")
POLL_SECONDS: Final = 0.5
WAITING: Final = "no executor is free yet"
HERE: Final = "attribution.engines.spark.cluster"


@dataclass(frozen=True)
class Cluster:
    """A Spark session, and what its Python processes must know."""

    session: "SparkSession"
    environment: tuple[tuple[str, str], ...]

    @property
    def cores(self) -> int:
        """How many tasks run at once."""
        try:
            return int(self.session.sparkContext.defaultParallelism)
        except Exception:  # noqa: BLE001 - a session without a context of its own (Spark Connect) does not tell
            return 8

    def each(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        report: progress.Report = progress.silent,
        stage: str = "",
    ) -> list[Result]:
        """The function's results, in the order of the items; one Spark task each.

        The function and the items are pickled. A task that is retried, or run twice at once, counts once.

        Raises:
            UsageError: The executors lack the package, or have other versions than the driver.
            ClusterError: A task failed, and so did every retry.
        """
        if not items:
            return []
        made = self._called(
            self._placed(items), f"{HERE}:call_each", ("place", "result"), "place long, result binary", function
        )
        with self._told(report, stage):
            rows = _collected(made, stage)
        results = {row["place"]: pickle.loads(row["result"]) for row in rows}  # noqa: S301 - of our own tasks
        return [results[place] for place in range(len(items))]

    def bucketed(
        self,
        cut: Callable[[Item], Iterator[tuple[int, str, bytes]]],
        items: Sequence[Item],
        buckets: int,
        gather: Callable[[Iterator[tuple[int, str, bytes]]], Iterator[Result]],
        report: progress.Report = progress.silent,
        stage: str = "",
    ) -> list[Result]:
        """Cut every item into chunks of a bucket each, bring the chunks of a bucket together, and gather each bucket.

        Args:
            cut: From an item to `bucket, table, rows`; the same item must always give the same chunks.
            items: What is cut, one Spark task each.
            buckets: How many buckets there are.
            gather: From the chunks of one or more buckets, in any order, to results.
            report: Called with how many tasks are done.
            stage: The name to report them under.

        Returns:
            Every result of every bucket; of each bucket one attempt only.

        Raises:
            AttributionError: As for `each`.
        """
        names, schema = ("bucket", "name", "rows"), "bucket long, name string, rows binary"
        chunks = self._called(self._placed(items), f"{HERE}:call_cut", names, schema, cut)
        together = _parted(chunks, buckets, "bucket")
        made = self._called(together, f"{HERE}:call_gather", ("result",), "result binary", gather)
        with self._told(report, stage):
            return [pickle.loads(row["result"]) for row in _collected(made, stage)]  # noqa: S301 - of our own tasks

    def _placed(self, items: Sequence[Any]) -> "DataFrame":
        """A partition for each item."""
        rows = [(place, bytearray(pickle.dumps(item))) for place, item in enumerate(items)]
        frame = self.session.createDataFrame(rows, "place int, item binary")
        return _parted(frame, len(items), "place")

    def _called(
        self, frame: "DataFrame", function: str, names: tuple[str, ...], schema: str, extra: object
    ) -> "DataFrame":
        call = Call(function, names, pickle.dumps(extra), self.environment, versions())
        return frame.mapInArrow(call.on, schema)

    @contextmanager
    def _told(self, report: progress.Report, stage: str) -> Iterator[None]:
        """Report how many tasks of the job are done, while it runs."""
        try:
            tracker = self.session.sparkContext.statusTracker()
        except Exception:  # noqa: BLE001 - as in `cores`
            yield
            return
        over = threading.Event()

        def watch() -> None:
            while not over.wait(POLL_SECONDS):
                found = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
                running = [info for info in found if info is not None]
                if running:
                    done = sum(info.numCompletedTasks for info in running)
                    waits = not any(info.numActiveTasks for info in running)
                    report(stage, done, sum(info.numTasks for info in running), WAITING if waits else "")

        watcher = threading.Thread(target=watch, daemon=True)
        if report is not progress.silent:
            watcher.start()
        try:
            yield
        finally:
            over.set()


def _parted(frame: "DataFrame", parts: int, number: str) -> "DataFrame":
    """The rows of each number in a partition of their own; before Spark 4.1 some numbers share one, and some are empty."""
    if hasattr(frame, "repartitionById"):
        return frame.repartitionById(parts, frame[number].cast("int"))
    return frame.repartition(parts, number)


def _collected(frame: "DataFrame", stage: str) -> "list[Row]":
    try:
        return frame.collect()
    except Exception as error:
        raise explained(error, stage) from error


def call_each(rows: Iterable[tuple[int, bytes]], function: Callable[[Any], Any]) -> Iterator[tuple[int, bytes]]:
    """In the executor: the function on each item of the partition."""
    for place, item in rows:
        yield place, pickle.dumps(function(pickle.loads(item)))  # noqa: S301 - the driver of this very run wrote it


def call_cut(
    rows: Iterable[tuple[int, bytes]], cut: Callable[[Any], Iterator[tuple[int, str, bytes]]]
) -> Iterator[tuple[int, str, bytes]]:
    """In the executor: the chunks of each item of the partition."""
    for _, item in rows:
        yield from cut(pickle.loads(item))  # noqa: S301 - the driver of this very run wrote it


def call_gather(
    rows: Iterator[tuple[int, str, bytes]], gather: Callable[[Iterator[tuple[int, str, bytes]]], Iterator[Any]]
) -> Iterator[tuple[bytes]]:
    """In the executor: the results of the buckets that the partition has."""
    for result in gather(rows):
        yield (pickle.dumps(result),)
