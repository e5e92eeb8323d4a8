"""Numbers with a decimal comma, which spreadsheets save in files whose values are divided by a semicolon.

Only what can mean just one number is read: `12,50`, `0,125`, `1234,500`, `1.234,50`. `12,500` may be twelve and a half or
twelve thousand five hundred, and so may `12.500` there: a rule refuses them. A rate with a point stays: rates are small.
"""

from typing import Final

import polars as pl

DELIMITER: Final = ";"
AMOUNTS: Final = ("amount", "cost")
RATES: Final = ("rate",)
"""Canonical columns that hold numbers."""
SPACES: Final = r"[ \x{a0}\x{2009}\x{202f}]"
"""A space of any width, but no line end: like a point, it may separate thousands there."""
GROUPED: Final = rf"[1-9]\d{{0,2}}(?:(?:\.\d{{3}})+|(?:{SPACES}\d{{3}})+),\d+"
ONE_MEANING: Final = rf"^\s*[+-]?(?:\d+,(?:\d{{1,2}}|\d{{4,}})|(?:0|\d{{4,}}),\d+|{GROUPED})\s*$"
TWO_MEANINGS: Final = r"^\s*[+-]?[1-9]\d{0,2}\.\d{3}\s*$"


def with_points(columns: list[str]) -> list[pl.Expr]:
    """Those of the columns that hold numbers, with a decimal point for the comma; other texts as they are.

    An amount with two meanings gets a comma, with which it is no number anywhere.
    """
    texts = {name: pl.col(name) for name in (*AMOUNTS, *RATES) if name in columns}
    refused: dict[str, pl.Expr] = {
        name: pl.when(text.str.contains(TWO_MEANINGS)).then(text.str.replace(".", ",", literal=True)).otherwise(text)
        for name, text in texts.items()
        if name in AMOUNTS
    }
    return [
        pl.when(text.str.contains(ONE_MEANING)).then(_pointed(text)).otherwise(refused.get(name, text)).alias(name)
        for name, text in texts.items()
    ]


def _pointed(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(rf"\.|{SPACES}", "").str.replace(",", ".", literal=True)
