"""Defects of rows. Some change a base row without changing the truth; what breaks a row is an added row of its own.

An added row is broken in one way only, so the ledger has one place for it.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from attribution.simulate import catalog
from attribution.simulate.events import (
    BAD_WORD,
    BROWSER_ROW,
    DENIED,
    DUPLICATE,
    EMAIL,
    GRANTED,
    LEAK,
    LONG,
    MALFORMED,
    MISSING,
    PENDING,
    QUARANTINED,
    SERVER_ROW,
    TEST,
    TEST_FLAG,
    USUAL,
)
from attribution.simulate.people import DAY, HOUR, MINUTE, NO_ID, Chunk, Ids, uuids
from attribution.simulate.world import Defects
from attribution.terms import RAW, STORED, Shape

WHOLE, CUT, NO_SITE, BAD_UUID, NO_TIME, NO_NAME, BAD_CURRENCY, BAD_CONSENT = range(8)
"""How a row is broken: `broken` of a compact row."""
INVALID_KINDS: Final[Mapping[str, Mapping[str, int]]] = {
    RAW: {"missing_site_id": NO_SITE, "bad_uuid": BAD_UUID, "bad_currency": BAD_CURRENCY, "bad_consent": BAD_CONSENT},
    STORED: {
        "missing_time": NO_TIME,
        "missing_name": NO_NAME,
        "bad_currency": BAD_CURRENCY,
        "bad_consent": BAD_CONSENT,
    },
}
"""What is planted per shape. A stored row without site or with a broken UUID may be kept where its meaning is clear, so
it proves nothing; one without time or name, or with an impossible currency or consent word, has no clear meaning."""

IS_BROWSER = pl.col("source") == BROWSER_ROW
IS_WITHHELD = pl.col("consent").is_in([DENIED, PENDING])
IS_USUAL = pl.col("extra") == USUAL
HAS_AMOUNT = pl.col("amount").is_not_null()


def chosen(chunk: Chunk, dial: str, frame: pl.DataFrame, share: float, where: pl.Expr | None = None) -> pl.Series:
    """A mask of the rows that this dial hits, among those that fit; drawn from the dial's own stream."""
    hit = pl.Series(chunk.rng(dial).random(frame.height) < share)
    return hit if where is None else hit & frame.select(where).to_series()


def sums(mask: pl.Series) -> int:
    """How many are true."""
    return int(mask.sum() or 0)


def changed(chunk: Chunk, base: pl.DataFrame, dials: Defects) -> tuple[pl.DataFrame, dict[str, int]]:
    """The base rows with the defects that leave the truth as it is, and how many rows each one hit."""
    rng = chunk.rng("changed")
    counts: dict[str, int] = {}
    n = base.height
    marks = {
        "email_in_metadata": (EMAIL, dials.email_in_metadata, ~IS_WITHHELD),
        "leak": (LEAK, dials.leak, IS_WITHHELD & ~IS_BROWSER),
        "long_metadata": (LONG, dials.long_metadata, IS_BROWSER & IS_USUAL),
    }
    frame = base
    for dial, (mark, share, where) in marks.items():
        mask = chosen(chunk, dial, frame, share, where)
        counts[dial] = sums(mask)
        frame = frame.with_columns(extra=pl.when(mask).then(pl.lit(mark, pl.UInt8)).otherwise("extra"))
    camel = chosen(chunk, "camel_case", frame, dials.camel_case, IS_BROWSER & (pl.col("name") < catalog.PURCHASE))
    skewed = chosen(chunk, "clock_skew", frame, dials.clock_skew)
    behind = pl.Series(rng.integers(6 * MINUTE, HOUR, n))
    delayed = chosen(chunk, "out_of_order", frame, dials.out_of_order)
    delay = pl.Series(rng.integers(HOUR, 3 * DAY, n))
    counts |= {"camel_case": sums(camel), "clock_skew": sums(skewed), "out_of_order": sums(delayed)}
    frame = frame.with_columns(
        name=pl.when(camel).then(pl.col("name") + catalog.CAMEL).otherwise("name").cast(pl.UInt8),
        received=pl.when(skewed).then(pl.col("event_time") - behind).otherwise("received"),
    )
    return frame.with_columns(written=pl.when(delayed).then(pl.col("received") + delay).otherwise("received")), counts


