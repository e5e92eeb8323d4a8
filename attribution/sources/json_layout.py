"""How a JSON record's fields become canonical text columns: the same for a whole block and for a single record."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec
import polars as pl

from attribution import terms
from attribution.json_text import mended
from attribution.sources.aliases import JSON_COLUMNS, NESTED, NOT_KEPT, accepted_names
from attribution.sources.detect import SourceFile
from attribution.sources.free_objects import free_objects

MONEY_OBJECT: Final = "conversion_value"
"""An object `{amount, currency}` in a payload, a plain number in a stored row."""

CONSENT: Final = "consent"
IDENTIFIERS: Final = "user_identifiers"

Keys = tuple[str, ...]
"""The key of a field, after that of the nested object that holds it, if one does. A key may have a dot of its own."""
Case = Callable[[str], str]
CASES: Final[tuple[Case, ...]] = (str.upper, str.title, str.capitalize)
"""`EVENT_ID`, `Event_Id`, `Event_id`: an export usually writes all its names in one of them."""

DECODED: Final = 2 << 20
"""Bytes of lines that are decoded at once: for more of them, the decoder would take new memory each time."""


class WrongKindError(Exception):
    """A field holds an object or a list where only a scalar makes sense, or the other way round."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def as_object(line: bytes) -> dict[str, object] | None:
    """The line as a JSON object; None where it is none."""
    try:
        value = msgspec.json.decode(mended(line.decode()))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@dataclass(frozen=True)
class Layout:
    """Which input fields serve which canonical column, and of what kind they are."""

    fields: Mapping[str, tuple[Keys, ...]]
    """Canonical column -> input fields. Of several the first with a value counts."""
    nested: frozenset[str]
    """Top-level names that are objects."""
    texts: frozenset[str]
    """Free-object columns that come as escaped JSON text."""

    @classmethod
    def of(cls, sample: Iterable[Mapping[str, object] | None], file: SourceFile) -> "Layout":
        """The layout of the sample's records; names that the sample lacks are looked for as well."""
        kinds: dict[str, set[type]] = {}
        for record in sample:
            for name, value in (record or {}).items():
                kinds.setdefault(name, set()).add(type(value))
        is_raw = file.shape == terms.RAW
        nested = {n for n in NESTED if is_raw or dict in kinds.get(n, set() if n == MONEY_OBJECT else {dict})}
        accepted = accepted_names(kinds, file.kind, file.aliases)
        cases = _cases(kinds, {name.lower() for names in accepted.values() for name in names})
        found = {
            column: tuple(
                dict.fromkeys(keys for name in names for keys in _keys(name, nested, _looked_for(column, cases)))
            )
            for column, names in accepted.items()
        }
        found[IDENTIFIERS] = tuple(keys for keys in found.get(IDENTIFIERS, ()) if str in kinds.get(keys[0], ()))
        texts = {c for c in JSON_COLUMNS if any(str in kinds.get(keys[0], set()) for keys in found.get(c, ()))}
        return cls({c: fields for c, fields in found.items() if fields}, frozenset(nested), frozenset(texts))

    @property
    def free(self) -> frozenset[str]:
        """Names of free objects that come as objects."""
        told = (keys for column, fields in self.fields.items() if self._is_free(column) for keys in fields)
        return frozenset(keys[0] for keys in told)

    @property
    def dtype(self) -> pl.Struct:
        """The Polars type that a line is decoded into; free objects are not part of it."""
        told = [keys for column, fields in self.fields.items() if not self._is_free(column) for keys in fields]
        flat = [keys[0] for keys in told if len(keys) == 1]
        nested = {name: pl.Struct(dict.fromkeys(NESTED[name], pl.String)) for name in sorted(self.nested)}
        return pl.Struct({**dict.fromkeys(flat, pl.String), **nested})

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """`row_number` and the canonical columns of `line`, of the same rows.

        Raises:
            PolarsError: A line is no object, or a field is of a kind that it cannot be.
        """
        texts = lines["line"]
        record = pl.concat(part.str.json_decode(self.dtype) for part in _some_at_a_time(texts)).rechunk()
        columns = [self._column(texts, record, *field) for field in self.fields.items()]
        return lines.select("row_number", *columns)

    def flatten(self, record: Mapping[str, object]) -> dict[str, str | None]:
        """One record as canonical text columns.

        Raises:
            WrongKindError: A field is of a kind that it cannot be.
        """
        record = _with_identifiers(_with_money(record, MONEY_OBJECT in self.nested))
        flat = {column: self._value(record, column, name) for column, name in self.fields.items()}
        money = record.get(MONEY_OBJECT)
        if isinstance(money, dict) and flat.get("currency") is None:
            flat["currency"] = _text(money.get("currency"), "currency")
        return flat

    def _is_free(self, column: str) -> bool:
        return column in JSON_COLUMNS and column not in self.texts

    def _column(self, texts: pl.Series, record: pl.Series, column: str, fields: tuple[Keys, ...]) -> pl.Series:
        found = [self._field(texts, record, keys, is_free=self._is_free(column)) for keys in fields]
        filled = [values for values in found if values.null_count() < len(values)] or found[:1]
        return pl.select(pl.coalesce(filled).alias(column)).to_series() if len(filled) > 1 else filled[0].alias(column)

    def _field(self, texts: pl.Series, record: pl.Series, keys: Keys, *, is_free: bool) -> pl.Series:
        if is_free:
            return free_objects(texts, keys[0])
        for key in keys:
            record = record.struct.field(key)
        return record

    def _value(self, record: Mapping[str, object], column: str, fields: tuple[Keys, ...]) -> str | None:
        found = (self._value_at(record, column, keys) for keys in fields)
        return next((value for value in found if value is not None), None)

    def _value_at(self, record: Mapping[str, object], column: str, keys: Keys) -> str | None:
        value = record.get(keys[0])
        if column in JSON_COLUMNS:
            return _json_text(value)
        if column == IDENTIFIERS:
            return _json_text(value)
        if len(keys) == 1:
            return _text(value["amount"] if keys[0] == MONEY_OBJECT and isinstance(value, dict) else value, column)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise WrongKindError(keys[0])
        return _json_text(value.get(keys[1])) if column in NOT_KEPT else _text(value.get(keys[1]), column)


