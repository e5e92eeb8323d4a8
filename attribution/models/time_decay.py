"""time_decay: a touch loses half its weight with every half-life that it lies before the conversion."""

import math
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from attribution.days import SECONDS_PER_DAY
from attribution.models.errors import ModelError
from attribution.models.heuristic import Heuristic


@dataclass(frozen=True)
class TimeDecay(Heuristic):
    """w_i proportional to 2 ** (-age_i / half_life).

    Attributes:
        half_life: In days; 7 by default, as Google Analytics had it.
    """

    name: ClassVar[str] = "time_decay"
    half_life: float = 7.0

    def __post_init__(self) -> None:
        """Refuse a half-life that is no positive number."""
        value = self.half_life
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not (0 < value < math.inf):
            raise ModelError("half_life must be a number of days above 0")

    def weight(self) -> pl.Expr:
        """Halved per half-life of `age_seconds`; ages count from the newest touch, so that a path's weights never vanish."""
        age = pl.col("age_seconds")
        rate = math.log(2) / (self.half_life * SECONDS_PER_DAY)
        # the sum takes the newest age by itself: a window inside a window would be computed group by group
        total = ((age.min() - age) * rate).exp().sum().over("conversion_id")
        return ((age.min().over("conversion_id") - age) * rate).exp() / total
