"""The free objects of JSON lines (`metadata`, `properties`) as compact JSON text."""

import re
from typing import Final

import polars as pl

FLAT_OBJECT: Final = r'\{[^{}\[\]"]*(?:"(?:[^"\\]|\\.)*"[^{}\[\]"]*)*\}'
"""An object of scalars, in a line that is JSON."""


def free_objects(lines: pl.Series, name: str) -> pl.Series:
    """The object `name` of each line, as compact JSON text; null where it is absent, null or empty.

    Payloads have it at their end and mostly flat. There it is cut out, so that not the whole line is parsed once more.

    Args:
        lines: JSON objects, as text.
        name: A name in the outermost object.
    """
    key = f'"{name}"'
    places = lines.str.contains(key, literal=True).arg_true()
    asked = lines.gather(places)
    only = asked.str.count_matches(key, literal=True) == 1
    empty = asked.str.contains(f"{key}: {{}}", literal=True) | asked.str.contains(f"{key}:{{}}", literal=True)
    is_filled = ~(only & empty)
    places, asked, only = places.filter(is_filled), asked.filter(is_filled), only.filter(is_filled)
    found = _at_the_end(asked, key).set(~only, None)
    elsewhere = found.is_null().arg_true()
    found = found.scatter(elsewhere, asked.gather(elsewhere).str.json_path_match(f"$.{name}"))
    return pl.repeat(None, len(lines), dtype=pl.String, eager=True).scatter(places, found.set(found == "{}", None))


def _at_the_end(lines: pl.Series, key: str) -> pl.Series:
    """The flat object under the key where nothing follows it. The same few come again and again, and each is read once."""
    texts = lines.str.extract(rf"[,{{]\s*{re.escape(key)}\s*:\s*({FLAT_OBJECT})\s*\}}$")
    distinct = texts.unique()
    return texts.replace_strict(distinct, distinct.str.json_path_match("$"), return_dtype=pl.String)
