"""E-mail addresses: plain, percent-encoded, with a full-width sign, and written out as `name (at) example (dot) org`."""

import re
from collections.abc import Iterator
from typing import Final

from attribution.privacy.hits import EMAIL, Confidence, Found

AT: Final = re.compile(
    r"@|＠|﹫|%(?:25){0,2}40|%u0040|&#0{0,6}64;|&#x0{0,6}40;|&commat;|\\u0040|\\uff20|\\ufe6b|\\x40", re.IGNORECASE
)
LOOKED_BACK: Final = 254
"""How many characters before the sign a local part may begin: the longest address that mail allows."""
LOCAL: Final = frozenset(".%+-_'!#$*^`{|}~")
"""What a local part may hold besides letters and digits."""
POINT: Final = re.compile("[.．。｡]")
DOMAIN: Final = re.compile(
    rf"(?:[^\W_](?:[\w\-]{{0,62}}){POINT.pattern}){{1,30}}(?:xn--[a-z0-9\-]{{2,59}}|[^\W\d_]{{2,24}})(?![^\W\d_])",
    re.IGNORECASE,
)
NUMBERED_DOMAIN: Final = re.compile(r"\[(?:ipv6:)?(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{3,39})\]", re.IGNORECASE)
"""An IP address in place of a domain: `ann@[192.0.2.1]`."""
BEFORE_A_NAME: Final = re.compile(
    r"(?:[^\W_][\w\-]*?\.)+?(?:com|org|net|edu|gov|info|[a-z]{2})(?=[\d_\-])", re.IGNORECASE
)
"""A domain that is followed by the rest of a file's name: `ann@example.org_2026.csv`."""
USUAL_ENDINGS: Final = frozenset({"com", "org", "net", "edu", "gov", "info"})
"""Endings that are not words a sentence would begin with."""
COUNTRY: Final = 2
"""Letters in a country's ending."""
GOES_ON: Final = frozenset("0123456789_-")
FILE_ENDINGS: Final = frozenset(
    """
    png jpg jpeg gif svg webp avif ico bmp css js mjs ts map json xml html htm php asp txt csv pdf zip gz tgz tar woff ttf
    mp3 mp4 mov webm local internal localhost invalid
    """.split()  # noqa: SIM905
)
"""Endings of file names (`logo@2x.png`) and of hosts that nobody writes to."""
HOST_FOLLOWS: Final = re.compile(r"[^\s@/?#]{0,64}@")
"""After what looks like a URL's user: the host is still to come, so the sign before it belonged to an address."""
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
        domain = _domain(text, at.end())
        start = _local_start(text, at.start()) if domain else at.start()
        end = at.end() + len(domain)
        if domain and start < at.start() and not _is_no_address(text, start, at, domain):
            yield Found(start, end, EMAIL, "high", f"{text[start : at.start()]}@{POINT.sub('.', domain)}".lower())
    yield from _written_out(text)


def _domain(text: str, start: int) -> str:
    """The domain that begins there, without the words of a sentence that follows without a space; empty where there is none."""
    if numbered := NUMBERED_DOMAIN.match(text, start):
        return numbered.group()
    match = DOMAIN.match(text, start)
    labels = re.split(f"({POINT.pattern})", match.group()) if match else []
    while labels and not _is_ending(labels):
        del labels[-2:]
    whole = "".join(labels) if len(labels) > 1 else ""
    is_file = whole.rpartition(".")[2].lower() in FILE_ENDINGS
    return begun.group() if is_file and (begun := BEFORE_A_NAME.match(whole)) else whole


def _is_ending(labels: list[str]) -> bool:
    """The last label is in one case, or capitalised like the one before it, or usual: not that of `shop.Then we went`."""
    ending, before = labels[-1], labels[-3] if len(labels) > 1 else ""
    is_even = ending in (ending.lower(), ending.upper())
    return is_even or before[:1].isupper() or ending.lower() in USUAL_ENDINGS


def _local_start(text: str, end: int) -> int:
    """Where the local part before the sign begins."""
    if end > 1 and text[end - 1] == '"' and (quote := text.rfind('"', max(0, end - LOOKED_BACK), end - 1)) >= 0:
        return quote
    start = end
    while start > max(0, end - LOOKED_BACK) and (text[start - 1].isalnum() or text[start - 1] in LOCAL):
        start -= 1
    while start < end and text[start] in ".'":
        start += 1
    return start


def _is_cut_off(text: str, end: int, domain: str, ending: str) -> bool:
    """More of a name follows, and the ending is not one that many addresses have: `core@next.beta-2`, not `a@example.org_2`."""
    if text[end : end + 1] not in GOES_ON or ending in USUAL_ENDINGS:
        return False
    has_name = POINT.split(domain)[-2:][0].strip("0123456789") != ""
    return len(ending) != COUNTRY or ending == "rc" or not has_name


def _is_no_address(text: str, start: int, at: re.Match[str], domain: str) -> bool:
    """A file name, a repository, or the user of a URL."""
    end = at.end() + len(domain)
    is_repository = text[start : at.start()] == "git" and text[end : end + 1] in {":", "/"}
    token = text[max(0, start - LOOKED_BACK) : start]
    in_authority = "://" in token and not re.search(r"[\s\"'<>]|[/?#=]", token.rpartition("://")[2])
    is_user = in_authority and not HOST_FOLLOWS.match(text, end)
    ending = POINT.split(domain)[-1].lower()
    return ending in FILE_ENDINGS or is_repository or is_user or _is_cut_off(text, end, domain, ending)


def _written_out(text: str) -> Iterator[Found]:
    for at in WRITTEN_AT.finditer(text):
        local = WRITTEN_LOCAL.search(text[max(0, at.start() - LOOKED_BACK) : at.start()])
        is_marked = at.group().strip().lower() != "at"
        domain = WRITTEN_DOMAIN.match(text, at.end()) or (is_marked and DOTTED_DOMAIN.match(text, at.end()))
        if local and domain:
            name = DOT.sub(".", domain.group())
            start = at.start() - len(local.group())
            confidence: Confidence = "low"
            yield Found(start, domain.end(), EMAIL, confidence, f"{local.group()}@{name}".lower())
