"""How much a report's numbers moved since the period before."""

from collections.abc import Mapping, Sequence

import polars as pl


def with_change(
    current: pl.DataFrame,
    previous: pl.DataFrame | None,
    *,
    keys: Sequence[str],
    measures: Sequence[str],
    lists_all: bool = True,
) -> pl.DataFrame:
    """The report with what each measure was in the previous period, and its change.

    Args:
        current: A report of the period; one row per `keys`.
        previous: The same report of the previous period; None where there is none.
        keys: The columns that name a row; null is a value like any other.
        measures: The columns that are compared.
        lists_all: Whether the report has a row for all that there is; False where it ends after so many rows, or folds
            small ones together.

    Returns:
        The rows of `current` in their order, then, where the report lists all, a row for each key that only the previous
        period has: its texts, 0 for a measure that is known now, null for all else. Per measure `<measure>_previous` (same
        type; 0 for a key that had no row, null where the report does not list all; null without a previous period, or
        where the measure was not known in it) and `<measure>_change_pct`
        (percent of the previous value; null where that is unknown or not above 0).
    """
    names = {measure: f"{measure}_previous" for measure in measures}
    if previous is None:
        beside = _beside_nothing(current, names)
    else:
        every = pl.concat([current, _gone(current, previous, keys, measures)]) if lists_all else current
        beside = _beside(every, previous, keys, names, lists_all)
    return beside.with_columns(
        expr_change_pct(pl.col(measure), pl.col(name)).alias(f"{measure}_change_pct") for measure, name in names.items()
    )


def _beside_nothing(current: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    return current.with_columns(pl.lit(None, current.schema[measure]).alias(name) for measure, name in names.items())


def _gone(current: pl.DataFrame, previous: pl.DataFrame, keys: Sequence[str], measures: Sequence[str]) -> pl.DataFrame:
    """What the previous period has and this one has not, as rows of this one."""
    gone = previous.join(current, on=list(keys), how="anti", nulls_equal=True, maintain_order="left")

    def now(name: str, dtype: pl.DataType) -> pl.Expr:
        if name in measures and _is_known(current[name]):
            return pl.lit(0).cast(dtype)
        return pl.col(name) if name in keys or dtype == pl.String else pl.lit(None, dtype)

    return gone.select(now(name, dtype).alias(name) for name, dtype in current.schema.items())


def _beside(
    current: pl.DataFrame,
    previous: pl.DataFrame,
    keys: Sequence[str],
    names: Mapping[str, str],
    lists_all: bool,  # noqa: FBT001
) -> pl.DataFrame:
    """The rows of `current` with the measures of `previous` under their new names."""
    before = previous.select(*keys, *(pl.col(measure).alias(name) for measure, name in names.items()), is_new=False)
    joined = current.join(before, on=list(keys), how="left", nulls_equal=True, maintain_order="left", validate="1:1")
    is_new = pl.col("is_new").fill_null(value=True)
    nothing = {name: pl.lit(0).cast(current.schema[measure]) for measure, name in names.items()}
    return joined.with_columns(
        pl.when(is_new).then(nothing[name]).otherwise(name).alias(name)
        for measure, name in names.items()
        if lists_all and _is_known(previous[measure])
    ).drop("is_new")


def expr_change_pct(now: pl.Expr, before: pl.Expr) -> pl.Expr:
    """The change in percent of what was before; null where that is unknown or not above 0."""
    was, is_now = before.cast(pl.Float64), now.cast(pl.Float64)
    return pl.when(was > 0).then((is_now - was) / was * 100)


def _is_known(measure: pl.Series) -> bool:
    """Whether a missing row means nothing, rather than that nobody counted."""
    return measure.is_empty() or measure.null_count() < measure.len()
