"""Parts of reports, each a step of the run: the tables of one are written before the next is begun, to hold few at once."""

from collections.abc import Iterable
from functools import partial

from attribution.engines.steps import REPORTS, Steps
from attribution.engines.store import Store
from attribution.report_part import Part
from attribution.settings import Settings


def run_parts(parts: Iterable[Part], steps: Steps, *more: object) -> None:
    """Make the reports of each part, as Parquet and CSV.

    Args:
        parts: In the order in which they are made.
        steps: Those of the run.
        more: What else the parts take (`Part.made`).
    """
    store = steps.store
    for part in parts:
        reads = [store.table(name) for name in part.reads]
        writes = [store.report(name, suffix) for name in part.names for suffix in ("parquet", "csv")]
        steps.step(f"{REPORTS}{part.names[0]}", reads, writes, part.settings, partial(_write, part, store, more))


def _write(part: Part, store: Store, more: tuple[object, ...], settings: Settings) -> None:
    for name, rows in part.made(store.scan_all(part.reads), settings, *more).items():
        store.write_report(name, rows.collect(engine="streaming"))
