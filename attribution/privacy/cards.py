"""Payment card numbers: the check digit (Luhn), the issuer's range and its length (ISO/IEC 7812) must all fit."""

import re
from collections.abc import Iterator
from typing import Final

from attribution.privacy.hits import CARD, Confidence, Found

CANDIDATE: Final = re.compile(r"(?<![\w.\-+])\d{4}(?:[ \-]?\d){8,14}\d(?![\w\-]|\.\d)")
TELLING_KEY: Final = re.compile(r"card|(?<![a-z])(?:pan|cc|ccn)(?![a-z])|kreditkarte|visa|amex", re.IGNORECASE)
ID_KEY: Final = re.compile(
    r"(?<![a-z])id(?![a-z])|order|ref|sku|ean|gtin|isbn|imei|track|invoice|transaction|(?<![a-z])ts(?![a-z])|time|_at$|session|number$|code|hash|serial|token"
    r"|(?<=[a-z])Id$",
    re.IGNORECASE,
)
GROUPED: Final = re.compile(r"\d{4}([ \-])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ \-])\d{6}\2\d{4,5}")
ISSUERS: Final = (
    (re.compile(r"4"), {16, 19}),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"6011|65|64[4-9]"), {16, 19}),
    (re.compile(r"30[0-5]|36|38|39"), {14, 16}),
    (re.compile(r"35(?:2[89]|[3-8])"), {16, 17, 18, 19}),
    (re.compile(r"62"), {16, 17, 18, 19}),
)
"""Range of first digits, and the lengths that the issuer gives out."""
RARE: Final = (re.compile(r"50|5[6-8]|6304|67"), {16, 18, 19})
"""Maestro: its ranges are so wide that only a telling name or the usual grouping makes a number one."""


def card_numbers(text: str, key: str) -> Iterator[Found]:
    """Every card number in the text, which is under the name `key` (empty where there is none)."""
    for match in CANDIDATE.finditer(text):
        digits = re.sub(r"[ \-]", "", match.group())
        is_telling, is_grouped = bool(TELLING_KEY.search(key)), bool(GROUPED.fullmatch(match.group()))
        is_sure = is_telling or is_grouped
        is_issued = any(_fits(digits, *issuer) for issuer in (*ISSUERS, *((RARE,) if is_sure else ())))
        is_id = bool(ID_KEY.search(key)) and not is_sure
        if is_issued and not is_id and (is_sure or digits == match.group()) and _has_check_digit(digits):
            confidence: Confidence = "high" if is_sure else "medium"
            yield Found(match.start(), match.end(), CARD, confidence, digits)


def _fits(digits: str, first: re.Pattern[str], lengths: set[int]) -> bool:
    return len(digits) in lengths and first.match(digits) is not None


def _has_check_digit(digits: str) -> bool:
    """Luhn's sum is a multiple of ten; a single digit repeated does not count."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0 and len(set(digits)) > 1  # noqa: PLR2004
