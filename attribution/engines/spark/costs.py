"""What a run on Spark cost: seconds, rows and bytes per stage, in `OUT/spark.json`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field


@dataclass
class Cost:
    """The costs of one stage."""

    stage: str
    tasks: int = 0
    buckets: int = 0
    rows_shuffled: int = 0
    bytes_shuffled: int = 0
    """Parquet, as it goes from one Python process to another through Spark."""
    largest_bucket_rows: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    """By phase: `look`, `lookups`, `plan`, `publish`, `beside` on the driver, `cluster` on Spark; `whole`: not split."""

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Adds the block's seconds to a phase."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[phase] = round(self.seconds.get(phase, 0.0) + time.monotonic() - began, 3)


@dataclass
class Costs:
    """The costs of a run."""

    stages: list[Cost] = field(default_factory=list)

    def of(self, stage: str) -> Cost:
        """A new entry for a stage."""
        self.stages.append(Cost(stage))
        return self.stages[-1]

    def listed(self) -> list[dict[str, object]]:
        """Every entry, for JSON."""
        return [asdict(cost) for cost in self.stages]
