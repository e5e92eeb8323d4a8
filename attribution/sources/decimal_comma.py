"""Numbers with a decimal comma, which spreadsheets save in files whose values a semicolon divides.

Read is what can mean one number only: `12,50`, `1.234,50`, `0,125`. `12,500` may be twelve and a half or twelve thousand five
hundred; it stays as it is, and a rule refuses it.
"""

from typing import Final

import polars as pl

DELIMITER: Final = ";"
NUMBERS: Final = ("amount", "cost", "rate")
"""Canonical columns that hold one."""
GROUPS: Final = r"[.\s]"
"""What stands between thousands there: a point or a space of any kind."""
ONE_MEANING: Final = (
    rf"^\s*[+-]?(?:\d+,(?:\d{{1,2}}|\d{{4,}})|0,\d+|\d{{1,3}}(?:{GROUPS}\d{{3}})+,\d+)\s*$"  # 12,5 or 0,125 or 1.234,5
)


def with_point(column: str) -> pl.Expr:
    """The column of text, with a decimal point in numbers that have a comma; other texts as they are."""
    text = pl.col(column)
    pointed = text.str.replace_all(GROUPS, "").str.replace(",", ".", literal=True)
    return pl.when(text.str.contains(ONE_MEANING)).then(pointed).otherwise(text).alias(column)
