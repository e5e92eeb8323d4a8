"""Reads a table of paths from any frame and checks it: an error says what is wrong, and in how many rows."""

from typing import Any, Final

import numpy as np
import polars as pl

from attribution.models.errors import ModelError, PathsError
from attribution.models.paths import Bools, Floats, Ints, Paths

REQUIRED: Final = ("path", "conversions", "revenue")
OPTIONAL: Final = ("non_conversions", "ages")
MAX_SUM: Final = 2**62
"""Largest sum of counts or of minor units in a table of paths."""
MAX_DIGITS: Final = 18
"""Most decimal places of a minor unit."""


def read_paths(native: Any, minor_digits: int | None = None) -> Paths:  # noqa: ANN401
    """Read and check a table of paths.

    Args:
        native: Polars DataFrame or LazyFrame, or a pandas, Arrow or other eager frame that Narwhals knows.
        minor_digits: Decimal places of the minor unit that decimal revenue is spread in; by default those of the column.

    Raises:
        PathsError: A column is missing or of the wrong type; a null path or touch, negative count, non-finite amount or touch
            after the conversion; an amount finer than the minor unit; conversions or revenue on an empty path; sums too large.
        ModelError: `minor_digits` is no number of decimal places.
    """
    frame = to_polars(native)
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise PathsError(
            f"the table of paths has no column {', '.join(missing)}; it needs {', '.join(REQUIRED)}"
            f" and may have {', '.join(OPTIONAL)}"
        )
    path = text_lists(frame["path"])
    lengths = path.list.len().to_numpy().astype(np.int64)
    flat = touches_of(path, lengths)
    conversions = counts(frame["conversions"])
    revenue, digits = amounts(frame["revenue"], checked_digits(minor_digits))
    empty = (lengths == 0) & ((conversions != 0) | (revenue != 0))
    if empty.any():
        raise PathsError(
            f"{empty.sum()} rows have an empty path but conversions or revenue; name what they came from, e.g. ['(none)']"
        )
    touchpoints = flat.unique().sort()
    return Paths(
        touchpoints=touchpoints,
        lengths=lengths,
        code=flat.cast(pl.Enum(touchpoints)).to_physical().to_numpy().astype(np.int64),
        ages=age_days(frame["ages"], lengths, (conversions != 0) | (revenue != 0)) if "ages" in frame.columns else None,
        conversions=conversions,
        non_conversions=counts(frame["non_conversions"])
        if "non_conversions" in frame.columns
        else np.zeros(len(lengths), dtype=np.int64),
        revenue=revenue,
        minor_digits=digits,
    )


def to_polars(native: Any) -> pl.DataFrame:  # noqa: ANN401
    """Any frame as a Polars DataFrame; Narwhals translates what is not Polars."""
    if isinstance(native, pl.LazyFrame):
        return native.collect()
    if isinstance(native, pl.DataFrame):
        return native
    import narwhals as nw
    import pyarrow as pa

    if isinstance(native, pa.RecordBatch):
        native = pa.Table.from_batches([native])
    try:
        frame = nw.from_native(native)
        return (frame.collect() if isinstance(frame, nw.LazyFrame) else frame).to_polars()
    except TypeError as error:
        raise PathsError("paths must be a data frame: Polars, pandas, Arrow, or another that Narwhals knows") from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException) as error:
        raise PathsError(f"the table of paths has a column of a type that cannot be read: {error}") from error


def text_lists(path: pl.Series) -> pl.Series:
    """The paths as lists of text."""
    if isinstance(path.dtype, pl.Array):
        path = path.arr.to_list()
    if not len(path):  # other libraries do not know the type of an empty column
        return pl.Series("path", [], dtype=pl.List(pl.String))
    if path.dtype in (pl.List(pl.Null), pl.Null):
        path = path.cast(pl.List(pl.String))
    if not isinstance(path.dtype, pl.List) or path.dtype.inner not in (pl.String, pl.Categorical, pl.Enum):
        raise PathsError(f"column path must hold lists of text, oldest touch first; it holds {path.dtype}")
    if path.null_count():
        raise PathsError(f"column path is null in {path.null_count()} rows; an unknown journey has no path to credit")
    return path.cast(pl.List(pl.String))


