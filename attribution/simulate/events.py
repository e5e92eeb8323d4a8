"""Base rows of a chunk: what browsers and servers send about its people. One row per event, in compact form.

A compact row holds numbers only (halves of ids, positions in the catalogue, whole minor units), so that rows that are
to be written later can wait in little memory; `shapes` turns them into text.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import polars as pl

from attribution.money import minor_digits
from attribution.simulate import catalog
from attribution.simulate.people import (
    DAY,
    FRAUD_SESSION,
    HOUR,
    MINUTE,
    NO_BROWSER,
    NO_ID,
    QR_UNKNOWN,
    Bools,
    Chunk,
    Codes,
    Ids,
    Ints,
    Scans,
    WebSessions,
    family,
    pick,
    uuids,
    within,
)
from attribution.simulate.world import Defects, World

BROWSER_ROW, SERVER_ROW = 0, 1
MISSING, GRANTED, DENIED, PENDING, BAD_WORD = range(5)
"""Consent of a row: a position in `("", granted, denied, pending, an unknown word)`."""
USUAL, EMAIL, LONG, TEST_FLAG, LEAK = range(5)
"""What is in a row's metadata (`LEAK`: in one of the fields that consent forbids)."""
ANALYSED, MALFORMED, QUARANTINED, DUPLICATE, TEST, FRAUD = range(6)
"""Where the ledger must count a row."""
PLAIN, ORPHAN, WEB_ONLY, LATE, BEFORE = range(5)
"""What is wrong with a conversion, if anything."""

ROW: dict[str, pl.DataType] = {
    "written": pl.Int64(), "event_time": pl.Int64(), "received": pl.Int64(),
    "event_hi": pl.UInt64(), "event_lo": pl.UInt64(), "scan_hi": pl.UInt64(), "scan_lo": pl.UInt64(),
    "visitor_hi": pl.UInt64(), "visitor_lo": pl.UInt64(), "web_hi": pl.UInt64(), "web_lo": pl.UInt64(),
    "person": pl.UInt64(), "order": pl.UInt64(), "amount": pl.Int64(), "currency": pl.Int8(),
    "site": pl.UInt8(), "qr": pl.Int32(), "source": pl.UInt8(), "name": pl.UInt8(), "page": pl.UInt8(),
    "device": pl.UInt8(), "place": pl.UInt8(), "consent": pl.UInt8(), "extra": pl.UInt8(), "is_duplicate": pl.Int8(),
    "is_fraud": pl.Int8(), "fate": pl.UInt8(), "broken": pl.UInt8(),
}  # fmt: skip
"""A compact row. Times in milliseconds, `amount` in minor units; no amount is null, no `order` 0, no `currency` or `qr` -1."""


@dataclass(frozen=True)
class Conversions:
    """One entry per conversion or refund of a chunk, as it is sent; `scan` is its scan session's place, `kind` its defect."""

    scan: Ints
    kind: Ints
    scan_ids: Ids
    web_ids: Ids
    at: Ints
    name: Ints
    amount: Ints
    has_amount: Bools
    currency: Ints
    order: npt.NDArray[np.uint64]
    consent: Ints
    is_refund: Bools
    event_ids: Ids

    def __len__(self) -> int:
        return len(self.at)

    def where(self, mask: Bools | Ints) -> "Conversions":
        """The chosen conversions, as a copy."""
        return Conversions(**{f.name: getattr(self, f.name)[mask] for f in fields(self)})

    def plus(self, other: "Conversions") -> "Conversions":
        """These, then the others."""
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return Conversions(**{name: np.concatenate(pair) for name, pair in pairs.items()})


def no_ids(n: int) -> Ids:
    """`n` times no id."""
    return np.tile(np.array(NO_ID, np.uint64), (n, 1))


def rows(n: int, **values: npt.ArrayLike) -> pl.DataFrame:
    """`n` compact rows; `event`, `scan`, `visitor` and `web` take ids, what is not named takes its empty value.

    Without a currency there is no amount.
    """
    columns: dict[str, npt.ArrayLike] = {"currency": -1, "qr": -1}
    for name, value in values.items():
        if name in {"event", "scan", "visitor", "web"}:
            ids = np.asarray(value)
            columns |= {f"{name}_hi": ids[:, 0], f"{name}_lo": ids[:, 1]}
        else:
            columns[name] = value
    whole = {
        name: pl.Series(np.broadcast_to(np.asarray(columns.get(name, 0)), n).copy()).cast(dtype)
        for name, dtype in ROW.items()
    }
    return pl.DataFrame(whole).with_columns(amount=pl.when(pl.col("currency") >= 0).then("amount"))


