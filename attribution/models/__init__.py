"""Attribution models on tables of paths: who earned which part of the conversions and of the money.

    attribute_paths(paths, "linear")                          by name
    attribute_paths(paths, "markov", order=2)                 with the model's options
    attribute_paths(paths, "linear", collapse_repeats=True)   with options of the path
    attribute_paths(paths, lambda position, length: position) with a function of your own

Each model is a module of its name; `docs/models.md` gives the definitions with their sources.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import polars as pl

from attribution.models.custom import Custom
from attribution.models.errors import ModelError, PathsError
from attribution.models.first_touch import FirstTouch
from attribution.models.heuristic import Heuristic, LearnedModel, Model, expr_within_path
from attribution.models.last_touch import LastTouch
from attribution.models.linear import Linear
from attribution.models.markov import Markov
from attribution.models.options import PathOptions
from attribution.models.path_table import read_paths
from attribution.models.paths import Paths
from attribution.models.position_based import PositionBased
from attribution.models.registry import MODELS, SCAN_SESSION, model_named
from attribution.models.remainder import expr_largest_remainder, largest_remainder
from attribution.models.shapley import Shapley
from attribution.models.time_decay import TimeDecay
from attribution.models.totals import result

__all__ = [
    "MODELS",
    "SCAN_SESSION",
    "Custom",
    "FirstTouch",
    "Heuristic",
    "LastTouch",
    "LearnedModel",
    "Linear",
    "Markov",
    "Model",
    "ModelError",
    "PathOptions",
    "Paths",
    "PathsError",
    "PositionBased",
    "Shapley",
    "TimeDecay",
    "attribute_paths",
    "expr_largest_remainder",
    "expr_within_path",
    "largest_remainder",
    "model_named",
    "read_paths",
]


def attribute_paths(
    paths: Any,  # noqa: ANN401
    model: str | Model | Callable[[int, int], float],
    *,
    minor_digits: int | None = None,
    **options: Any,  # noqa: ANN401
) -> pl.DataFrame:
    """Share the conversions and the revenue of a table of paths out to the touchpoints on them.

    Args:
        paths: Polars DataFrame or LazyFrame, pandas frame, Arrow table or batch, one row per path (or journey; equal paths may
            be merged or not). `path`: list of text, oldest touch first; `conversions`: whole number;
            `revenue`: decimal or float, the total of those conversions, negative for refunds; optional
            `non_conversions`: journeys on this path without a conversion; optional `ages`: days before the
            conversion of each touch, for `time_decay` (without it each step back counts one day). Null counts and amounts
            are 0.
        model: A name of `MODELS`, a model object, or a function `(position, length) -> weight`.
        minor_digits: Decimal places of the money's minor unit; by default those of the revenue column.
        **options: Options of the model (`order`, `half_life`, `weights`, `game`) and of every path (`PathOptions`).

    Returns:
        One row per touchpoint that occurs on any path (after exclusions; 0 where it earned nothing), sorted by name:
        `touchpoint`, `conversions` (Float64), `revenue`. The conversions sum to the table's. Decimal revenue comes
        back as a decimal and sums to the table's exactly; floats stay floats. Markov and Shapley share out
        the totals of the whole table, as other packages do.

    Raises:
        ModelError: Unknown model or option, or a value that is not allowed.
        PathsError: A table that cannot be attributed: see `read_paths`.
    """
    names = {field.name for field in fields(PathOptions)}
    path_options = PathOptions(**{name: value for name, value in options.items() if name in names})
    chosen = model_named(model, {name: value for name, value in options.items() if name not in names})
    table = path_options.apply(read_paths(paths, minor_digits))
    return result(table, chosen.totals(table))
