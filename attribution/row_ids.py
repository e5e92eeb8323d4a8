"""The id of a row in a run: the number of its file, then that of its line or record. Only made and taken apart here."""

from typing import Final

import polars as pl

ROW_BITS: Final = 36
"""Low bits, for the row's number in its file; the file's number comes before them."""
SOURCE_BITS: Final = 27
"""Bits for the file's number: a row id has 63 bits in all."""


def expr_row_id(source_id: int) -> pl.Expr:
    """`row_id` of a row of the file, from its 1-based `row_number`."""
    return (pl.col("row_number").cast(pl.UInt64) + pl.lit(first_of(source_id), pl.UInt64)).alias("row_id")


def expr_source_id(row_id: str = "row_id") -> pl.Expr:
    """`source_id`: the number of the row's file."""
    file: pl.Expr = pl.col(row_id) // 2**ROW_BITS
    return file.cast(pl.UInt32).alias("source_id")


def expr_row_number() -> pl.Expr:
    """`row_number`: the row's number in its file, from 1."""
    number: pl.Expr = pl.col("row_id") % 2**ROW_BITS
    return number.cast(pl.Int64).alias("row_number")


def first_of(source_id: int) -> int:
    """The id just before those of the file's rows."""
    return source_id << ROW_BITS


def is_of_file(source_id: int) -> pl.Expr:
    """The row is of this file: judged by its range of ids, which spares reading other files' row groups."""
    return pl.col("row_id").is_between(first_of(source_id), first_of(source_id + 1) - 1)
