r"""JSON text as exports write it, with what keeps it from being read as JSON mended.

Half a surrogate pair (`"cut \ud83d"`, a text that was cut inside an emoji) is no character, and no two readers of JSON agree
on it: it becomes U+FFFD. A free object whose quotes are still escaped (`{\"order_id\":\"o1\"}`) is unescaped.
"""

import re
from typing import Final

import msgspec
import polars as pl

HALF: Final = r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
PAIR: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
ESCAPE: Final = re.compile(rf"({PAIR}|(?!{HALF})\\.)|{HALF}", re.DOTALL)
"""One escape; it is in the group where it is valid, and outside it where it is an unpaired half."""
ESCAPED_BACKSLASH: Final = r"\\\\u[dD]"
"""What follows only looks like half a pair, so each such text is looked at closely."""
ESCAPED_QUOTE: Final = r'^(\{\s*\\"|"\{)'
"""Start of a free object whose quotes are still escaped, with or without the quotes of the JSON string around it."""
REPLACEMENT: Final = r"\ufffd"


def mended(text: str) -> str:
    """The JSON text with each unpaired half of a surrogate pair as U+FFFD."""
    return ESCAPE.sub(lambda escape: escape[1] or REPLACEMENT, text) if "\\u" in text else text


def all_mended(texts: pl.Series) -> pl.Series:
    """Each text as `mended` gives it; only those that may hold an unpaired half are looked at closely."""
    places = texts.str.contains(HALF).fill_null(value=False).arg_true()
    if places.is_empty():
        return texts
    some = texts.gather(places)
    is_whole = some.str.count_matches(HALF) == 2 * some.str.count_matches(PAIR)
    places = places.filter(~is_whole | some.str.contains(ESCAPED_BACKSLASH))
    return texts.clone().scatter(places, [mended(text) for text in texts.gather(places)])


def expr_free_object(text: pl.Expr) -> pl.Expr:
    """The text of a free object, mended and unescaped; what is still no JSON is left for the rules to see."""
    return text.map_batches(_free_objects, return_dtype=pl.String, is_elementwise=True)


def _free_objects(texts: pl.Series) -> pl.Series:
    places = texts.str.contains("\\", literal=True).fill_null(value=False).arg_true()
    if places.is_empty():
        return texts
    some = all_mended(texts.gather(places))
    escaped = some.str.contains(ESCAPED_QUOTE).arg_true()
    some = some.clone().scatter(escaped, [_unescaped(text) for text in some.gather(escaped)])
    return texts.clone().scatter(places, some)


def _unescaped(text: str) -> str:
    """The object that the text becomes when its escapes are read as those of a JSON string; else the text itself."""
    try:
        plain = mended(msgspec.json.decode(text if text.startswith('"') else f'"{text}"', type=str))
        msgspec.json.decode(plain, type=dict)
    except (msgspec.DecodeError, RecursionError):
        return text
    return plain