def touches_of(path: pl.Series, lengths: Ints) -> pl.Series:
    """The touches of all paths, end to end."""
    flat = (path if lengths.all() else path.filter(pl.Series(lengths > 0))).explode()
    if flat.null_count():
        raise PathsError(
            f"column path holds {flat.null_count()} null touches; name them, e.g. '(untagged)', or drop them"
        )
    return flat


def counts(column: pl.Series) -> Ints:
    """Whole numbers of 0 or more; null is 0."""
    if not (column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)):
        raise PathsError(f"column {column.name} must hold whole numbers; it holds {column.dtype}")
    whole = column.cast(pl.Int64, strict=False)
    broken = (column.is_not_null() & (whole.is_null() | (whole.cast(pl.Float64) != column.cast(pl.Float64)))).sum()
    if broken:
        raise PathsError(f"column {column.name} is no whole number in {broken} rows")
    negative = (whole < 0).sum()
    if negative:
        raise PathsError(
            f"column {column.name} is negative in {negative} rows; a refund is negative revenue, not a count"
        )
    return bounded(whole.fill_null(0))


def amounts(column: pl.Series, minor_digits: int | None) -> tuple[Ints | Floats, int | None]:
    """Money per row: whole minor units and their decimal places for decimals, floats and None otherwise; null is 0."""
    if not isinstance(column.dtype, pl.Decimal):
        if not (column.dtype.is_numeric() or column.dtype == pl.Null):
            raise PathsError(f"column revenue must hold decimals or floats; it holds {column.dtype}")
        floats = column.cast(pl.Float64).fill_null(0.0).to_numpy()
        broken = (~np.isfinite(floats)).sum()
        if broken:
            raise PathsError(f"column revenue is not a finite number in {broken} rows")
        return floats, None
    scale = column.dtype.scale
    digits = scale if minor_digits is None else minor_digits
    fine = column.fill_null(0).cast(pl.Decimal(38, max(scale, digits))).to_physical().to_frame("units")
    step = pl.lit(10 ** max(scale - digits, 0), dtype=pl.Int128)
    finer = fine.select((pl.col("units") % step != 0).sum()).item()
    if finer:
        raise PathsError(f"column revenue is finer than {digits} decimal places in {finer} rows; set minor_digits")
    whole = fine.select((pl.col("units") // step).cast(pl.Int64, strict=False)).to_series()
    if whole.null_count():
        raise PathsError(f"column revenue is too large in {whole.null_count()} rows")
    return bounded(whole.alias("revenue")), digits


def bounded(column: pl.Series) -> Ints:
    """The whole numbers, if all their sums fit in 64 bits."""
    if column.cast(pl.Int128).abs().sum() > MAX_SUM:
        raise PathsError(f"column {column.name} sums to more than {MAX_SUM:,} units")
    return column.to_numpy()


def checked_digits(minor_digits: int | None) -> int | None:
    """The decimal places, if money can have so many."""
    known = isinstance(minor_digits, int) and not isinstance(minor_digits, bool) and 0 <= minor_digits <= MAX_DIGITS
    if minor_digits is not None and not known:
        raise ModelError(f"minor_digits must be a whole number from 0 to {MAX_DIGITS}")
    return minor_digits


def age_days(column: pl.Series, lengths: Ints, credited: Bools) -> Floats:
    """Days before the conversion per touch. Rows without credit need none: theirs are 0 where missing or wrong."""
    if isinstance(column.dtype, pl.Array):
        column = column.arr.to_list()
    if not isinstance(column.dtype, pl.List) or not (column.dtype.inner.is_numeric() or column.dtype.inner == pl.Null):
        raise PathsError(f"column ages must hold lists of days before the conversion; it holds {column.dtype}")
    sizes = column.list.len().fill_null(0).to_numpy().astype(np.int64)
    unlike = sizes != lengths
    if (unlike & credited).any():
        raise PathsError(f"column ages has another length than path in {(unlike & credited).sum()} rows")
    ages = np.zeros(lengths.sum())
    given = column.filter(pl.Series(~unlike & (lengths > 0))).explode().cast(pl.Float64).fill_null(np.nan).to_numpy()
    ages[np.repeat(~unlike, lengths)] = given
    wrong = ~(ages >= 0) | np.isinf(ages)
    needed = np.repeat(credited, lengths)
    if (wrong & needed).any():
        raise PathsError(
            f"column ages is null, negative or infinite for {(wrong & needed).sum()} touches;"
            " a touch after its conversion earns nothing"
        )
    return np.where(wrong, 0.0, ages)
