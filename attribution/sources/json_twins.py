"""A key that comes twice in a JSON object: which of its values counts, where a line is read by itself.

It is the one that counts where whole blocks are decoded: the first; but for a free object, and inside it, the last.
"""

import json
from collections.abc import Collection

from attribution.json_text import mended
from attribution.sources.aliases import NESTED


class _TwinsError(Exception):
    """An object has a key twice."""


class _Members(list[tuple[str, object]]):
    """The members of an object."""


def without_twins(line: bytes, free: Collection[str]) -> dict[str, object] | None:
    """The object with one value for each key; None where no key comes twice, or it is nested too deep to tell.

    Args:
        line: A JSON object.
        free: Names of free objects that are kept as JSON text.
    """
    try:
        if not _has_twins(line):
            return None
        return _chosen(json.loads(mended(line.decode()), object_pairs_hook=_Members), free)
    except (ValueError, RecursionError):
        return None


def _has_twins(line: bytes) -> bool:
    try:
        json.loads(line, object_pairs_hook=_refuse_twins)
    except _TwinsError:
        return True
    return False


def _refuse_twins(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise _TwinsError


def _chosen(members: _Members, free: Collection[str]) -> dict[str, object]:
    record: dict[str, object] = {}
    for name, value in members:
        if name in free or name not in record:
            record[name] = _firsts(value) if name in NESTED else _lasts(value)
    return record


def _firsts(value: object) -> object:
    return dict(reversed(value)) if isinstance(value, _Members) else value


def _lasts(value: object) -> object:
    if isinstance(value, _Members):
        return {name: _lasts(inner) for name, inner in value}
    return [_lasts(inner) for inner in value] if isinstance(value, list) else value
