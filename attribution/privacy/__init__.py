"""What personal data looks like in free text: e-mail addresses, plain, percent-encoded or with a full-width sign.

`suspect` is a cheap expression that never misses what the inspectors would find; the inspectors look closely, say what is
where (never the value) and give the text with each found piece replaced.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote

import msgspec
import polars as pl

AT: Final = r"(?:@|＠|%40|%2540|&#64;)"
EMAIL: Final = re.compile(rf"[A-Za-z0-9._%+\-']{{1,64}}{AT}(?:[A-Za-z0-9\-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}}")
RULE: Final = "email_address"
REDACTED: Final = f"[redacted:{RULE}]"
KEY: Final = "[redacted-key]"


@dataclass(frozen=True)
class Hit:
    """One found piece: what rule, where, how sure. Never the value."""

    rule: str
    field_path: str
    confidence: Literal["high", "medium", "low"] = "high"
    severity: Literal["error", "warning", "info"] = "error"


@dataclass(frozen=True)
class Inspection:
    """A text with each found piece replaced, and the pieces' places."""

    redacted: str
    hits: tuple[Hit, ...] = ()


def suspect(column: str, kind: Literal["json", "url", "text"]) -> pl.Expr:  # noqa: ARG001
    """Whether the text could hold personal data; null where there is no text."""
    return pl.col(column).str.contains(r"@|＠|%(?:25)?40|&#64;|\\u0040|\\uff20|\\uFF20")


def inspect_text(text: str, root: str) -> Inspection:
    """Look at plain text."""
    redacted, count = EMAIL.subn(REDACTED, text)
    return Inspection(redacted, (Hit(RULE, root),) * bool(count))


def inspect_url(text: str, root: str) -> Inspection:
    """Look at a URL, also at what is percent-encoded in it."""
    plain = inspect_text(text, root)
    if plain.hits or not EMAIL.search(unquote(unquote(text))):
        return plain
    return Inspection(text.partition("?")[0].partition("#")[0] + "?" + REDACTED, (Hit(RULE, root),))


def inspect_json(text: str, root: str) -> Inspection:
    """Look at every key and value of a JSON text, at any depth; text that is no JSON is looked at as text."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return inspect_text(text, root)
    hits: list[Hit] = []
    clean = _walk(value, root, hits)
    return Inspection(msgspec.json.encode(clean).decode() if hits else text, tuple(hits))


def _walk(value: object, path: str, hits: list[Hit]) -> object:
    if isinstance(value, str):
        seen = inspect_text(value, path)
        hits.extend(seen.hits)
        return seen.redacted
    if isinstance(value, list):
        return [_walk(item, f"{path}[{place}]", hits) for place, item in enumerate(value)]
    if isinstance(value, dict):
        return {_key(key, path, hits): _walk(item, f"{path}.{_shown(key)}", hits) for key, item in value.items()}
    return value


def _shown(key: str) -> str:
    return KEY if EMAIL.search(key) else key


def _key(key: str, path: str, hits: list[Hit]) -> str:
    if not EMAIL.search(key):
        return key
    hits.append(Hit(RULE, f"{path}.{KEY}"))
    return EMAIL.sub(REDACTED, key)
