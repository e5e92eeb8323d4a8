"""Which texts are worth a close look: one cheap expression that never misses what the inspectors would find."""

from typing import Final, Literal

import polars as pl

from attribution.parse import UUID

ADDRESS: Final = (
    r"@|＠|﹫|%40|%[uU]0040|&#0{0,6}64;|&#[xX]0{0,6}40;|&[cC][oO][mM][mM][aA][tT];|\\u0040|\\u[fF]{2}20|\\u[fF][eE]6[bB]|\\x40"
    r"|[(\[{<] ?[aA][tT] ?[)\]}>]|\s[aA][tT]\s[a-zA-Z0-9\-]{1,63}(?:\s[dD][oO][tT]\s|\s{0,2}[(\[{<])"
)
PHONE: Final = (
    r"(?:\+|%2[bB]|＋)[\s(]{0,2}[1-9]"
    r"|(?:^|[^\w.\-/+])00[1-9]\d{0,2}(?:[ \u{a0}.()\-/]|%20)"
    r"|(?:^|[^\w.\-/+:,])\(?\d{2,6}\)?[ \u{a0}.\-/]{1,2}\d{2,8}"
    r"|(?i:phone|mobile|handy|msisdn|whatsapp|telefon|cell|fax|contact_?n|tel)[a-zA-Z_]{0,12}[^\w]{1,12}\d"
    r"(?:(?:%2[089bBdDeE]|[ \u{a0}.()\-/+]){0,3}\d){6}"
)
CARD: Final = r"(?:^|[^\w.\-+])[2-6]\d{3}[ \-]?\d{4,6}[ \-]?\d{4,6}"
IP: Final = r"\d\.\d{1,3}\.\d{1,3}\.\d|(?:[0-9a-fA-F]{0,4}(?::|%3[aA])){3}"
HASHES: Final = r"(?i:email_?hash|phone_?hash)"
ENCODED: Final = r"%25|%3[0-9]|%[46][1-9a-fA-F]|%[57][0-9aA]|%2[dDeE]|%[eE][fF]%[bB][cC]|\d%20\d|\\u00[2-7]"
"""What need not be percent-encoded or escaped, and is all the same; or was encoded twice."""
PATTERNS: Final = {
    "json": f"{ADDRESS}|{PHONE}|{CARD}|{IP}|{ENCODED}|{HASHES}",
    "url": f"{ADDRESS}|{PHONE}|{CARD}|{IP}|{ENCODED}",
    "text": f"{ADDRESS}|{PHONE}|{CARD}|{IP}|{ENCODED}",
    "name": r"[@＠﹫＋%+&\\]|(?:^|[^\w.\-/])00[1-9](?:[ \u{a0}.()\-/]{0,3}\d){6}",
}


UUID_WITHIN: Final = rf"\b{UUID.strip('^$')}\b"


def suspect(text: pl.Expr, kind: Literal["json", "url", "text", "name"]) -> pl.Expr:
    """Whether the text could hold personal data; null where there is no text."""
    return text.str.contains(PATTERNS[kind])


def suspects_beside_uuids(texts: pl.Series, kind: Literal["json", "url", "text", "name"]) -> pl.Series:
    """Of suspected texts, which still are when the UUIDs in them are left aside: inspectors find nothing in a UUID."""
    beside = texts.str.replace_all(UUID_WITHIN, "u").alias("text")
    return beside.to_frame().select(suspect(pl.col("text"), kind)).to_series()