def browse(chunk: Chunk, scans: Scans, count: Ints, sizes: Ints) -> tuple[WebSessions, Ints, Ints]:
    """The web sessions of the scans; and per event the position of its web session and its time.

    A second web session begins at least 31 minutes after the first one's last event, at most 25 days later.
    """
    rng = chunk.rng("browse")
    scan = np.repeat(np.arange(len(scans)), count)
    second = within(np.ones(len(scan), np.int64), count) == 2
    events = np.where(second, sizes[scan, 1], sizes[scan, 0])
    session = np.repeat(np.arange(len(scan)), events)
    steps = (1_000 + np.minimum(rng.exponential(35_000, len(session)), 19 * MINUTE)).astype(np.int64)
    first_event = np.cumsum(events) - events
    steps[first_event] = 0
    offsets = within(steps, events)
    length = offsets[first_event + events - 1]
    begin = scans.at[scan] + rng.integers(1_000, 20_000, len(scan))
    later = np.flatnonzero(second)
    pause = 31 * MINUTE + np.minimum(rng.exponential(1.2 * DAY, len(later)), 25 * DAY).astype(np.int64)
    begin[later] = begin[later - 1] + length[later - 1] + pause
    return WebSessions(uuids(rng, len(scan)), scan, begin, events), session, begin[session] + offsets


def browser_rows(
    chunk: Chunk, codes: Codes, scans: Scans, count: Ints, sizes: Ints
) -> tuple[pl.DataFrame, WebSessions, Ints]:
    """One row per browser event; with the web sessions and the time of each one's last event."""
    web, session, at = browse(chunk, scans, count, sizes)
    rng = chunk.rng("browser_rows")
    scan, n = web.scan[session], len(at)
    name = pick(rng, n, catalog.BROWSER_SHARES)
    name[np.cumsum(web.events) - web.events] = catalog.PAGE_VIEW
    page = pick(rng, n, [3, 1, 1, 1, 1, 1, 1, 1])
    fraud = scans.kind[scan] == FRAUD_SESSION
    frame = rows(
        n, event_time=at, received=at + rng.integers(1_000, 30_000, n), event=uuids(rng, n), scan=scans.ids[scan],
        visitor=scans.visitors[scan], web=web.ids[session], person=scans.people[scan], site=codes.sites[scans.qr[scan]],
        qr=np.where(scans.kind[scan] == QR_UNKNOWN, -1, scans.qr[scan]), name=name, page=page,
        device=scans.device[scan],
        place=scans.place[scan], is_fraud=fraud, fate=np.where(fraud, FRAUD, ANALYSED),
    )  # fmt: skip
    last = at[np.cumsum(web.events) - 1] if n else np.zeros(0, np.int64)
    return frame, web, last


def conversion_counts(world: World, chunk: Chunk, codes: Codes, scans: Scans) -> Ints:
    """Conversions per scan session (0 to 2): the code's lift, and 40 % more for each earlier scan, up to three."""
    rng = chunk.rng("conversion_counts")
    chance = world.conversion_rate * codes.lifts[scans.qr] * (1 + 0.4 * np.minimum(scans.nth, 3))
    again = rng.random(len(scans)) < 0.08
    return np.where(rng.random(len(scans)) < chance, 1 + again, 0).astype(np.int64)


