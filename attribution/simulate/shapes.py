"""Compact rows as texts under the names of the stored row; `lines` makes lines from them."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from attribution.money import minor_digits
from attribution.simulate import catalog
from attribution.simulate.defects import (
    BAD_CONSENT,
    BAD_CURRENCY,
    BAD_UUID,
    HAS_AMOUNT,
    IS_BROWSER,
    IS_WITHHELD,
    NO_NAME,
    NO_SITE,
    NO_TIME,
)
from attribution.simulate.events import EMAIL, LEAK, LONG, TEST_FLAG
from attribution.simulate.people import NO_ID, generator
from attribution.simulate.world import World

CONSENT_TEXTS = (None, "granted", "denied", "pending", "maybe")
STORED_COLUMNS = (
    "event_id", "event_time", "received_time", "site_id", "scan_session_id", "qr_code_id", "user_id", "event_type",
    "event_name", "source", "page_url", "referrer", "device_type", "browser_family", "os_family", "country_code",
    "city", "conversion_value", "conversion_currency", "metadata", "is_duplicate", "is_fraud", "consent", "visitor_id",
    "web_session_id",
)  # fmt: skip
STORED_NUMBERS = frozenset({"conversion_value", "is_duplicate", "is_fraud"})
ISO, ZONELESS = "%Y-%m-%dT%H:%M:%S%.3fZ", "%Y-%m-%d %H:%M:%S%.3f"
_HEX = np.array([list(f"{byte:02x}".encode()) for byte in range(256)], np.uint8).view(np.uint16).ravel()
_LONG = [f'{{"note": "{"höjd över havet " * repeats}"}}' for repeats in range(508, 546)]
"""Long metadata: 9,156 to 9,822 bytes of UTF-8 in fewer characters."""


def qr_code_ids(world: World) -> list[str]:
    """The ids of the world's QR codes: opaque text."""
    numbers = generator(world.seed, 0, "qr_code_ids").integers(0, 2**63, world.qr_codes)
    return [f"Q{number:016x}" for number in numbers]


def site_ids(world: World) -> list[str]:
    """The ids of the world's sites: 64 letters and digits."""
    letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    draws = generator(world.seed, 0, "site_ids").integers(0, len(letters), (world.sites, 64))
    return ["".join(letters[k] for k in row) for row in draws]


def uuid_text(hi: np.ndarray, lo: np.ndarray) -> pl.Series:
    """The ids as lower-case UUID text, null for no id."""
    n = len(hi)
    digits = _HEX[np.stack([hi, lo], 1).astype(">u8").view(np.uint8).reshape(n, 16)].view(np.uint8).reshape(n, 32)
    text = np.full((n, 36), ord("-"), np.uint8)
    for begin, end, at in ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24)):
        text[:, at : at + end - begin] = digits[:, begin:end]
    offsets = np.arange(n + 1, dtype=np.int64) * 36
    whole = pl.Series(pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(text)))
    missing = pl.Series((hi == NO_ID[0]) & (lo == NO_ID[1]))
    return pl.select(pl.when(~missing).then(whole)).to_series() if missing.any() else whole


def look_up(texts: Sequence[str | None], positions: pl.Series) -> pl.Series:
    """The text at each position; null where the position is negative."""
    known = pl.Series(texts, dtype=pl.String)
    return known.gather(positions.set(positions < 0, None)) if (positions < 0).any() else known.gather(positions)


