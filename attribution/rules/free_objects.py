"""The free objects `metadata` and `properties`: form, size and depth."""

from typing import Final

import polars as pl

from attribution.rules.rule import rule

MAX_JSON_BYTES: Final = 10 * 1024
MAX_DEPTH: Final = 5


@rule("metadata", raw="reject", stored="warning")
def metadata_not_an_object() -> pl.Expr:
    """Metadata that is no JSON object."""
    return not_an_object("metadata")


@rule("properties", raw="reject", stored="warning")
def properties_not_an_object() -> pl.Expr:
    """Properties that are no JSON object."""
    return not_an_object("properties")


@rule("metadata", raw="reject", stored="warning")
def metadata_too_large() -> pl.Expr:
    """Metadata over 10 KB as UTF-8 JSON."""
    return pl.col("metadata").str.len_bytes() > MAX_JSON_BYTES


@rule("properties", raw="reject", stored="warning")
def properties_too_large() -> pl.Expr:
    """Properties over 10 KB as UTF-8 JSON."""
    return pl.col("properties").str.len_bytes() > MAX_JSON_BYTES


def _may_be_deep() -> pl.Expr:
    """The text opens more than 5 brackets."""
    return pl.col("metadata").str.count_matches(r"[\[{]") > MAX_DEPTH


@rule("metadata", raw="reject", stored="warning", among=_may_be_deep)
def metadata_too_deep() -> pl.Expr:
    """Metadata nested more than 5 deep."""
    text = pl.when(_may_be_deep()).then("metadata")
    return text.map_batches(_depths, return_dtype=pl.Int32, is_elementwise=True) > MAX_DEPTH


def not_an_object(column: str) -> pl.Expr:
    """The column holds text that does not have the outline of a JSON object."""
    text = pl.col(column)
    return ~(text.str.starts_with("{") & text.str.ends_with("}"))


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
