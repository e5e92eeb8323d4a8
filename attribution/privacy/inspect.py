"""Looks closely at a text, a URL or a JSON text: what is where, and the text with each found piece replaced."""

import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from attribution import hashes
from attribution.privacy.addresses import addresses
from attribution.privacy.cards import card_numbers
from attribution.privacy.hits import (
    DEFAULT,
    EMAIL,
    HASH_OF_NOTHING,
    PHONE,
    REDACTED,
    SALTED,
    UNHASHED,
    UPPER_CASE,
    Found,
    Hit,
    Inspection,
    Options,
    redaction,
    severity,
)
from attribution.privacy.networks import ip_addresses
from attribution.privacy.phones import glued_numbers, phone_numbers

PARAMETER: Final = re.compile(r"([?&#;])([^=&#;?/]{1,64})=([^&#;]*)")
FORM_SPACE: Final = re.compile(r"(?<=[^+])\+")
"""A plus in place of a space, as forms write it; at the beginning or after another plus it may belong to a number."""
PIECE: Final = re.compile(r"[^?&=#/\s;,\"'<>]+")
ENCODINGS: Final = 3
"""How often a text may have been percent-encoded."""
SURROGATE: Final = re.compile("[\ud800-\udfff]")
JSON_BEGINS: Final = frozenset('{["')
OF_ITS_PARENT: Final = re.compile(
    "number|no|nr|num|value|raw|digits|national|international|e164|formatted|main|home|work|private|primary|other",
    re.IGNORECASE,
)
"""Names that say nothing of their own: `{"phone": {"number": …}}`."""
REDACTED_KEY: Final = "[redacted-key]"
HASH_KEY: Final = re.compile(r"(?:email|phone)_?hash", re.IGNORECASE)
USABLE_HASH: Final = re.compile(hashes.USABLE)
SALTED_HASH: Final = re.compile(hashes.SALTED)


class _Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


class _Members(list[tuple[str, object]]):
    """A JSON object's members, including several of the same name."""

    __slots__ = ()


def inspect_text(text: str, root: str, *, options: Options = DEFAULT, key: str = "") -> Inspection:
    """Look at plain text.

    Args:
        text: The text.
        root: The field's path.
        options: What is looked for.
        key: The name that the text is under, empty where there is none: `phone` makes bare digits a number.
    """
    hits: list[Hit] = []
    while pieces := _found(text, key, options):
        text = _without(text, pieces, root, hits, options)
    clean = _without_encoded(text, key, root, hits, options) if "%" in text else text
    return Inspection(clean, tuple(hits))


def inspect_name(text: str, root: str, *, options: Options = DEFAULT) -> Inspection:
    """Look at an id, a label or a name, where digits mean nothing: for what is surely an address or a phone number."""
    hits: list[Hit] = []
    clean = _without(text, _sure(text, options), root, hits, options)
    if "%" in clean and (hidden := _sure(_decoded(clean), options)):
        hits.extend(_hit(piece, root, options) for piece in hidden)
        clean = redaction(hidden[0].rule)
    return Inspection(clean, tuple(hits))


def _sure(name: str, options: Options) -> list[Found]:
    """What is surely an address or a phone number in a name, in order; a number even where letters run into it."""
    found = [*_found(name, "", options), *glued_numbers(name)]
    sure = (piece for piece in found if piece.rule in {EMAIL, PHONE} and piece.confidence == "high")
    return _apart(sure)


def inspect_file_name(name: str, *, options: Options = DEFAULT) -> tuple[Inspection, str]:
    """Look at a file's name or path as at any name, then without its endings, which may hide a domain.


    Returns:
        What is in the name before its endings, and the endings that were cut off for it (`.csv.gz`, mostly none).
    """
    for endings in range(4):
        stem, *cut = name.rsplit(".", endings)
        seen = inspect_name(stem, "", options=options)
        if seen.hits:
            return seen, "".join(f".{ending}" for ending in cut)
    return Inspection(name), ""


def inspect_url(text: str, root: str, *, options: Options = DEFAULT) -> Inspection:
    """Look at a URL: at each parameter under its name, then at the whole of it; it stays a URL."""
    hits: list[Hit] = []

    def value(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}={_value(match[3], unquote(match[2]), root, hits, options)}"

    seen = inspect_text(PARAMETER.sub(value, text), root, options=options)
    return Inspection(seen.redacted, (*hits, *seen.hits))


def _value(text: str, key: str, root: str, hits: list[Hit], options: Options) -> str:
    """The value of a parameter without what is found in it as it is, and then with its pluses read as spaces."""
    seen = inspect_text(text, root, options=options, key=key)
    hits.extend(seen.hits)
    spaced = FORM_SPACE.sub(" ", seen.redacted)
    if spaced == seen.redacted:
        return seen.redacted
    again = inspect_text(spaced, root, options=options, key=key)
    hits.extend(again.hits)
    return again.redacted.replace(" ", "+") if again.hits else seen.redacted


def inspect_json(text: str, root: str, *, options: Options = DEFAULT) -> Inspection:
    """Look at every key and value of a JSON text, at any depth, even in texts that are JSON themselves; text that is not
    JSON is looked at as text.
    """
    return _json(text, root, options) or inspect_text(text, root, options=options)