def draw_conversions(
    world: World, chunk: Chunk, codes: Codes, scans: Scans, counts: Ints, web: WebSessions, last: Ints, defects: Defects
) -> Conversions:
    """The conversions of the scan sessions, with what is wrong in their timing and ties."""
    rng = chunk.rng("conversions")
    scan = np.repeat(np.arange(len(scans)), counts)
    n = len(scan)
    browsed = scans.kind[scan] != NO_BROWSER
    last_web = np.searchsorted(web.scan, scan, side="right") - 1
    session, begun = scans.kind[scan], scans.at[scan]
    kind = family(chunk.rng("ties"), n, (defects.orphan, defects.web_only, defects.late, defects.before_scan))
    kind[
        (session == FRAUD_SESSION) | ((session == QR_UNKNOWN) & (kind != ORPHAN)) | ((kind == WEB_ONLY) & ~browsed)
    ] = PLAIN
    end = np.where(browsed, last[last_web] if len(last) else 0, begun + 30_000)
    soon = rng.integers(2_000, 90_000, n)
    delay = np.where(rng.random(n) < 0.75, 0, np.minimum(rng.exponential(2 * DAY, n), 20 * DAY)).astype(np.int64)
    at = end + soon + delay
    at = np.where(kind == LATE, begun + 60 * DAY + rng.integers(HOUR, 20 * DAY, n), at)
    at = np.where(kind == BEFORE, begun - rng.integers(10 * MINUTE, 2 * DAY, n), at)
    tied = browsed & (
        (kind == WEB_ONLY) | ((kind == PLAIN) & (chunk.rng("no_web_session").random(n) >= defects.no_web_session))
    )
    web_ids = np.where(tied[:, None], web.ids[last_web], no_ids(n)) if len(web.ids) else no_ids(n)
    unknown = (kind == ORPHAN) | (kind == WEB_ONLY)
    name = catalog.PURCHASE + pick(rng, n, catalog.CONVERSION_SHARES)
    currency = pick(rng, n, 0.5 ** np.arange(len(world.currencies)))
    minor = np.array([10 ** minor_digits(code) * (100 if minor_digits(code) == 0 else 1) for code in world.currencies])
    amount = np.rint(rng.lognormal(3.4, 0.8, n) * codes.prices[scans.qr[scan]] * minor[currency]).astype(np.int64)
    ids = uuids(rng, n)
    words = family(chunk.rng("consent"), n, (defects.denied, defects.pending, defects.consent_missing))
    return Conversions(
        scan, kind, np.where(unknown[:, None], uuids(rng, n), scans.ids[scan]), web_ids, at, name,
        np.maximum(amount, 1),
        name == catalog.PURCHASE, currency, np.where(name == catalog.PURCHASE, ids[:, 1], np.uint64(0)),
        np.array([GRANTED, DENIED, PENDING, MISSING])[words], np.zeros(n, bool), ids,
    )  # fmt: skip


def follow_ups(chunk: Chunk, scans: Scans, sold: Conversions, defects: Defects) -> tuple[Conversions, Conversions]:
    """Orders sent again under a second event id, and refunds; each follows the QR code of its order."""
    session = scans.kind[sold.scan]
    withheld = (sold.consent == DENIED) | (sold.consent == PENDING)
    plain = sold.has_amount & (sold.kind == PLAIN) & (session != FRAUD_SESSION)
    rng = chunk.rng("one_order_two_ids")
    again = sold.where(plain & ~withheld & (rng.random(len(sold)) < defects.one_order_two_ids))
    again = replace_in(
        again, at=again.at + rng.integers(30_000, 10 * MINUTE, len(again)), event_ids=uuids(rng, len(again))
    )
    rng = chunk.rng("refund")
    returnable = plain | (sold.has_amount & (sold.kind == WEB_ONLY) & ~withheld)
    back = sold.where(returnable & (rng.random(len(sold)) < defects.refund))
    n = len(back)
    half = (rng.random(n) < 0.4) & (back.amount > 1)
    back = replace_in(
        back, at=back.at + rng.integers(DAY, 20 * DAY, n), event_ids=uuids(rng, n), name=np.full(n, catalog.REFUND),
        amount=-np.where(half, back.amount // 2, back.amount), is_refund=np.ones(n, bool), web_ids=no_ids(n),
    )  # fmt: skip
    return again, back


def replace_in(conversions: Conversions, **values: npt.NDArray[np.generic]) -> Conversions:
    """The conversions with other values in the named fields."""
    return Conversions(**({f.name: getattr(conversions, f.name) for f in fields(conversions)} | values))


def server_rows(chunk: Chunk, codes: Codes, scans: Scans, sent: Conversions) -> pl.DataFrame:
    """One row per conversion or refund. A quarter of the refunds are sent as a positive amount."""
    rng = chunk.rng("server_rows" + str(len(sent)))
    n, scan = len(sent), sent.scan
    hidden = (sent.kind == ORPHAN) | (sent.kind == WEB_ONLY) | (scans.kind[scan] == QR_UNKNOWN)
    fraud = scans.kind[scan] == FRAUD_SESSION
    positive = sent.is_refund & (rng.random(n) < 0.25)
    amount = np.where(positive, -sent.amount, sent.amount)
    passed = rng.random(n) < 0.7
    return rows(
        n, event_time=sent.at, received=sent.at + rng.integers(1_000, 30_000, n), event=sent.event_ids,
        scan=sent.scan_ids,
        visitor=np.where(passed[:, None], scans.visitors[scan], no_ids(n)), web=sent.web_ids, person=scans.people[scan],
        order=sent.order, amount=amount, currency=np.where(sent.has_amount, sent.currency, -1),
        site=codes.sites[scans.qr[scan]],
        qr=np.where(hidden, -1, scans.qr[scan]), source=SERVER_ROW, name=sent.name, device=scans.device[scan],
        place=scans.place[scan], consent=sent.consent, is_fraud=fraud, fate=np.where(fraud, FRAUD, ANALYSED),
    )  # fmt: skip
