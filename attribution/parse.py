"""Text to typed values. Every expression gives null where the text is not what it should be; none raises.

Typed input (Parquet) passes through where its type already says it: `dtype` is the input column's type, one of those that
`attribution.sources.parquet_types` leaves.
"""

from datetime import UTC, datetime
from typing import Final

import polars as pl
import pyarrow as pa
from pyarrow import compute

from attribution.money import AMOUNT, SCALE
from attribution.terms import UNLINKED

UTC_MICROSECONDS: Final = pl.Datetime("us", "UTC")
LOWER_UUID: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UUID: Final = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
SNAKE_CASE: Final = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
ZONE: Final = r"(?:[zZ]|UTC|[+-]\d\d:?\d\d)$"
NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
USUAL_TIME: Final = (
    r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z$"
)
"""How exports mostly write a time; read much faster than other forms of ISO 8601. The day may be one that the month lacks."""
NULL_TEXTS: Final = ("", "\\N")
UNSET_TEXTS: Final = ("0", "0.0", "false", "f", "no", *(text.lower() for text in NULL_TEXTS))
SET_TEXTS: Final = ("1", "1.0", "true", "t", "yes")
TICKS: Final = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
"""Ticks of each time unit in a second."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""A time outside these years is a wrong unit or a default, not an event's time."""


def expr_text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The value as text; null for the ways in which exports write null.

    A whole number is written as such, whatever type it has: pandas turns ids into floats when one of them is missing.
    """
    if dtype == pl.String:
        return pl.when(~column.is_in(NULL_TEXTS)).then(column)
    text = _readable_time(column, dtype).cast(pl.String)
    if dtype.is_decimal():
        return text.str.strip_chars_end("0").str.strip_suffix(".") if dtype.scale else text  # type: ignore[attr-defined]
    return text.str.strip_suffix(".0") if dtype.is_float() else text


def expr_id(text: pl.Expr) -> pl.Expr:
    """An identifier: a UUID in lower case, anything else as it is."""
    return text.map_batches(lambda texts: read_ids(texts)[0], return_dtype=pl.String, is_elementwise=True)


def expr_qr_code(text: pl.Expr) -> pl.Expr:
    """A QR code's id; null for the word that reports show where no code is known."""
    return pl.when(text != UNLINKED).then(text)


def read_ids(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Identifiers as `expr_id` gives them, and whether each is a UUID (null stays null).

    Ids are mostly UUIDs in lower case, so only the others are looked at again.
    """
    is_uuid = texts.str.contains(LOWER_UUID)
    if is_uuid.all():
        return texts, is_uuid
    places = (~is_uuid).fill_null(value=False).arg_true()
    others = texts.gather(places)
    have_capitals = others.str.contains(UUID)
    lower = others.str.to_lowercase().zip_with(have_capitals, others)
    return texts.scatter(places, lower), is_uuid.scatter(places, have_capitals)


def expr_time(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """An ISO 8601 time with any offset (UTC where it has none) in UTC at microseconds, years 2000 to 2099."""
    if isinstance(dtype, pl.Datetime):
        time = _readable_time(column, dtype)
        zoned = time.dt.replace_time_zone("UTC") if dtype.time_zone is None else time.dt.convert_time_zone("UTC")
        return zoned.dt.cast_time_unit("us")
    if dtype == pl.Date:
        return _readable_time(column, dtype).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if dtype != pl.String:
        return pl.lit(None, UTC_MICROSECONDS)
    return _in_range(column.map_batches(_times, return_dtype=UTC_MICROSECONDS, is_elementwise=True))


def _readable_time(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A date or time in the readable years, by its raw number: far beyond them Polars panics. Other columns as they are."""
    if dtype == pl.Date:
        first, end = ((year - EPOCH).days for year in (EARLIEST, LATEST))
    elif isinstance(dtype, pl.Datetime):
        first, end = (int(year.timestamp()) * TICKS[dtype.time_unit] for year in (EARLIEST, LATEST))
    else:
        return column
    return pl.when(column.to_physical().is_between(first, end, closed="left")).then(column)


def _times(texts: pl.Series) -> pl.Series:
    """The times of the texts: all in the usual form are read at once, the others one form after another."""
    times = _usual_times(texts)
    for others in (_zoned_times, _iso_times):
        left = (times.is_null() & texts.is_not_null()).arg_true()
        if left.is_empty():
            break
        times = times.scatter(left, others(texts.gather(left)))
    return times


def _usual_times(texts: pl.Series) -> pl.Series:
    """The times of texts in the usual form, null for others; where one names a day that its month lacks, all are null."""
    try:
        return _cast_times(texts)
    except pa.ArrowInvalid:
        is_other = ~texts.str.contains(USUAL_TIME).fill_null(value=True)
    try:
        return _cast_times(texts.set(is_other, None))
    except pa.ArrowInvalid:
        return pl.repeat(None, len(texts), dtype=UTC_MICROSECONDS, eager=True)


def _cast_times(texts: pl.Series) -> pl.Series:
    """The times as Arrow reads them: it knows one form of ISO 8601, with a zone, and reads all texts or none."""
    read = compute.cast(texts.to_arrow(compat_level=pl.CompatLevel.oldest()), pa.timestamp("us", "UTC"))
    return pl.Series(texts.name, read, UTC_MICROSECONDS)


def _zoned_times(texts: pl.Series) -> pl.Series:
    zoned = texts.zip_with(texts.str.contains(ZONE), texts + "Z")
    return zoned.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)


