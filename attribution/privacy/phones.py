"""Phone numbers: international, national in the usual grouping, and bare digits under a telling name. Numbers are judged by
`phonenumbers`, the port of the library that phones use.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from attribution.privacy.hits import PHONE, Confidence, Found, Options

HUMP: Final = r"(?-i:(?<=[a-z\d])(?=[A-Z]))"
WORD: Final = rf"(?:(?<![^\W\d_])|{HUMP})(?:cell|tel)(?:(?![^\W\d_])|{HUMP}|(?=(?:no|nr|num|number)(?![^\W\d_])))"
"""Words that occur inside others (`cancelled`, `hotel`): only alone, in snake_case or in camelCase."""
TELLING: Final = rf"(?:phone|mobile|handy|msisdn|whatsapp|telefon|fax|contact_?(?:no|number)|{WORD})"
TELLING_KEY: Final = re.compile(TELLING, re.IGNORECASE)
SEPARATOR: Final = r"[ \u00a0.()\-/]|%20"
INTERNATIONAL: Final = re.compile(
    rf"(?<![\w+])(?:\+|%2B|＋)\s?\(?[1-9](?:(?:{SEPARATOR}){{0,3}}\d){{6,14}}(?!\d)", re.IGNORECASE
)
GLUED: Final = re.compile(r"(?<=[^\W\d])(?:\+|＋)[1-9]\d{6,14}(?!\d)")
"""Right after a letter or `_`, where a text or a URL would have a space or a sum: `p_+4915112345678`."""
DOUBLE_ZERO: Final = re.compile(r"(?<![\w.\-/+])00[1-9]\d{0,2}[ \u00a0(](?:[ \u00a0()/]{0,2}\d){5,13}(?![\w\-])")
NATIONAL: Final = re.compile(
    r"(?<![\w.\-/+:,])(?!00)\(?\d{2,6}\)?(?:[ \u00a0.\-/]{1,2}\d{2,8}){1,4}(?![\w/:]|[.,\-]\d)"
)
PREFIXED: Final = re.compile(r"\(?0\d{2,5}\)?[ \u00a0/]{1,2}\d{5,8}")
"""Prefix with its leading 0, a space or slash, and the number in one piece."""
LOOSE: Final = rf"\(?\d(?:(?:{SEPARATOR}|\+){{0,3}}\d){{6,14}}"
"""Digits in any grouping: a number only under a telling name."""
BARE: Final = re.compile(rf"({TELLING}[a-z_]{{0,12}})\W{{1,4}}({LOOSE})(?![\d\w])", re.IGNORECASE)
UNDER_KEY: Final = re.compile(rf"\s*({LOOSE})\s*")
OTHER_KEY: Final = re.compile(
    r"(?:(?:date|time|count|model|type|version|price|edat)"
    rf"|(?:[\W_]|{HUMP}|{TELLING})(?:at|on|ts|id|code|ref|sku|imei|ean))[\W\d_]*$",
    re.IGNORECASE,
)
"""Endings of a telling name that is not about a number. Short ones must be whole words (not `whatsapp_chat`, `Telefon`)."""
DATE: Final = re.compile(r"\d{1,4}([.\-/])\d{1,2}\1\d{1,4}(?!\d)")
DIGITS: Final = re.compile(r"\d+")
SHORTEST, LONGEST = 7, 15


def phone_numbers(text: str, key: str, options: Options) -> Iterator[Found]:
    """Every phone number in the text.

    Args:
        text: Any text.
        key: The name that it is under, empty where there is none.
        options: The regions of national numbers.
    """
    for pattern in (INTERNATIONAL, DOUBLE_ZERO):
        for match in pattern.finditer(text):
            if value := _international(match.group()):
                yield Found(match.start(), match.end(), PHONE, "high", value)
    for match in NATIONAL.finditer(text):
        if value := _national(match.group(), options.phone_regions):
            yield Found(match.start(), match.end(), PHONE, "medium", value)
    for match in BARE.finditer(text):
        if not OTHER_KEY.search(match[1]):
            yield from _bare(match[2], match.start(2), options)
    if TELLING_KEY.search(key) and not OTHER_KEY.search(key) and (alone := UNDER_KEY.fullmatch(text)):
        yield from _bare(alone[1], alone.start(1), options)


def glued_numbers(name: str) -> Iterator[Found]:
    """International numbers that letters run into, in a name, in order."""
    for match in GLUED.finditer(name):
        if value := _international(match.group()):
            yield Found(match.start(), match.end(), PHONE, "high", value)


def _international(text: str) -> str:
    """The number as E.164, empty where it is none."""
    plain = re.sub(r"%20", " ", re.sub(r"%2B|＋", "+", text, flags=re.IGNORECASE))
    digits = "".join(DIGITS.findall(plain))
    return _valid(f"+{digits.removeprefix('00') if plain.startswith('00') else digits}", None)


def _national(text: str, regions: tuple[str, ...]) -> str:
    """The number as E.164 where its digits are grouped as the region writes them, or as prefix and number."""
    groups = DIGITS.findall(text)
    digits = "".join(groups)
    if not SHORTEST <= len(digits) <= LONGEST:
        return ""
    is_prefixed = PREFIXED.fullmatch(text) is not None
    valid = (_valid(digits, region) for region in regions)
    return next((value for value in valid if value and (is_prefixed or groups == _groups(value))), "")


def _bare(text: str, start: int, options: Options) -> Iterator[Found]:
    number = "".join(DIGITS.findall(text.replace("%20", " ")))
    if DATE.match(text) or not SHORTEST <= len(number) <= LONGEST:
        return
    tried = [(f"+{number}", None), *((number, region) for region in options.phone_regions)]
    confidence: Confidence = "medium"
    if value := next(filter(None, (_valid(*one) for one in tried)), ""):
        yield Found(start, start + len(text), PHONE, confidence, value)


@lru_cache(maxsize=4096)
def _valid(number: str, region: str | None) -> str:
    """The number as E.164, empty where it is not a valid one."""
    library = _library()
    try:
        parsed = library.parse(number, region)
    except library.NumberParseException:
        return ""
    fits = library.is_valid_number(parsed) if region is None else library.is_valid_number_for_region(parsed, region)
    return str(library.format_number(parsed, library.PhoneNumberFormat.E164)) if fits else ""


@lru_cache(maxsize=4096)
def _groups(value: str) -> list[str]:
    library = _library()
    written = library.format_number(library.parse(value, None), library.PhoneNumberFormat.NATIONAL)
    return DIGITS.findall(written)


def _library() -> Any:  # noqa: ANN401 - the module is imported when the first candidate is seen
    import phonenumbers

    return phonenumbers
