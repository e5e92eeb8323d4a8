"""Archives of gzip members or zstd frames, decompressed as they are read."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final, Protocol

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"


class BrokenArchiveError(Exception):
    """The archive ends early or is corrupt; all bytes before the break were yielded."""


def is_compressed(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a gzip or zstd archive."""
    return head.startswith((GZIP_MAGIC, ZSTD_MAGIC))


class _Member(Protocol):
    """One gzip member or zstd frame being decompressed."""

    @property
    def eof(self) -> bool:
        """The member is complete."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came after its end."""
        ...

    def decompress(self, data: bytes, /) -> bytes: ...


def _new_member(magic: bytes) -> _Member:
    if magic.startswith(GZIP_MAGIC):
        return zlib.decompressobj(wbits=31)
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


def members(data: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    """What the archive holds, member by member.

    Args:
        data: The archive's first bytes.
        read: Gives the next ones; none at its end.

    Raises:
        BrokenArchiveError: After the last readable byte of a truncated or corrupt archive.
    """
    import zstandard

    magic, member = data[:4], _new_member(data[:4])
    while data:
        spare = member.copy() if isinstance(member, type(zlib.decompressobj())) else None
        try:
            out = member.decompress(data)
        except (zlib.error, zstandard.ZstdError) as error:
            if spare:
                yield _before_the_break(spare, data)
            raise BrokenArchiveError from error
        if out:
            yield out
        if not member.eof:
            data = read()
            continue
        data = _after_padding(member.unused_data, read)
        member = _new_member(magic) if data else member
    if not member.eof:
        raise BrokenArchiveError


def _before_the_break(member: _Member, data: bytes) -> bytes:
    """What a broken piece of a gzip member still gives, tried byte by byte up to the break."""
    given = bytearray()
    with suppress(zlib.error):
        for place in range(len(data)):
            given += member.decompress(data[place : place + 1])
    return bytes(given)


def _after_padding(data: bytes, read: Callable[[], bytes]) -> bytes:
    """What follows the zeros that a member may be padded with, however many; nothing at the archive's end."""
    data = data.lstrip(b"\0")
    while not data and (more := read()):
        data = more.lstrip(b"\0")
    return data
