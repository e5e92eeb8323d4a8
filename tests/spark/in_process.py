"""A cluster without Spark, for laws on random tables: chunks arrive in any order, and every task is done twice."""

import pickle
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attribution.engines import progress

Chunk = tuple[int, str, bytes]


class InProcess:
    """Stands in for `engines.spark.cluster.Cluster`; what it runs is pickled on the way, as by Spark."""

    cores = 2

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311

    def each(
        self,
        function: Callable[[Any], Any],
        items: Sequence[Any],
        report: progress.Report = progress.silent,  # noqa: ARG002
        stage: str = "",  # noqa: ARG002
    ) -> list[Any]:
        results = []
        for item in items:
            attempts = [travelled(function)(travelled(item)) for _ in range(2)]
            results.append(travelled(self.random.choice(attempts)))
        return results

    def bucketed(
        self,
        cut: Callable[[Any], Iterator[Chunk]],
        items: Sequence[Any],
        buckets: int,
        gather: Callable[[Iterator[Chunk]], Iterator[Any]],
        report: progress.Report = progress.silent,  # noqa: ARG002
        stage: str = "",  # noqa: ARG002
    ) -> list[Any]:
        chunks = [chunk for item in items for chunk in cut(travelled(item))]
        self.random.shuffle(chunks)
        found: dict[int, list[Chunk]] = defaultdict(list)
        for chunk in chunks:
            assert 0 <= chunk[0] < buckets
            found[chunk[0]].append(chunk)
        results = []
        for mine in found.values():
            attempts = [list(travelled(gather)(iter(mine))) for _ in range(2)]
            results += travelled(self.random.choice(attempts))
        return results


def travelled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))  # noqa: S301
