"""Our flow, to every table and revenue per QR code, in a process of its own: `flow.py RAW OUT`.

The models are those that SQL can compute exactly; `benchmarks/peers` has the same ones. Prints seconds (from before Polars is
loaded), the peak memory of the process and the seconds of each stage as JSON.
"""

import json
import resource
import sys
import time
from pathlib import Path

MODELS = ["first_touch", "last_touch", "linear", "time_decay", "position_based"]


def main() -> None:
    """Run the stages up to `attribute` and the one report."""
    began = last = time.monotonic()
    from attribution import environment

    environment.prepare()
    import polars as pl

    from attribution.engines import local
    from attribution.engines.store import Store
    from attribution.flow import STAGE_NAMES
    from attribution.money import TOTAL
    from attribution.reports.revenue_per_qr import revenue_per_qr
    from attribution.settings import Attribute, Ingest, Settings

    seconds: dict[str, float] = {}

    def done(name: str) -> None:
        nonlocal last
        seconds[name], last = time.monotonic() - last, time.monotonic()

    raw, out = map(Path, sys.argv[1:])
    settings = Settings(attribute=Attribute(models=MODELS), ingest=Ingest(keep_parsed=False))
    stages = STAGE_NAMES[: STAGE_NAMES.index("report")]
    local.run(raw, out, settings, stages=stages, done=done)
    store = Store(out)
    names = ("scan_sessions", "scans", "qr_codes", "conversions", "credits")
    no_costs = pl.LazyFrame(schema={"qr_code_id": pl.String, "cost": TOTAL, "payback_day": pl.Date})
    chosen = {"model": settings.report.model, "currency": settings.report.currency, "has_scans": True}
    made = revenue_per_qr(*store.scan_all(names).values(), no_costs, **chosen)
    store.write_report("revenue_per_qr", made.collect(engine="streaming"))
    done("revenue_per_qr")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.monotonic() - began, "peak": peak, "stages": seconds}))


if __name__ == "__main__":
    main()
