"""Thrift's compact protocol, read into plain lists and written back: field numbers, types and values, no names.

Source: Apache Thrift, "Thrift Compact protocol encoding". Maps do not occur in Parquet footers and are refused.
"""

from typing import Any, Final

Field = tuple[int, int, Any]
"""A field's number, its type and its value: a struct is a list of fields, a list `(type of items, items)`."""

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
INTEGERS: Final = frozenset({I16, I32, I64})
SIZES: Final = {BYTE: 1, DOUBLE: 8}
"""Bytes of a value that is kept as it is."""
LONG: Final = 15
"""The size of a list of this many items or more, and a larger step between field numbers, are written out as numbers."""


def decode(data: bytes) -> list[Field]:
    """The struct that the bytes begin with.

    Raises:
        ValueError: They hold a map, or a type that is not of the protocol.
    """
    return _Reader(data).struct()


def encode(fields: list[Field]) -> bytes:
    """The struct as bytes."""
    out = bytearray()
    _write_struct(out, fields)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def struct(self) -> list[Field]:
        fields: list[Field] = []
        number = 0
        while head := self.byte():
            kind = head & 0x0F
            number = number + (head >> 4) if head >> 4 else self.integer()
            fields.append((number, kind, self.value(kind)))
        return fields

    def value(self, kind: int) -> Any:  # noqa: ANN401 - what Thrift holds
        if kind in INTEGERS:
            return self.integer()
        if kind == BINARY:
            return self.take(self.varint())
        if kind == STRUCT:
            return self.struct()
        if kind in {LIST, SET}:
            return self.list()
        if kind in {TRUE, FALSE}:
            return kind == TRUE
        if kind in SIZES:
            return self.take(SIZES[kind])
        message = f"type {kind} is not expected in a Parquet footer"
        raise ValueError(message)

    def list(self) -> tuple[int, list[Any]]:
        head = self.byte()
        kind = head & 0x0F
        size = head >> 4 if head >> 4 != LONG else self.varint()
        if kind in {TRUE, FALSE}:
            return kind, [self.byte() == TRUE for _ in range(size)]
        return kind, [self.value(kind) for _ in range(size)]

    def byte(self) -> int:
        self.place += 1
        return self.data[self.place - 1]

    def take(self, size: int) -> bytes:
        self.place += size
        return self.data[self.place - size : self.place]

    def varint(self) -> int:
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the last byte has no high bit
                return number
            shift += 7

    def integer(self) -> int:
        number = self.varint()
        return (number >> 1) ^ -(number & 1)


def _write_struct(out: bytearray, fields: list[Field]) -> None:
    last = 0
    for number, kind, value in fields:
        shown = (TRUE if value else FALSE) if kind in {TRUE, FALSE} else kind
        if 0 < number - last <= LONG:
            out.append((number - last) << 4 | shown)
        else:
            out.append(shown)
            _write_varint(out, number << 1)
        last = number
        if kind not in {TRUE, FALSE}:
            _write_value(out, kind, value)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:  # noqa: ANN401
    if kind in INTEGERS:
        _write_varint(out, value << 1 if value >= 0 else ~(value << 1))
    elif kind == BINARY:
        _write_varint(out, len(value))
        out += value
    elif kind == STRUCT:
        _write_struct(out, value)
    elif kind in {LIST, SET}:
        _write_list(out, *value)
    else:
        out += value


def _write_list(out: bytearray, kind: int, items: list[Any]) -> None:
    out.append(min(len(items), LONG) << 4 | kind)
    if len(items) >= LONG:
        _write_varint(out, len(items))
    for item in items:
        if kind in {TRUE, FALSE}:
            out.append(TRUE if item else FALSE)
        else:
            _write_value(out, kind, item)


def _write_varint(out: bytearray, number: int) -> None:
    while number >= 0x80:  # noqa: PLR2004 - seven bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
