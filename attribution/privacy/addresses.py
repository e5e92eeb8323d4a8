"""E-mail addresses: plain, percent-encoded, with a full-width sign, and written out as `name (at) example (dot) org`."""

import re
from collections.abc import Iterator
from typing import Final

from attribution.privacy.hits import EMAIL, Confidence, Found

AT: Final = re.compile(r"@|＠|%(?:25){0,2}40|&#0?64;|&#x40;|\\u0040|\\uff20", re.IGNORECASE)
LONGEST_LOCAL: Final = 64
LOCAL: Final = frozenset(".%+-_'!#$*^`{|}~")
"""What a local part may hold beside letters and digits."""
DOMAIN: Final = re.compile(
    r"(?:[^\W_](?:[\w\-]{0,62})\.){1,8}(xn--[a-z0-9\-]{2,59}|[^\W\d_]{2,24})(?![\w\-])", re.IGNORECASE
)
FILE_ENDINGS: Final = frozenset(
    """
    png jpg jpeg gif svg webp avif ico bmp css js mjs ts map json xml html htm php asp txt csv pdf zip gz tgz tar woff ttf
    mp3 mp4 mov webm local internal localhost invalid
    """.split()  # noqa: SIM905
)
"""Endings of file names (`logo@2x.png`) and of hosts that nobody writes to."""
WRITTEN_AT: Final = re.compile(r"\s{0,2}[(\[{<]\s?at\s?[)\]}>]\s{0,2}|\sat\s", re.IGNORECASE)
WRITTEN_DOMAIN: Final = re.compile(
    r"[a-z0-9\-]{1,63}(?:(?:\s{0,2}[(\[{<]\s?(?:dot|punkt)\s?[)\]}>]\s{0,2}|\sdot\s)[a-z0-9\-]{1,63}){1,4}(?!\w)",
    re.IGNORECASE,
)
DOTTED_DOMAIN: Final = re.compile(r"(?:[a-z0-9\-]{1,63}\.){1,4}[a-z]{2,24}(?!\w)", re.IGNORECASE)
WRITTEN_LOCAL: Final = re.compile(r"[\w.+\-]{1,64}\Z")
DOT: Final = re.compile(r"\s{0,2}[(\[{<]\s?(?:dot|punkt)\s?[)\]}>]\s{0,2}|\sdot\s", re.IGNORECASE)


def addresses(text: str) -> Iterator[Found]:
    """Every address in the text, in order."""
    for at in AT.finditer(text):
        domain = DOMAIN.match(text, at.end())
        start = _local_start(text, at.start()) if domain else at.start()
        if domain and start < at.start() and not _is_no_address(text, start, at, domain):
            value = f"{text[start : at.start()]}@{domain.group()}".lower()
            yield Found(start, domain.end(), EMAIL, "high", value)
    yield from _written_out(text)


def _local_start(text: str, end: int) -> int:
    """Where the local part before the sign begins."""
    if end > 1 and text[end - 1] == '"' and (quote := text.rfind('"', max(0, end - LONGEST_LOCAL), end - 1)) >= 0:
        return quote
    start = end
    while start > max(0, end - LONGEST_LOCAL) and (text[start - 1].isalnum() or text[start - 1] in LOCAL):
        start -= 1
    while start < end and text[start] in ".'":
        start += 1
    return start


def _is_no_address(text: str, start: int, at: re.Match[str], domain: re.Match[str]) -> bool:
    """A file name, a repository, the user of a URL, or a sentence that goes on without a space."""
    ending = domain[1]
    is_mixed = ending not in (ending.lower(), ending.upper())
    is_repository = text[start : at.start()] == "git" and text[domain.end() : domain.end() + 1] in {":", "/"}
    token = text[max(0, start - LONGEST_LOCAL) : start]
    in_authority = "://" in token and not re.search(r"[\s\"'<>]|[/?#=]", token.rpartition("://")[2])
    return ending.lower() in FILE_ENDINGS or is_mixed or is_repository or in_authority


def _written_out(text: str) -> Iterator[Found]:
    for at in WRITTEN_AT.finditer(text):
        local = WRITTEN_LOCAL.search(text[max(0, at.start() - LONGEST_LOCAL) : at.start()])
        is_marked = at.group().strip().lower() != "at"
        domain = WRITTEN_DOMAIN.match(text, at.end()) or (is_marked and DOTTED_DOMAIN.match(text, at.end()))
        if local and domain:
            name = DOT.sub(".", domain.group())
            start = at.start() - len(local.group())
            confidence: Confidence = "low"
            yield Found(start, domain.end(), EMAIL, confidence, f"{local.group()}@{name}".lower())