def with_ids(frame: pl.DataFrame, **ids: Ids) -> pl.DataFrame:
    """The rows with other ids: `event`, `scan`, `visitor` or `web`."""
    halves = {
        f"{name}_{part}": pl.Series(pairs[:, k]) for name, pairs in ids.items() for k, part in enumerate(("hi", "lo"))
    }
    return frame.with_columns(**halves)


def later(frame: pl.DataFrame, delay: np.ndarray) -> pl.DataFrame:
    """The rows, received and written `delay` milliseconds after their originals were received."""
    time = pl.col("received") + pl.Series(delay)
    return frame.with_columns(received=time, written=time)


def u8(value: int) -> pl.Expr:
    """A small number in a compact row."""
    return pl.lit(value, pl.UInt8)


def resent(chunk: Chunk, frame: pl.DataFrame, dials: Defects, shape: Shape) -> pl.DataFrame:
    """Copies with the same payload, received 1 second to 6 hours later; stored: half of them flagged."""
    copies = frame.filter(chosen(chunk, "resent", frame, dials.resent))
    rng = chunk.rng("resent_copies")
    flagged = rng.random(copies.height) < (0.0 if shape == RAW else 0.5)
    copies = later(copies, rng.integers(1_000, 6 * HOUR, copies.height))
    return copies.with_columns(is_duplicate=pl.Series(flagged).cast(pl.Int8), fate=u8(DUPLICATE))


