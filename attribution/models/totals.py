"""What each touchpoint earned over all paths: added up without rounding, settled to whole minor units once at the end.

Shares of decimal money are whole numbers of 2**-52 minor units (`fine` units), so their sums do not depend
on the order of rows, and equal paths may be merged or not.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
import polars as pl

from attribution.models.paths import Floats, Ints, Paths, summed
from attribution.models.remainder import settle

FINE_BITS: Final = 52
FINE: Final = 1 << FINE_BITS


@dataclass(frozen=True)
class Totals:
    """Credit per touchpoint, in the order of `Paths.touchpoints`.

    `revenue` is in fine units (Python integers, no overflow) where the paths hold decimals, else in floats.
    """

    conversions: Floats
    revenue: list[int] | Floats


def weighted(paths: Paths, weight: pl.Expr) -> Totals:
    """Credit where every row gives each of its touches a weight, the weights of a row summing to 1."""
    paths = paths.credited()
    touches = paths.touches().select("touchpoint", "conversion_id", weight=weight.cast(pl.Float64))
    frame = touches.select(
        "touchpoint",
        "weight",
        fine=(pl.col("weight") * FINE).round().cast(pl.Int64).cast(pl.Int128),
        conversions=pl.Series(paths.conversions[paths.row]),
        revenue=pl.Series(paths.revenue[paths.row]),
    )
    size = len(paths.touchpoints)
    conversions = np.array(fine_sums(frame, "conversions", size), dtype=np.float64) / FINE
    if paths.minor_digits is not None:
        return Totals(conversions, fine_sums(frame, "revenue", size))
    return Totals(conversions, summed(paths.code, (frame["weight"] * frame["revenue"]).to_numpy(), size))


def fine_sums(frame: pl.DataFrame, column: str, size: int) -> list[int]:
    """Sums of `fine * column` per touchpoint, exact."""
    sums = frame.group_by("touchpoint").agg((pl.col("fine") * pl.col(column)).sum())
    found = dict(sums.iter_rows())
    return [found.get(code, 0) for code in range(size)]


def shared(paths: Paths, conversion_shares: Floats, revenue_shares: Floats) -> Totals:
    """Credit where the whole total is shared out by one share per touchpoint, the shares summing to 1."""
    conversions = conversion_shares * float(paths.conversions.sum())
    if paths.minor_digits is None:
        return Totals(conversions, revenue_shares * float(paths.revenue.sum()))
    total = int(paths.revenue.sum())
    return Totals(conversions, [round(share * FINE) * total for share in revenue_shares.tolist()])


def fine(value: Fraction | float) -> int:
    """An amount in minor units as whole fine units."""
    return round(Fraction(value) * FINE)


def result(paths: Paths, totals: Totals) -> pl.DataFrame:
    """The public table: one row per touchpoint, sorted by name; decimal revenue sums exactly to the paths' total."""
    frame = pl.DataFrame({"touchpoint": paths.touchpoints, "conversions": totals.conversions})
    if paths.minor_digits is None or not isinstance(totals.revenue, list):
        return frame.with_columns(revenue=pl.Series(totals.revenue, dtype=pl.Float64)).sort("touchpoint")
    units = settled(totals.revenue, int(paths.revenue.sum()))
    money = [Decimal(unit).scaleb(-paths.minor_digits) for unit in units.tolist()]
    return frame.with_columns(revenue=pl.Series(money, dtype=pl.Decimal(38, paths.minor_digits))).sort("touchpoint")


def settled(amounts: list[int], total: int) -> Ints:
    """Fine units rounded to whole units that sum to the total; a negative total is the mirror image of a positive one."""
    sign = -1 if total < 0 else 1
    parts = [divmod(sign * amount, FINE) for amount in amounts]
    whole = np.array([part[0] for part in parts], dtype=np.int64)
    fraction = np.array([part[1] / FINE for part in parts], dtype=np.float64)
    index = np.zeros(len(parts), dtype=np.int64)
    return sign * settle(index, whole, fraction, np.full(len(parts), abs(total), dtype=np.int64))
