"""What is done to a path before any model sees it, the same for every model.

In this order: `exclude`, `exclude_trailing`, `collapse_repeats`, `first_occurrence`, `max_steps`. Weights are
computed on what is left, so nothing is lost by an exclusion: it goes to the other touches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from attribution.models.errors import ModelError
from attribution.models.paths import Bools, Ints, Paths


@dataclass(frozen=True)
class PathOptions:
    """Options of a path, all off by default.

    Attributes:
        exclude: Touchpoints dropped from every path that holds another touchpoint too (`remove_if_not_all`).
        exclude_trailing: Touchpoints dropped from the end of such a path only (`remove_if_last_and_not_all`).
        collapse_repeats: Of equal touches in a row keep the first (`exposure_path`).
        first_occurrence: Keep each touchpoint's first touch only (`first_path`).
        max_steps: Keep only the last `max_steps` touches (`trim_long_path`).

    The names in parentheses are those of Snowplow's fractribution.
    """

    exclude: Sequence[str] = ()
    exclude_trailing: Sequence[str] = ()
    collapse_repeats: bool = False
    first_occurrence: bool = False
    max_steps: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        for name in ("exclude", "exclude_trailing"):
            value = getattr(self, name)
            if isinstance(value, str) or not all(isinstance(item, str) for item in value):
                raise ModelError(f"{name} must be a list of touchpoints")
        for name in ("collapse_repeats", "first_occurrence"):
            if not isinstance(getattr(self, name), bool):
                raise ModelError(f"{name} must be true or false")
        steps = self.max_steps
        if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 1):
            raise ModelError("max_steps must be a whole number of 1 or more")

    def apply(self, paths: Paths) -> Paths:
        """The paths after all options. A touchpoint that an exclusion took off every path is forgotten."""
        if self.exclude:
            paths = forget_unused(unless_all_gone(paths, ~listed(paths, self.exclude)))
        if self.exclude_trailing:
            paths = forget_unused(unless_all_gone(paths, ~trailing(paths, listed(paths, self.exclude_trailing))))
        if self.collapse_repeats:
            paths = paths.kept(~repeats(paths))
        if self.first_occurrence:
            touches = pl.DataFrame({"row": paths.row, "code": paths.code})
            paths = paths.kept(touches.select(pl.struct("row", "code").is_first_distinct()).to_series().to_numpy())
        if self.max_steps is not None:
            newest = paths.starts + paths.lengths - self.max_steps
            paths = paths.kept(np.arange(len(paths.code)) >= newest[paths.row])
        return paths

    def keeps(self, journey: pl.Series, touchpoint: pl.Series) -> pl.Series:
        """Which touches of a long frame stay, as booleans; the touches of a journey lie together, oldest first."""
        touches = pl.DataFrame({"journey": journey, "touchpoint": touchpoint.cast(pl.String)})
        journeys = touches.group_by(pl.col("journey").rle_id(), maintain_order=True).agg("touchpoint")
        none = np.zeros(len(journeys), dtype=np.int64)
        names = touches["touchpoint"].unique().sort()
        numbered = Paths(
            touchpoints=names,
            lengths=journeys["touchpoint"].list.len().to_numpy().astype(np.int64),
            code=touches["touchpoint"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64),
            ages=np.arange(len(touches), dtype=np.float64),  # carry the number of each touch through
            conversions=none,
            non_conversions=none,
            revenue=none,
            minor_digits=None,
        )
        left = self.apply(numbered).ages
        stays = np.zeros(len(touches), dtype=np.bool_)
        stays[np.asarray(left, dtype=np.int64)] = True
        return pl.Series(stays)


def listed(paths: Paths, names: Sequence[str]) -> Bools:
    """Touches of one of these touchpoints."""
    codes = np.flatnonzero(paths.touchpoints.is_in(list(names)).to_numpy())
    return np.isin(paths.code, codes)


def unless_all_gone(paths: Paths, keep: Bools) -> Paths:
    """Only the marked touches, and the whole path where none is marked."""
    left = np.bincount(paths.row[keep], minlength=len(paths.conversions))
    return paths.kept(keep | (left == 0)[paths.row])


def trailing(paths: Paths, hit: Bools) -> Bools:
    """Touches of the unbroken run of hits at the end of their path."""
    index: Ints = np.arange(len(paths.row))
    last = np.full(len(paths.conversions), -1)
    np.maximum.at(last, paths.row[~hit], index[~hit])
    return index > last[paths.row]


def repeats(paths: Paths) -> Bools:
    """Touches whose touchpoint is that of the touch before, on the same path."""
    same = np.zeros(len(paths.row), dtype=np.bool_)
    same[1:] = (paths.code[1:] == paths.code[:-1]) & (paths.row[1:] == paths.row[:-1])
    return same


def forget_unused(paths: Paths) -> Paths:
    """Without the touchpoints that occur on no path any more."""
    used = np.bincount(paths.code, minlength=len(paths.touchpoints)) > 0
    return replace(paths, touchpoints=paths.touchpoints.filter(pl.Series(used)), code=(np.cumsum(used) - 1)[paths.code])