def conflicts(chunk: Chunk, frame: pl.DataFrame, dials: Defects, shape: Shape) -> pl.DataFrame:
    """Copies with the same id and another payload, received later: another amount; raw: another second of the day.

    A raw row has no received time, so content decides which of the two counts: they differ only in what the truth ignores.
    """
    copies = frame.filter(chosen(chunk, "conflict", frame, dials.conflict, HAS_AMOUNT))
    copies = later(copies, chunk.rng("conflict_copies").integers(1_000, 6 * HOUR, copies.height)).with_columns(
        fate=u8(DUPLICATE)
    )
    if shape == RAW:
        step = pl.when(pl.col("event_time") % DAY < DAY // 2).then(1_000).otherwise(-1_000)
        return copies.with_columns(event_time=pl.col("event_time") + step)
    return copies.with_columns(amount=pl.col("amount") + pl.when(pl.col("amount") > 0).then(100).otherwise(-100))


def malformed(chunk: Chunk, frame: pl.DataFrame, dials: Defects) -> pl.DataFrame:
    """Copies under new ids whose line is cut off."""
    lines = frame.filter(chosen(chunk, "malformed", frame, dials.malformed))
    lines = with_ids(lines, event=uuids(chunk.rng("malformed_ids"), lines.height))
    return lines.with_columns(extra=u8(USUAL), fate=u8(MALFORMED), broken=u8(CUT))


def invalid(chunk: Chunk, frame: pl.DataFrame, dials: Defects, shape: Shape) -> pl.DataFrame:
    """Copies under new ids with one field broken; currency and consent on rows with an amount, where there are any."""
    hits = frame.filter(chosen(chunk, "invalid", frame, dials.invalid))
    rng = chunk.rng("invalid_kinds")
    paid = frame.filter((pl.col("source") == SERVER_ROW) & HAS_AMOUNT)
    kinds = list(INVALID_KINDS[shape].values())
    usable = kinds if paid.height else [kind for kind in kinds if kind < BAD_CURRENCY]
    kind = pl.Series(np.array(usable, np.uint8)[rng.integers(0, len(usable), hits.height)])
    is_paid = kind >= BAD_CURRENCY
    on_paid = paid[rng.integers(0, max(paid.height, 1), int(is_paid.sum()))]
    broken = pl.concat([hits.filter(~is_paid), on_paid])
    broken = with_ids(broken, event=uuids(rng, broken.height)).with_columns(
        extra=u8(USUAL), fate=u8(QUARANTINED), broken=pl.concat([kind.filter(~is_paid), kind.filter(is_paid)])
    )
    return broken.with_columns(
        consent=pl.when(pl.col("broken") == BAD_CONSENT).then(u8(BAD_WORD)).otherwise("consent").cast(pl.UInt8)
    )


def test_traffic(chunk: Chunk, frame: pl.DataFrame, dials: Defects) -> pl.DataFrame:
    """Rows of test traffic that touch no session of the world: a name, a property, or all-zero ids."""
    rows = frame.filter(chosen(chunk, "test_traffic", frame, dials.test_traffic))
    n, rng = rows.height, chunk.rng("test_rows")
    kind = rng.integers(0, 3, n)
    zeros = np.zeros((n, 2), np.uint64)
    zero = (kind == 2)[:, None]
    none = np.tile(np.array(NO_ID, np.uint64), (n, 1))
    ids = {name: np.where(zero, zeros, uuids(rng, n)) for name in ("scan", "visitor")}
    ids["web"] = np.where(zero, zeros, none)
    rows = with_ids(rows, event=uuids(rng, n), **ids)
    is_property = pl.Series(kind == 1)
    return rows.with_columns(
        source=pl.when(is_property).then(u8(SERVER_ROW)).otherwise(u8(BROWSER_ROW)),
        name=pl.when(is_property).then(u8(catalog.PURCHASE)).when(pl.Series(kind == 0)).then(u8(catalog.TEST_EVENT))
        .otherwise(u8(catalog.PAGE_VIEW)),
        extra=pl.when(is_property).then(u8(TEST_FLAG)).otherwise(u8(USUAL)),
        amount=pl.when(is_property).then(pl.lit(100, pl.Int64)),
        currency=pl.when(is_property).then(0).otherwise(-1).cast(pl.Int8),
        consent=pl.when(is_property).then(u8(GRANTED)).otherwise(u8(MISSING)), order=pl.lit(0, pl.UInt64),
        qr=pl.lit(-1, pl.Int32),
        is_fraud=pl.lit(0, pl.Int8), fate=u8(TEST),
    )  # fmt: skip


def double_pageviews(chunk: Chunk, frame: pl.DataFrame, dials: Defects) -> pl.DataFrame:
    """A `pageview` beside a `page_view` of the same page, 0.1 to 1.9 seconds later."""
    views = frame.filter(
        chosen(chunk, "double_pageview", frame, dials.double_pageview, pl.col("name") == catalog.PAGE_VIEW)
    )
    rng = chunk.rng("double_rows")
    step = pl.Series(rng.integers(100, 1_900, views.height))
    twins = with_ids(views, event=uuids(rng, views.height))
    return twins.with_columns(
        name=u8(catalog.PAGEVIEW), extra=u8(USUAL), event_time=pl.col("event_time") + step,
        received=pl.col("received") + step, written=pl.col("written") + step,
    )  # fmt: skip


def spoil(chunk: Chunk, base: pl.DataFrame, dials: Defects, shape: Shape) -> tuple[pl.DataFrame, dict[str, int]]:
    """All rows of a chunk as they are to be written, and how many rows each dial of rows planted.

    A row is never written before the chunk begins: earlier chunks are on disk by then.
    """
    frame, counts = changed(chunk, base, dials)
    added: Mapping[str, pl.DataFrame] = {
        "resent": resent(chunk, frame, dials, shape),
        "conflict": conflicts(chunk, frame, dials, shape),
        "malformed": malformed(chunk, frame, dials),
        "invalid": invalid(chunk, frame, dials, shape),
        "test_traffic": test_traffic(chunk, frame, dials),
        "double_pageview": double_pageviews(chunk, frame, dials),
    }
    counts |= {dial: rows.height for dial, rows in added.items()}
    counts |= {
        f"invalid_{name}": sums(added["invalid"]["broken"] == kind) for name, kind in INVALID_KINDS[shape].items()
    }
    everything = pl.concat([frame, *added.values()])
    return everything.with_columns(written=pl.col("written").clip(lower_bound=chunk.begin)), counts