def expr_amount() -> pl.Expr:
    """`amount` in minor units as exact decimal text with the currency's decimal places (`digits`)."""
    size = pl.col("amount").abs()
    sign = pl.when(pl.col("amount") < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    cents = pl.concat_str(sign, size // 100, pl.lit("."), (size % 100).cast(pl.String).str.zfill(2))
    return pl.when(pl.col("digits") == 0).then(pl.concat_str(sign, size)).otherwise(cents)


def expr_number(column: str) -> pl.Expr:
    """Up to 14 digits of a large number with a letter in their middle, so that no one takes them for a phone number."""
    return pl.concat_str(pl.col(column) % 10**7, pl.lit("k"), pl.col(column) // 10**7 % 10**7)


def expr_address() -> pl.Expr:
    """The e-mail address that a row with one holds."""
    number, names, families = pl.col("event_lo"), len(catalog.FIRST_NAMES), len(catalog.LAST_NAMES)
    first = pl.lit(pl.Series(catalog.FIRST_NAMES)).gather(number % names)
    last = pl.lit(pl.Series(catalog.LAST_NAMES)).gather(number // names % families)
    return pl.concat_str(first, pl.lit("."), last, number % 1_000_000_007, pl.lit("@example.com"))


def expr_metadata() -> pl.Expr:
    """Metadata or properties as JSON text, before any consent strip."""
    order = pl.concat_str(pl.lit('"order_id": "ord_'), expr_number("order"), pl.lit('"'))
    has_order = pl.col("order") > 0
    contact = pl.concat_str(pl.lit('{"form": {"fields": {"contact": "'), "address", pl.lit('"}}}'))
    reply = pl.concat_str(pl.lit('"customer": {"note": {"reply_to": "'), "address", pl.lit('"}}'))
    reply = (
        pl.when(has_order)
        .then(pl.concat_str(pl.lit("{"), order, pl.lit(", "), reply, pl.lit("}")))
        .otherwise(pl.concat_str(pl.lit("{"), reply, pl.lit("}")))
    )
    return (
        pl.when(pl.col("extra") == EMAIL).then(pl.when(IS_BROWSER).then(contact).otherwise(reply))
        .when(pl.col("extra") == LONG).then(pl.lit(pl.Series(_LONG)).gather(pl.col("event_lo") % len(_LONG)))
        .when(pl.col("extra") == TEST_FLAG).then(pl.lit('{"test": true}'))
        .when(has_order).then(pl.concat_str(pl.lit("{"), order, pl.lit(', "plan": "pro"}')))
        .otherwise("usual")
    )  # fmt: skip


class Words:
    """The texts that a world's compact rows stand for."""

    def __init__(self, world: World) -> None:
        self.qr_codes = qr_code_ids(world)
        self.sites = site_ids(world)
        self.currencies = list(world.currencies)
        self.digits = [minor_digits(code) for code in world.currencies]

    def fields(self, rows: pl.DataFrame, times: str | None) -> pl.DataFrame:
        """The rows with every field as text under its stored name; times by the pattern, or as UTC times if None."""
        ids = {
            name: uuid_text(rows[f"{name}_hi"].to_numpy(), rows[f"{name}_lo"].to_numpy())
            for name in ("event", "scan", "visitor", "web")
        }
        name = look_up(catalog.NAMES, rows["name"])
        kept = rows.select(
            "event_lo", "visitor_lo", "person", "order", "amount", "source", "consent", "extra", "broken"
        )
        named = kept.with_columns(
            event_id=ids["event"], scan_session_id=ids["scan"], visitor_id=ids["visitor"], web_session_id=ids["web"],
            site_id=look_up(self.sites, rows["site"]), qr_code_id=look_up(self.qr_codes, rows["qr"]), raw_name=name,
            usual=look_up(catalog.METADATA, rows["name"]), page=look_up(catalog.PAGES, rows["page"]),
            device_type=look_up([d.device_type for d in catalog.DEVICES], rows["device"]),
            browser_family=look_up([d.browser_family for d in catalog.DEVICES], rows["device"]),
            os_family=look_up([d.os_family for d in catalog.DEVICES], rows["device"]),
            country_code=look_up([p.country_code for p in catalog.PLACES], rows["place"]),
            place_city=look_up([p.city for p in catalog.PLACES], rows["place"]),
            consent_word=look_up(CONSENT_TEXTS, rows["consent"]),
            conversion_currency=look_up(self.currencies, rows["currency"]),
            digits=pl.Series(self.digits).gather(rows["currency"].clip(0)), device=rows["device"],
            is_duplicate=rows["is_duplicate"], is_fraud=rows["is_fraud"],
            event_time=times_of(rows["event_time"], times), received_time=times_of(rows["received"], times),
        )  # fmt: skip
        broken = pl.col("broken")
        return named.with_columns(
            site_id=pl.when(broken != NO_SITE).then("site_id"),
            raw_name=pl.when(broken != NO_NAME).then("raw_name"),
            event_time=pl.when(broken != NO_TIME).then("event_time"),
            received_time=pl.when(broken != NO_TIME).then("received_time"),
            address=pl.when(pl.col("extra") == EMAIL).then(expr_address()),
            conversion_value=pl.when(HAS_AMOUNT).then(expr_amount()),
            conversion_currency=pl.when(broken == BAD_CURRENCY).then(pl.lit("EURO")).otherwise("conversion_currency"),
            scan_session_id=pl.when(broken == BAD_UUID).then(pl.col("scan_session_id").str.head(18))
            .otherwise("scan_session_id"),
            full_url=pl.concat_str(
                pl.lit("https://shop.example.com"), "page", pl.lit("?scnv="), "scan_session_id",
                pl.lit("&utm_source=qr"),
            ),
            came_from=pl.lit(pl.Series(catalog.REFERRERS)).gather(pl.col("visitor_lo") % len(catalog.REFERRERS)),
        ).with_columns(properties=expr_metadata())  # fmt: skip

    def stored(self, rows: pl.DataFrame, times: str | None) -> pl.DataFrame:
        """The rows as the platform stores them: stripped by consent, except for planted leaks."""
        leaks = [(pl.col("extra") == LEAK) & (pl.col("event_lo") % 4 == k) for k in range(4)]
        stripped = IS_WITHHELD | (pl.col("broken") == BAD_CONSENT)
        return self.fields(rows, times).select(
            "event_id", "event_time", "received_time", "site_id", "scan_session_id", "qr_code_id",
            user_id=pl.lit("150157"),
            event_type=pl.when(IS_BROWSER).then("raw_name"), event_name=pl.when(~IS_BROWSER).then("raw_name"),
            source=pl.when(IS_BROWSER).then(pl.lit("browser")).otherwise(pl.lit("server")),
            page_url=pl.when(IS_BROWSER | leaks[0]).then("full_url"),
            referrer=pl.when(IS_BROWSER).then("came_from").when(leaks[1]).then(pl.lit("https://www.google.com/")),
            device_type="device_type", browser_family="browser_family", os_family="os_family",
            country_code="country_code",
            city=pl.when(~stripped | leaks[2]).then("place_city"), conversion_value="conversion_value",
            conversion_currency="conversion_currency",
            metadata=pl.when(leaks[3]).then(pl.lit('{"plan": "pro"}')).when(~stripped).then("properties"),
            is_duplicate="is_duplicate", is_fraud="is_fraud", consent="consent_word", visitor_id="visitor_id",
            web_session_id="web_session_id",
        )  # fmt: skip


def times_of(milliseconds: pl.Series, pattern: str | None) -> pl.Series:
    """Milliseconds as UTC times, or as text by a pattern."""
    if pattern is None:
        return (milliseconds * 1000).cast(pl.Datetime("us", "UTC"))
    return milliseconds.cast(pl.Datetime("ms")).dt.strftime(pattern)
