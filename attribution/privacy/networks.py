"""IP addresses that could be a person's: not versions, not hosts of URLs, not the machine's own."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from attribution.privacy.hits import IP, Confidence, Found

NUMBERS: Final = r"\d{1,3}(?:\.\d{1,3}){3}(?![\w\-]|\.\w|/\d{3})"
V4: Final = re.compile(rf"(?<![\w./\-@])(?<!(?<![^\W\d_]):){NUMBERS}")
"""After a colon only where a word comes before that (`ip:`): otherwise it would be part of a version 6 address."""
V6: Final = re.compile(
    r"(?<![\w./])(?<!(?<![g-z]):)(?=[0-9a-f:.]{0,45}\d)"
    rf"(?:(?:[0-9a-f]{{0,4}}:){{2,6}}{NUMBERS}|[0-9a-f]{{0,4}}(?::[0-9a-f]{{0,4}}){{3,7}}(?![\w:]))",
    re.IGNORECASE,
)
TELLING_KEY: Final = re.compile(r"(?<![a-z])ip(?:v[46]|_?addr(?:ess)?)?(?![a-z])|remote|forwarded", re.IGNORECASE)
VERSION_KEY: Final = re.compile(r"version|(?<![a-z])ver(?![a-z])|build|release|agent|firmware|sdk", re.IGNORECASE)
VERSION_BEFORE: Final = re.compile(r"(?:version|ver\.?|build|release|firmware|sdk|v)\s?[:=]?\s?\Z", re.IGNORECASE)
LOOKED_BACK: Final = 12


def ip_addresses(text: str, key: str) -> Iterator[Found]:
    """Every address in the text, which is under the name `key` (empty where there is none)."""
    if VERSION_KEY.search(key):
        return
    for pattern in (V4, V6):
        for match in pattern.finditer(text):
            address = _address(match.group())
            before = text[max(0, match.start() - LOOKED_BACK) : match.start()]
            if address is not None and not VERSION_BEFORE.search(before):
                yield Found(match.start(), match.end(), IP, _confidence(address, key), address.compressed)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, that of version 4 where version 6 only wraps it (`::ffff:8.8.8.8`); None where it is nobody's."""
    try:
        written = ipaddress.ip_address(text)
    except ValueError:
        return None
    address = (isinstance(written, ipaddress.IPv6Address) and written.ipv4_mapped) or written
    is_nobody = address.is_loopback or address.is_unspecified or address.is_multicast or address.is_reserved
    return None if is_nobody else address


def _confidence(address: ipaddress.IPv4Address | ipaddress.IPv6Address, key: str) -> Confidence:
    if address.is_private:
        return "low"
    return "high" if TELLING_KEY.search(key) else "medium"