def _json(text: str, path: str, options: Options, key: str = "") -> Inspection | None:
    """What is in a JSON text under the name `key`; None where it is not JSON."""
    try:
        content = json.loads(text, parse_float=_Number, parse_int=_Number, object_pairs_hook=_Members)
        hits: list[Hit] = []
        clean = _walked(content, key, path, hits, options)
    except (ValueError, RecursionError):
        return None
    return Inspection(clean if hits else text, tuple(hits))


def _found(text: str, key: str, options: Options) -> list[Found]:
    """The pieces in order, without overlap."""
    pieces = [
        *addresses(text),
        *phone_numbers(text, key, options),
        *card_numbers(text, key),
        *ip_addresses(text, key),
    ]
    return _apart(pieces)


def _apart(pieces: Iterable[Found]) -> list[Found]:
    """The pieces in order, without overlap: of two that overlap, the one that begins first, then the longer."""
    chosen: list[Found] = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        if not chosen or piece.start >= chosen[-1].end:
            chosen.append(piece)
    return chosen


def _without(text: str, pieces: Iterable[Found], path: str, hits: list[Hit], options: Options) -> str:
    """The text with the pieces replaced; each is noted among the hits."""
    parts, done = [], 0
    for piece in pieces:
        parts += [text[done : piece.start], redaction(piece.rule)]
        done = piece.end
        hits.append(_hit(piece, path, options))
    return "".join([*parts, text[done:]])


def _hit(piece: Found, path: str, options: Options) -> Hit:
    fingerprint = options.fingerprint(piece.rule, piece.value)
    return Hit(piece.rule, path, piece.confidence, severity(piece.confidence), fingerprint)


def _without_encoded(text: str, key: str, path: str, hits: list[Hit], options: Options) -> str:
    """The text without what shows only once it is decoded: the encoded piece that holds it is replaced, else the whole."""

    def replaced(match: re.Match[str]) -> str:
        pieces = _found(_decoded(match.group()), key, options) if "%" in match.group() else []
        hits.extend(_hit(piece, path, options) for piece in pieces)
        return redaction(pieces[0].rule) if pieces else match.group()

    clean = PIECE.sub(replaced, text)
    left = _found(_decoded(clean), key, options)
    if not left:
        return clean
    hits.extend(_hit(piece, path, options) for piece in left)
    return redaction(left[0].rule)


def _decoded(text: str) -> str:
    for _ in range(ENCODINGS):
        plain = unquote(text)
        if plain == text:
            break
        text = plain
    return text


def _walked(value: object, key: str, path: str, hits: list[Hit], options: Options) -> str:
    """The value as JSON text, redacted; numbers as they were written."""
    if isinstance(value, _Members):
        return "{" + ",".join(_member(name, inner, key, path, hits, options) for name, inner in value) + "}"
    if isinstance(value, list):
        items = (_walked(item, key, f"{path}[{place}]", hits, options) for place, item in enumerate(value))
        return "[" + ",".join(items) + "]"
    if isinstance(value, _Number):
        seen = inspect_text(str(value), path, options=options, key=key)
        hits.extend(seen.hits)
        return json.dumps(seen.redacted) if seen.hits else value
    return _dumped(_leaf(value, key, path, hits, options) if isinstance(value, str) else value)


def _member(name: str, value: object, key: str, path: str, hits: list[Hit], options: Options) -> str:
    """A member of the object under `key`, which says what digits are where the member's own name does not; as JSON text."""
    seen = inspect_text(name, f"{path}.{REDACTED_KEY}", options=options, key=key)
    hits.extend(seen.hits)
    shown = REDACTED_KEY if seen.hits else name
    inner = _walked(value, f"{key}_{name}" if OF_ITS_PARENT.fullmatch(name) else name, f"{path}.{shown}", hits, options)
    return f"{_dumped(seen.redacted)}:{inner}"


def _dumped(value: object) -> str:
    """The value as JSON text; half of a surrogate pair, which is no character, stays escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if SURROGATE.search(text) else text


def _leaf(text: str, key: str, path: str, hits: list[Hit], options: Options) -> str:
    if text.lstrip()[:1] in JSON_BEGINS and (inner := _json(text, path, options, key)):
        hits.extend(inner.hits)
        return inner.redacted
    seen = (
        inspect_url(text, path, options=options)
        if "://" in text
        else inspect_text(text, path, options=options, key=key)
    )
    hits.extend(seen.hits)
    if seen.hits or not HASH_KEY.search(key) or not text or text.startswith(REDACTED):
        return seen.redacted
    return _hash(text, path, hits, options)


def _hash(text: str, path: str, hits: list[Hit], options: Options) -> str:
    """A hashed identifier in its usable form, or the redaction in its place; what is wrong with it goes to the hits."""
    lower = text.lower()
    if USABLE_HASH.fullmatch(text) and lower != hashes.OF_NOTHING:
        if text != lower:
            hits.append(Hit(UPPER_CASE, path, "high", "info", options.fingerprint(UPPER_CASE, lower)))
        return lower
    rule = HASH_OF_NOTHING if lower == hashes.OF_NOTHING else SALTED if SALTED_HASH.fullmatch(text) else UNHASHED
    hits.append(Hit(rule, path, "high", "error", options.fingerprint(rule, lower)))
    return redaction(rule)
