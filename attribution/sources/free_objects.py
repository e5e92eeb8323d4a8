"""The free objects of JSON lines (`metadata`, `properties`) as compact JSON text."""

import re
from typing import Final

import polars as pl

FLAT_OBJECT: Final = r'\{[^{}\[\]"]*(?:"(?:[^"\\]|\\.)*"[^{}\[\]"]*)*\}'
"""An object of scalars, in a line that is JSON."""


def free_objects(lines: pl.Series, name: str) -> pl.Series:
    """The object `name` of each line, as compact JSON text; null where it is absent, null or empty.

    Payloads mostly have it flat and at their end. There it is cut out, which saves parsing the whole line once more.

    Args:
        lines: JSON objects, as text.
        name: A name in the outermost object.
    """
    key = f'"{name}"'
    at = lines.str.find(key, literal=True)
    places = at.is_not_null().arg_true()
    rests = _rests(lines.gather(places), at.gather(places))
    only = rests.str.count_matches(key, literal=True) == 1
    empty = rests.str.contains(rf"{_begins(key)}: ?\{{\}}")
    is_filled = ~(only & empty)
    places, rests, only = places.filter(is_filled), rests.filter(is_filled), only.filter(is_filled)
    found = _at_the_end(rests, key).set(~only, None)
    elsewhere = found.is_null().arg_true()
    asked = lines.gather(places.gather(elsewhere))
    found = found.scatter(elsewhere, asked.str.json_path_match(f"$.{name}"))
    return pl.repeat(None, len(lines), dtype=pl.String, eager=True).scatter(places, found.set(found == "{}", None))


def _rests(lines: pl.Series, places: pl.Series) -> pl.Series:
    """Each line from the byte before its place on: mostly short, and so quickly searched."""
    rest = pl.col("line").cast(pl.Binary).bin.slice(pl.col("place") - 1).cast(pl.String)
    return pl.DataFrame({"line": lines, "place": places}).select(rest).to_series()


def _begins(key: str) -> str:
    """The pattern of a rest that begins with the key; after a backslash it would be the end of another, longer one."""
    return rf"^[^\\]{re.escape(key)}"


def _at_the_end(rests: pl.Series, key: str) -> pl.Series:
    """The flat object under the key where nothing follows it. The same few recur, so each is read only once."""
    texts = rests.str.extract(rf"{_begins(key)}\s*:\s*({FLAT_OBJECT})\s*\}}$")
    distinct = texts.unique()
    return texts.replace_strict(distinct, distinct.str.json_path_match("$"), return_dtype=pl.String)
