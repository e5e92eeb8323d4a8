"""People: visitors arrive by scanning, come back to scan other codes, and browse in web sessions.

A chunk is a window of arrival time with a target of event rows; it is drawn from a seed of its own, so that chunks can
be made one after another with bounded memory. All times are whole milliseconds since 1970 UTC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zlib import crc32

import numpy as np
import numpy.typing as npt

from attribution.simulate.catalog import DEVICES, PLACES
from attribution.simulate.world import Defects, World

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.uint64]
"""UUIDs as rows of two 64-bit halves; see `NO_ID`."""

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NO_ID = (0, 1)
"""The halves that stand for no id at all (all zeros is an id: test traffic)."""
NORMAL, QR_UNKNOWN, NO_BROWSER, FRAUD_SESSION = range(4)
MAX_SCANS = 8
MAX_EVENTS_A_WEB_SESSION = 30
MEAN_MORE_EVENTS = 4.0
RETURN_SHARE = 0.2


@dataclass(frozen=True)
class Codes:
    """The QR codes: share of scans, conversion lift and price level, one entry per code."""

    shares: Floats
    lifts: Floats
    prices: Floats
    sites: Ints

    @classmethod
    def of(cls, world: World) -> "Codes":
        """The codes of the world; lifts lie around 0.5 to 1.8 and average 1 over scans."""
        rng = generator(world.seed, 0, "codes")
        n = world.qr_codes
        rest = 1 / np.arange(1, n)
        shares = np.concatenate([[world.skew], (1 - world.skew) * rest / rest.sum()]) if n > 1 else np.ones(1)
        lifts = rng.uniform(0.5, 1.8, n)
        lifts = lifts / float(shares @ lifts)
        return cls(shares, lifts, rng.uniform(0.6, 1.6, n), np.arange(n) % world.sites)


@dataclass(frozen=True)
class Chunk:
    """One window of arrivals, as shares of all arrivals and in milliseconds, and the number of event rows to make."""

    index: int
    shares: tuple[float, float]
    begin: int
    end: int
    events: int
    heavy: int
    seed: int

    def rng(self, name: str) -> np.random.Generator:
        """The chunk's own stream of random numbers for this purpose."""
        return generator(self.seed, self.index + 1, name)


@dataclass(frozen=True)
class Scans:
    """One entry per scan session of a chunk."""

    ids: Ids
    visitors: Ids
    people: Ids
    qr: Ints
    nth: Ints
    at: Ints
    kind: Ints
    device: Ints
    place: Ints

    def __len__(self) -> int:
        return len(self.at)

    def head(self, n: int) -> "Scans":
        """The first `n` scan sessions."""
        return Scans(**{name: values[:n] for name, values in vars(self).items()})


@dataclass(frozen=True)
class WebSessions:
    """One entry per web session: the position of its scan session, its id, its begin, and its number of events."""

    ids: Ids
    scan: Ints
    begin: Ints
    events: Ints


def generator(seed: int, chunk: int, name: str) -> np.random.Generator:
    """A stream of random numbers that depends on nothing but these three arguments."""
    return np.random.default_rng(np.random.SeedSequence([seed, chunk, crc32(name.encode())]))


def uuids(rng: np.random.Generator, n: int) -> Ids:
    """`n` random UUIDs of version 4, as rows of two halves."""
    ids = rng.integers(0, 2**64, (n, 2), dtype=np.uint64)
    ids[:, 0] = (ids[:, 0] & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x4000)
    ids[:, 1] = (ids[:, 1] & np.uint64(0x3FFFFFFFFFFFFFFF)) | np.uint64(0x8000000000000000)
    return ids


