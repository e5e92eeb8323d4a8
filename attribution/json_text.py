r"""JSON text as exports write it: what keeps it from being read as JSON is mended.

Half a surrogate pair (`"cut \ud83d"`, a text that was cut inside an emoji) is no character, and no reader of JSON agrees
with another on it: it becomes U+FFFD.
"""

import re
from typing import Final

import polars as pl

HALF: Final = r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
PAIR: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
ESCAPE: Final = re.compile(rf"({PAIR}|(?!{HALF})\\.)|{HALF}", re.DOTALL)
"""One escape; in the group where it stands for something by itself."""
ESCAPED_BACKSLASH: Final = r"\\\\u[dD]"
"""What looks like half a pair behind it is none: each such text is looked at closely."""
REPLACEMENT: Final = r"\ufffd"


def mended(text: str) -> str:
    """The JSON text with each unpaired half of a surrogate pair as U+FFFD."""
    return ESCAPE.sub(lambda escape: escape[1] or REPLACEMENT, text) if "\\u" in text else text


def all_mended(texts: pl.Series) -> pl.Series:
    """Each text as `mended` gives it; only those are looked at closely that may hold a half without its other."""
    places = texts.str.contains(HALF).fill_null(value=False).arg_true()
    if places.is_empty():
        return texts
    some = texts.gather(places)
    is_whole = some.str.count_matches(HALF) == 2 * some.str.count_matches(PAIR)
    places = places.filter(~is_whole | some.str.contains(ESCAPED_BACKSLASH))
    return texts.clone().scatter(places, [mended(text) for text in texts.gather(places)])


def expr_mended(text: pl.Expr) -> pl.Expr:
    """The text of a free object, without what keeps it from being read."""
    return text.map_batches(all_mended, return_dtype=pl.String, is_elementwise=True)
