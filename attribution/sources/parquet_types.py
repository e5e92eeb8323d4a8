"""Parquet's many types as the few that the rules know: text, numbers, decimals, flags, dates and times.

A column of another type becomes text: a dictionary its values, bytes what they spell, an object or list its JSON.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
import polars as pl
import pyarrow as pa
from polars.datatypes import DataTypeClass

from attribution.parse import expr_text

UNREADABLE: Final = (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException, OSError)
"""What Polars and Arrow raise where they cannot read; a panic is no `Exception`."""
KNOWN: Final = (pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Null)
UUID_BYTES: Final = 16
UUID_PARTS: Final = ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
"""Where the parts of a UUID begin in its 32 hex digits, and how long they are."""


def plain(values: pl.Series) -> pl.Series:
    """The column as one of the types that the rules know; a float that is not a number is null, as other writers write it."""
    dtype = values.dtype
    if dtype.is_float():
        return values.fill_nan(None)
    if dtype.is_numeric() or dtype in KNOWN:
        return values
    if dtype == pl.Binary:
        return _texts(values)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return values.cast(pl.String)
    return _json_in_python(values) if _holds_bytes(dtype) else _json(values)


def first_filled(columns: Sequence[pl.Series]) -> pl.Series:
    """Row by row, the first value among several columns; as text where the columns differ in type."""
    filled = [values for values in columns if values.null_count() < len(values)] or columns[:1]
    if len(filled) == 1:
        return filled[0]
    if len({values.dtype for values in filled}) > 1 or filled[0].dtype == pl.String:
        filled = [pl.select(expr_text(pl.lit(values), values.dtype)).to_series() for values in filled]
    return pl.select(pl.coalesce(filled)).to_series()


def is_readable(kind: pa.DataType) -> bool:
    """Polars reads the type: it knows no time zones but named ones, and no decimals of more than 128 bits."""
    if pa.types.is_timestamp(kind):
        return _is_zone(kind.tz)
    return not pa.types.is_decimal256(kind) and all(is_readable(kind.field(at).type) for at in range(kind.num_fields))


def as_series(column: pa.ChunkedArray) -> pl.Series:
    """The column in Polars: times of any zone in UTC, decimals of more than 128 bits as text.

    Raises:
        ArrowException, PolarsError, PanicException: It is of a type that neither can read.
    """
    return pl.Series(pl.from_arrow(column.cast(_readable(column.type))))


def _readable(kind: pa.DataType) -> pa.DataType:
    """The Arrow type to read in place of this one."""
    if is_readable(kind):
        return kind
    if pa.types.is_timestamp(kind):
        return pa.timestamp(kind.unit, "UTC")
    if pa.types.is_decimal256(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_readable(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_readable(kind.key_type), _readable(kind.item_type))
    return pa.list_(_readable(kind.value_type)) if pa.types.is_list(kind) else kind


def _is_zone(name: str | None) -> bool:
    try:
        pl.Series([], dtype=pl.Datetime("us", name))
    except pl.exceptions.PolarsError:
        return False
    return True


def _texts(values: pl.Series) -> pl.Series:
    """UTF-8 as the text that it is; but if any value of 16 bytes is not UTF-8, all such values are UUIDs. The rest in hex."""
    try:
        return values.cast(pl.String)
    except pl.exceptions.PolarsError:
        is_uuid = (values.bin.size() == UUID_BYTES) & (not _is_text(values.filter(values.bin.size() == UUID_BYTES)))
    nothing = pl.Series([None], dtype=pl.Binary)
    others = values.zip_with(~is_uuid, nothing)
    try:
        texts = others.cast(pl.String)
    except pl.exceptions.PolarsError:
        texts = pl.Series([None if value is None else _text(value) for value in others], dtype=pl.String)
    return texts.zip_with(~is_uuid, _uuids(values.zip_with(is_uuid, nothing))).alias(values.name)


def _is_text(values: pl.Series) -> bool:
    try:
        values.cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _uuids(values: pl.Series) -> pl.Series:
    digits = values.bin.encode("hex")
    parts = [digits.str.slice(begin, length) for begin, length in UUID_PARTS]
    return pl.select(pl.concat_str(parts, separator="-")).to_series()


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return str(UUID(bytes=value)) if len(value) == UUID_BYTES else value.hex()


def _holds_bytes(dtype: pl.DataType | DataTypeClass) -> bool:
    """The type contains bytes, of which Polars makes no JSON."""
    if isinstance(dtype, pl.Struct):
        return any(_holds_bytes(field.dtype) for field in dtype.fields)
    if isinstance(dtype, pl.Map):
        return _holds_bytes(dtype.key) or _holds_bytes(dtype.value)
    return _holds_bytes(dtype.inner) if isinstance(dtype, pl.List | pl.Array) else dtype == pl.Binary


def _json(values: pl.Series) -> pl.Series:
    """Each value as JSON text; null for an empty object."""
    wrapped = pl.select(pl.struct(v=values).struct.json_encode()).to_series()
    texts = wrapped.str.strip_prefix('{"v":').str.strip_suffix("}")
    return _filled(texts.zip_with(values.is_not_null(), pl.Series([None], dtype=pl.String)).alias(values.name))


def _json_in_python(values: pl.Series) -> pl.Series:
    texts = [None if value is None else msgspec.json.encode(_with_texts(value)).decode() for value in values.to_list()]
    return _filled(pl.Series(values.name, texts, pl.String))


def _filled(texts: pl.Series) -> pl.Series:
    return texts.zip_with(texts != "{}", pl.Series([None], dtype=pl.String))


def _with_texts(value: object) -> object:
    """The value, with bytes replaced by their text."""
    if isinstance(value, dict):
        return {str(_with_texts(key)): _with_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_texts(inner) for inner in value]
    return _text(value) if isinstance(value, bytes) else value
