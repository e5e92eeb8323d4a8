"""`engine: spark`: the flow of the local engine, with Spark running what may be split."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from attribution.engines import local, progress
from attribution.engines.spark.cluster import Cluster
from attribution.engines.spark.costs import Costs
from attribution.engines.spark.places import fetch, send, write_delta
from attribution.engines.spark.session import environment, opened
from attribution.engines.store import Store
from attribution.errors import GateError
from attribution.settings import Settings

COSTS: Final = "spark.json"
"""What the run cost, in the output folder."""


def run(
    raw: Path | None,
    out: Path,
    settings: Settings,
    *,
    stages: tuple[str, ...] | None = None,
    report: progress.Report = progress.silent,
) -> dict[str, Any]:
    """As `local.run`. Every folder must be one that the driver and all executors see under the same path.

    Raises:
        UsageError: Spark or its Java is missing.
        InputError: Input or an earlier stage's table cannot be read.
        GateError: As for `local.run`.
    """
    with opened(settings.spark) as session:
        from attribution.engines.spark.ingest import ingest
        from attribution.engines.spark.stages import run_stage

        cluster, costs, store = Cluster(session, environment(settings.spark)), Costs(), Store(out.resolve())
        runner = local.Runner(partial(ingest, cluster, costs), partial(run_stage, cluster, costs), leaves_out=False)
        if raw is not None and settings.spark.input:
            fetch(session, settings.spark.input, raw)
        gate: GateError | None = None
        ledger: dict[str, Any] = {}
        try:
            ledger = local.run(raw, store.out, settings, stages=stages, report=report, runner=runner)
        except GateError as error:
            gate = error
        store.write_json(store.out / COSTS, {"cores": cluster.cores, "stages": costs.listed()})
        if settings.spark.delta:
            write_delta(session, store, settings.spark.delta)
        if settings.spark.output:
            send(session, store.out, settings.spark.output)
        if gate is not None:
            raise gate
        return ledger
