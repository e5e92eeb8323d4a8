"""The free objects `metadata` and `properties`: form, size and depth."""

from typing import Final

import polars as pl

from attribution.rules.rule import rule

MAX_JSON_BYTES: Final = 10 * 1024
MAX_DEPTH: Final = 5
STRING: Final = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
SCALAR: Final = rf"{STRING}|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null"
SPACE: Final = r"[ \t\r\n]*"


def _object_of(value: str) -> str:
    member = f"{SPACE}{STRING}{SPACE}:{SPACE}(?:{value}){SPACE}"
    return rf"\{{{SPACE}(?:{member}(?:,{member})*)?\}}"


def _array_of(value: str) -> str:
    item = f"{SPACE}(?:{value}){SPACE}"
    return rf"\[{SPACE}(?:{item}(?:,{item})*)?\]"


def _with_nested(value: str) -> str:
    return f"{value}|{_object_of(value)}|{_array_of(value)}"


USUAL_OBJECT: Final = f"^{_object_of(_with_nested(_with_nested(SCALAR)))}$"
"""A JSON object nested three deep at most, its numbers without exponent: a tenth of the cost of parsing it."""


@rule("metadata", raw="reject", stored="warning")
def metadata_not_an_object() -> pl.Expr:
    """Metadata that is not a JSON object."""
    return not_an_object("metadata")


@rule("properties", raw="reject", stored="warning")
def properties_not_an_object() -> pl.Expr:
    """Properties that are not a JSON object."""
    return not_an_object("properties")


@rule("metadata", raw="reject", stored="warning")
def metadata_too_large() -> pl.Expr:
    """Metadata larger than 10 KB as UTF-8 JSON."""
    return pl.col("metadata").str.len_bytes() > MAX_JSON_BYTES


@rule("properties", raw="reject", stored="warning")
def properties_too_large() -> pl.Expr:
    """Properties larger than 10 KB as UTF-8 JSON."""
    return pl.col("properties").str.len_bytes() > MAX_JSON_BYTES


def _may_be_deep() -> pl.Expr:
    """The text opens more than 5 brackets."""
    return pl.col("metadata").str.count_matches(r"[\[{]") > MAX_DEPTH


@rule("metadata", raw="reject", stored="warning", among=_may_be_deep)
def metadata_too_deep() -> pl.Expr:
    """Metadata nested more than 5 levels deep."""
    text = pl.when(_may_be_deep()).then("metadata")
    return text.map_batches(_depths, return_dtype=pl.Int32, is_elementwise=True) > MAX_DEPTH


def not_an_object(column: str) -> pl.Expr:
    """The column holds text that is no JSON object."""
    return pl.col(column).map_batches(_are_no_objects, return_dtype=pl.Boolean, is_elementwise=True)


def _are_no_objects(texts: pl.Series) -> pl.Series:
    """Which texts are none; only those that do not look like a usual object are parsed."""
    is_unusual = ~texts.str.contains(USUAL_OBJECT)
    places = is_unusual.arg_true()
    if places.is_empty():
        return is_unusual
    some = texts.gather(places)
    is_object = some.str.starts_with("{") & some.str.ends_with("}") & some.str.json_path_match("$").is_not_null()
    return is_unusual.scatter(places, ~is_object)


def _depths(texts: pl.Series) -> pl.Series:
    """How deep each JSON text nests; brackets inside strings do not count."""
    filled = texts.is_not_null().arg_true()
    blank = pl.repeat(None, len(texts), dtype=pl.Int32, eager=True)
    return blank.scatter(filled, [_depth(text) for text in texts.gather(filled)])


def _depth(text: str) -> int:
    deepest = depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            inside, escaped = (escaped or char != '"'), (char == "\\" and not escaped)
        elif char == '"':
            inside = True
        elif char in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "}]":
            depth -= 1
    return deepest