def _in_range(time: pl.Expr) -> pl.Expr:
    return pl.when(time.is_between(EARLIEST, LATEST, closed="left")).then(time)


def _iso_times(texts: pl.Series) -> pl.Series:
    """The rarer forms of ISO 8601 (no seconds, a date, basic format)."""
    return pl.Series([_iso_time(text) for text in texts], dtype=UTC_MICROSECONDS)


def _iso_time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def expr_amount(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A decimal amount with `SCALE` places, ties to even; null where it is no plain decimal number or too large."""
    if dtype.is_decimal():
        return column.round(SCALE, mode="half_to_even").cast(AMOUNT, strict=False)
    text = column if dtype == pl.String else column.cast(pl.String)
    text = text.str.strip_chars()
    return pl.when(text.str.contains(NUMBER)).then(text).cast(AMOUNT, strict=False)


def expr_significant_digits(text: pl.Expr) -> pl.Expr:
    """How many significant decimal digits a number's text has."""
    digits = text.str.replace(r"[eE].*$", "").str.replace_all(r"[^0-9]", "")
    return digits.str.strip_chars_start("0").str.len_bytes()


def expr_decimal_places(text: pl.Expr) -> pl.Expr:
    """How many digits a number has after the point, trailing zeros left out; its text may have an exponent."""
    text = text.str.strip_chars()
    digits = text.str.replace(r"[eE].*$", "").str.replace_all(r"[^0-9]", "")
    zeros = digits.str.len_bytes().cast(pl.Int64) - digits.str.strip_chars_end("0").str.len_bytes().cast(pl.Int64)
    behind = text.str.extract(r"\.(\d*)").str.len_bytes().cast(pl.Int64).fill_null(0)
    exponent = text.str.extract(r"[eE]([+-]?\d+)$").cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(digits.str.strip_chars("0") != "").then(pl.max_horizontal(behind - zeros - exponent, 0)).otherwise(0)


def expr_flag(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A 0/1 flag in any of its spellings; false where it is absent, null where it is something else."""
    if dtype == pl.Boolean:
        return column.fill_null(value=False)
    if dtype == pl.Null:
        return pl.lit(value=False)
    if dtype.is_numeric():
        number = column.fill_null(0)
        return pl.when((number == 0) | (number == 1)).then(number == 1)
    text = (column if dtype == pl.String else expr_text(column, dtype)).str.to_lowercase()
    is_set = text.is_in(SET_TEXTS)
    return pl.when(text.is_null() | is_set | text.is_in(UNSET_TEXTS)).then(is_set.fill_null(value=False))


def expr_integer(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A whole number, such as a screen width in pixels; decimals are cut off."""
    number = column.cast(pl.Float64, strict=False) if dtype == pl.String else column
    return number.cast(pl.Int32, strict=False)