def pick(rng: np.random.Generator, n: int, shares: npt.ArrayLike) -> Ints:
    """`n` positions drawn by shares (any positive weights)."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    found: Ints = np.searchsorted(edges / edges[-1], rng.random(n), side="right")
    return np.minimum(found, len(edges) - 1)


def family(rng: np.random.Generator, n: int, shares: tuple[float, ...]) -> Ints:
    """0 for none, else 1, 2 … for the defects of one family, which exclude each other."""
    return pick(rng, n, (max(0.0, 1 - sum(shares)), *shares))


def within(steps: Ints, counts: Ints) -> Ints:
    """Running sums that start again in every group; groups are consecutive and hold `counts` entries, or none."""
    filled = counts[counts > 0]
    sums: Ints = np.cumsum(steps)
    first = np.cumsum(filled) - filled
    restarted: Ints = sums - np.repeat(sums[first] - steps[first], filled)
    return restarted


def milliseconds(day: date) -> int:
    """Midnight UTC of a date."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def arrivals(world: World, shares: Floats) -> Ints:
    """Times of the world's period at the given shares (0 to 1) of all arrivals: fewer at night, more at weekends."""
    hours = np.arange(world.days * 24 + 1)
    weekday = (hours // 24 + world.start.weekday()) % 7
    busy = (1.2 + np.sin((hours % 24 - 8) / 24 * 2 * np.pi)) * np.where(weekday >= 5, 1.3, 1.0)
    rising = np.concatenate([[0.0], np.cumsum(busy[:-1])])
    since: Ints = np.interp(shares * rising[-1], rising, hours * HOUR).astype(np.int64)
    return milliseconds(world.start) + since


def draw_scans(world: World, chunk: Chunk, codes: Codes, defects: Defects, n_visitors: int) -> Scans:
    """The scan sessions of the chunk's visitors, visitor by visitor, each one's earliest first."""
    rng = chunk.rng("people")
    scans = np.minimum(rng.geometric(1 - world.multi_touch, n_visitors), MAX_SCANS)
    arrival = arrivals(world, rng.uniform(*chunk.shares, n_visitors))
    visitor = np.repeat(np.arange(n_visitors), scans)
    nth = within(np.ones(len(visitor), np.int64), scans) - 1
    gaps = np.where(nth == 0, 0, HOUR + np.minimum(rng.exponential(4 * DAY, len(nth)), 20 * DAY)).astype(np.int64)
    at = arrival[visitor] + within(gaps, scans)
    code = pick(rng, len(nth), codes.shares)
    first = np.repeat(code[np.cumsum(scans) - scans], scans)
    kept = at < milliseconds(world.start) + world.days * DAY
    ids = uuids(rng, len(nth))
    cookies, persons = uuids(rng, n_visitors), rng.integers(1, 2**63, n_visitors, dtype=np.uint64)
    same_person = rng.random(n_visitors) < 0.04
    persons = np.where(same_person, np.roll(persons, 1), persons)
    device = pick(rng, n_visitors, [d.weight for d in DEVICES])
    place = pick(rng, n_visitors, [p.weight for p in PLACES])
    kind = family(chunk.rng("session"), len(nth), (defects.qr_unknown, defects.no_browser_event, defects.fraud))
    everything = Scans(
        ids, cookies[visitor], persons[visitor], np.where(codes.sites[code] == codes.sites[first], code, first),
        nth, at, kind, device[visitor], place[visitor],
    )  # fmt: skip
    return Scans(**{name: values[kept] for name, values in vars(everything).items()})


def web_counts(chunk: Chunk, scans: Scans) -> tuple[Ints, Ints]:
    """Per scan session: its number of web sessions (0 to 2), and the events of each of two."""
    rng = chunk.rng("web")
    count = np.where(scans.kind == NO_BROWSER, 0, 1 + (rng.random(len(scans)) < RETURN_SHARE))
    sizes = np.minimum(rng.geometric(1 / (1 + MEAN_MORE_EVENTS), (len(scans), 2)), MAX_EVENTS_A_WEB_SESSION)
    return count, sizes


def visitors_needed(world: World, defects: Defects, events: int) -> int:
    """As many visitors as surely make `events` rows even if each scans only once."""
    browsing = 1 - defects.no_browser_event
    rows = browsing * (1 + RETURN_SHARE) * (1 + MEAN_MORE_EVENTS) + world.conversion_rate
    return int(events / max(rows, 0.02) * 1.2) + 60


def chunks(world: World, events_a_chunk: int = 250_000) -> list[Chunk]:
    """The world's chunks, in order of arrival."""
    n = -(-world.events // events_a_chunk)
    edges = arrivals(world, np.linspace(0, 1, n + 1))
    dealt = [world.events * k // n for k in range(n + 1)]
    heavy = [world.heavy_visitor_events * k // n for k in range(n + 1)]
    return [
        Chunk(k, (k / n, (k + 1) / n), int(edges[k]), int(edges[k + 1]), dealt[k + 1] - dealt[k],
              heavy[k + 1] - heavy[k], world.seed)
        for k in range(n)
    ]  # fmt: skip
