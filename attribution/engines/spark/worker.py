"""What runs in an executor's Python: its environment is set first, then the function is looked up and called."""

import importlib
import os
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from attribution import __version__


class OtherVersionError(RuntimeError):
    """The executor would not do the same as the driver."""


def versions() -> tuple[tuple[str, str], ...]:
    """What must be the same everywhere: the rules, and the hash that says which bucket a key belongs to."""
    try:
        polars = version("polars")
    except PackageNotFoundError:
        polars = "missing"
    return ("attribution", __version__), ("polars", polars)


@dataclass(frozen=True)
class Call:
    """A function of the package over the Arrow batches of a partition.

    It travels by name: the executor's own copy of the package is called, and Polars is imported only when its number of
    threads and its memory are known.
    """

    function: str
    """`module:name`; called with an iterator of the partition's rows as tuples, and `extra`; yields rows as tuples."""
    names: tuple[str, ...]
    extra: bytes
    environment: tuple[tuple[str, str], ...]
    expected: tuple[tuple[str, str], ...]
    """The driver's versions."""

    def on(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Arrow batches in, Arrow batches of one row each out: a row may hold megabytes."""
        self._need_same_versions()
        os.environ.update(self.environment)
        import pyarrow as pa

        module, _, name = self.function.partition(":")
        function = getattr(importlib.import_module(module), name)
        rows = (row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True))
        for row in function(rows, pickle.loads(self.extra)):  # noqa: S301 - the driver of this very run wrote it
            yield pa.RecordBatch.from_pydict(
                {
                    key: pa.array([value], pa.binary() if isinstance(value, bytes) else None)
                    for key, value in zip(self.names, row, strict=True)
                }
            )

    def _need_same_versions(self) -> None:
        expected = dict(self.expected)
        other = [f"{name} {found} instead of {expected[name]}" for name, found in versions() if found != expected[name]]
        if other:
            raise OtherVersionError(", ".join(other))