def _cases(found: Iterable[str], known: Collection[str]) -> list[Case]:
    """The cases in which the input writes known names."""
    others = [name for name in found if name.lower() in known and name != name.lower()]
    return [str.lower, *(case for case in CASES if any(name == case(name) for name in others))]


def _looked_for(column: str, cases: list[Case]) -> list[Case]:
    """The cases to look for. Withheld consent counts however a row writes its name, even where the sample shows no such row."""
    return [str.lower, *CASES] if column == CONSENT else cases


def _keys(name: str, nested: Collection[str], cases: Iterable[Case]) -> Iterator[Keys]:
    """Where the field of a name may be: in a nested object, and under the name as it is, in each case."""
    parent, _, field = name.lower().partition(".")
    if parent in nested and field in NESTED[parent]:
        yield parent, field
    for spelled in (name, *(case(name) for case in cases)):
        if spelled not in nested:
            yield (spelled,)


def _some_at_a_time(texts: pl.Series) -> Iterator[pl.Series]:
    """The texts in stretches of about `DECODED` bytes; at least one."""
    size = max(1, DECODED * len(texts) // max(1, int(texts.str.len_bytes().sum())))
    for start in range(0, max(1, len(texts)), size):
        yield texts.slice(start, size)


def _with_money(record: Mapping[str, object], nested: bool) -> Mapping[str, object]:  # noqa: FBT001
    """The record with its money in the one form, object or number, that the layout expects."""
    value = record.get(MONEY_OBJECT)
    if nested and isinstance(value, int | float | str):
        return {**record, MONEY_OBJECT: {"amount": value, "currency": record.get("conversion_currency")}}
    if isinstance(value, dict):
        return {**record, MONEY_OBJECT: {"amount": None, **value}}
    return record


def _with_identifiers(record: Mapping[str, object]) -> Mapping[str, object]:
    """The record with its identifiers as an object, even where they are JSON text of one."""
    value = record.get(IDENTIFIERS)
    return {**record, IDENTIFIERS: as_object(value.encode()) or value} if isinstance(value, str) else record


def _text(value: object, column: str) -> str | None:
    if isinstance(value, dict | list):
        raise WrongKindError(column)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def _json_text(value: object) -> str | None:
    """A free object as JSON text, escaped text as it is; what is neither is left for the rules to see."""
    if value is None or value == {} or isinstance(value, str):
        return value or None  # type: ignore[return-value]
    return msgspec.json.encode(value).decode()
