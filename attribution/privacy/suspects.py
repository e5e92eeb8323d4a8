"""Which texts are worth a close look: one cheap expression that never misses what the inspectors would find."""

from typing import Final, Literal

import polars as pl

from attribution.parse import UUID

ESCAPE: Final = r"\\+(?:[bfnrt]|u[0-9a-fA-F]{4})|(?:%[0-9a-fA-F]{2})+"
"""A character as JSON or a URL may write it: to the expression a letter or a digit, to the inspectors often a blank."""
BLANK: Final = rf"(?:[\s+\x1c-\x1f]|{ESCAPE})"
BETWEEN: Final = r"(?:[ +\u{a0}.()\-/]|\\+/|\\+u00[aA]0|%2[089bBdDeEfF]|%[cC]2%[aA]0)"
"""What may come between digits."""
OPEN: Final = r"(?:[(\[{<]|%28|%[57][bB]|%3[cC])"
CLOSE: Final = r"(?:[)\]}>]|%29|%[57][dD]|%3[eE])"
ADDRESS: Final = (
    r"@|＠|﹫|%40|%[uU]0040|(?:&|%26)(?:#|%23)(?:0{0,6}64|[xX]0{0,6}40)(?:;|%3[bB])|(?:&|%26)(?i:commat)(?:;|%3[bB])"
    r"|\\u0040|\\u[fF]{2}20|\\u[fF][eE]6[bB]|\\x40"
    rf"|{OPEN}{BLANK}?(?i:at){BLANK}?{CLOSE}"
    rf"|{BLANK}(?i:at){BLANK}(?i:[a-z0-9\-]){{1,63}}(?:{BLANK}(?i:dot){BLANK}|{BLANK}{{0,2}}{OPEN})"
)
ESCAPED_DIGIT: Final = (
    r"\\+u(?i:06[6f]|07c|0[9a-d][6e]|0e[5d]|0f2|1[0-9a-c].|a[689ab].|ff1|d8[0-3].\\+ud[c-f].)[0-9a-fA-F]"
)
"""A digit of another script, or something close to one, as JSON may escape it."""
DIGIT: Final = rf"(?:\d|{ESCAPED_DIGIT}|%(?i:d[9bf]|e[01a]|f0)(?:%[89abAB][0-9a-fA-F]){{1,3}})"
"""A digit of any script, even escaped or encoded."""
GAP: Final = rf"(?:[^\w]|{ESCAPE})*"
TELLING: Final = (
    r"(?i:phone|mobile|handy|msisdn|whatsapp|telefon|cell|fax|contact_?n|tel)"
    rf'(?:(?:[^"]|\\")*"{GAP}(?:\[(?s:.)*|(?:[^"]|\\")*)|[^=&#;?/]*=[^&#;]*|(?i:[a-z_])*{GAP})'
    rf"{DIGIT}(?:{BETWEEN}{{0,3}}{DIGIT}){{6}}"
)
"""A telling name and digits: to its end and in its value in JSON or a URL, or after the word alone; in any item of a list."""
TELLING_OBJECT: Final = (
    r"(?:(?i:phone|mobile|handy|msisdn|whatsapp|telefon|fax|contact_?n)|(?:^|[^a-zA-Z])(?i:tel|cell)|[a-z](?:Tel|Cell))"
    rf'(?:[^"]|\\")*"{GAP}\{{(?s:.)*{DIGIT}(?:{BETWEEN}{{0,3}}{DIGIT}){{6}}'
)
"""A telling name, and digits anywhere in the object that follows."""
WIDE_DIGIT: Final = r"\\u(?i:ff1|06[6f])[0-9]"
"""An escaped digit of another script that numbers are written in."""
PHONE: Final = (
    rf"(?:\+|%2[bB]|＋|\\u[fF]{{2}}0[bB])(?:[(+\s]|{ESCAPE}){{0,2}}[1-9]"
    rf"|(?:^|[^\w.\-/]|{ESCAPE})00[1-9]\d{{0,2}}{BETWEEN}"
    rf"|(?:^|[^\w.\-/:,]|{ESCAPE})(?:\d{{2,6}}{BETWEEN}{{1,3}}(?:\d{{5}}|\d{{2,4}}{BETWEEN}{{1,3}}\d{{2}})"
    rf"|\d{{3,4}}{BETWEEN}{{1,3}}\d{{4}}|\d{{4}}{BETWEEN}{{1,3}}\d{{3}}|\d{{5,6}}{BETWEEN}{{1,3}}\d{{2}})"
    rf"|{TELLING}"
)
CARD: Final = rf"(?:^|[^\w.\-]|{ESCAPE})[2-6]\d{{3}}(?:[ +\-]?\d){{9}}"
IP: Final = r"\d\.\d{1,3}\.\d{1,3}\.\d|(?:[0-9a-fA-F]{0,4}(?::|%3[aA])){3}"
HASHES: Final = r"(?i:email_?hash|phone_?hash)"
ENCODED: Final = (
    r"%25|%3[0-9]|%[46][1-9a-fA-F]|%[57][0-9aA]|%5[cC]|%2[dDeE]|%[eE][fF]%[bB][9cC]|\d%20\d|\\u00[2-7]"
    r"|\\u00[aA]0[^\w]{0,3}\d|[/,][\d().\-]{2,}%[2cC]"
)
"""What is percent-encoded or escaped without need, or was encoded twice."""
PATTERNS: Final = {
    "json": f"{ADDRESS}|{PHONE}|{CARD}|{IP}|{ENCODED}|{HASHES}|{WIDE_DIGIT}|{TELLING_OBJECT}",
    "url": f"{ADDRESS}|{PHONE}|{CARD}|{IP}|{ENCODED}",
    "text": f"{ADDRESS}|{PHONE}|{CARD}|{IP}|{ENCODED}",
    "name": r"[@＠﹫＋%+&\\]|(?:^|[^\w.\-/+])00[1-9]\d{0,2}[ \u{a0}(]",
}


UUID_WITHIN: Final = rf"\b{UUID.strip('^$')}\b"


def suspect(text: pl.Expr, kind: Literal["json", "url", "text", "name"]) -> pl.Expr:
    """Whether the text could hold personal data; null where there is no text."""
    return text.str.contains(PATTERNS[kind])


def suspects_beside_uuids(texts: pl.Series, kind: Literal["json", "url", "text", "name"]) -> pl.Series:
    """Whether each suspect text still is one without the UUIDs in it: inspectors find nothing in a UUID."""
    beside = texts.str.replace_all(UUID_WITHIN, "u").alias("text")
    return beside.to_frame().select(suspect(pl.col("text"), kind)).to_series()
