"""One heavy visitor: a single scan session with as many events as wanted, spread evenly over the whole period."""

import numpy as np
import polars as pl

from attribution.simulate.events import rows
from attribution.simulate.people import HOUR, Chunk, Codes, Ids, generator, milliseconds, uuids
from attribution.simulate.world import World


def heavy_ids(world: World) -> Ids:
    """The ids of the heavy visitor's scan session and cookie."""
    return uuids(generator(world.seed, 0, "heavy"), 2)


def heavy_rows(world: World, chunk: Chunk, codes: Codes) -> pl.DataFrame:
    """The heavy visitor's page views and clicks in this chunk's window; a new web session every six hours."""
    n, rng = chunk.heavy, chunk.rng("heavy")
    scan, visitor = heavy_ids(world)
    first = milliseconds(world.start)
    web_ids = uuids(generator(world.seed, 0, "heavy_web"), world.days * 4 + 1)
    at = np.sort(rng.integers(chunk.begin, chunk.end, n)) + 60_000
    return rows(
        n, event_time=at, received=at + rng.integers(1_000, 30_000, n), event=uuids(rng, n), scan=np.tile(scan, (n, 1)),
        visitor=np.tile(visitor, (n, 1)), web=web_ids[(at - first) // (6 * HOUR)], person=visitor[0],
        site=codes.sites[0],
        qr=0, name=rng.integers(0, 2, n), page=rng.integers(0, 8, n),
    )  # fmt: skip
