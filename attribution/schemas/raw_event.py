"""The contract of an incoming event: a Pandera schema with one check per rule of `attribution.rules`.

It explains rows: which rules a row broke, and in which column. The rules themselves are expressions, so the ingest
stage finds the failing rows with the very same expressions.
"""

from collections.abc import Callable
from functools import cache

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from attribution import terms
from attribution.rules import Rule, rejecting_rules
from attribution.rules.identity import IS_UUID


@cache
def raw_event_schema(shape: str) -> pa.DataFrameSchema:
    """The schema that a prepared row of this shape keeps: each rejecting rule as a check named like it."""
    columns: dict[str, list[pa.Check]] = {}
    for rule in rejecting_rules(shape):
        columns.setdefault(rule.column, []).append(
            pa.Check(_keeps(rule), name=rule.name, error=rule.name, ignore_na=False)
        )
    return pa.DataFrameSchema(
        {name: pa.Column(checks=checks, nullable=True) for name, checks in columns.items()}, strict=False
    )


def _keeps(rule: Rule) -> Callable[[pa.PolarsData], pl.LazyFrame]:
    def keeps(data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~rule.broken().fill_null(value=False))

    return keeps


def explain(failing: pl.DataFrame, shape: str) -> pl.DataFrame:
    """Why rows fail.

    Args:
        failing: Prepared rows (`attribution.ingest.prepare`), each of which breaks at least one rule.
        shape: `stored` or `raw`.

    Returns:
        One row per row and rule broken: `row_id, event_id, reason, column`; `event_id` only where it is a UUID.
    """
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            raw_event_schema(shape).validate(failing, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.select(pl.col("index").cast(pl.UInt32), pl.col("check").alias("reason"), "column")
    else:
        cases = pl.DataFrame(schema={"index": pl.UInt32, "reason": pl.String, "column": pl.String})
    rows = failing.select("row_id", event_id=pl.when(f"event_id{IS_UUID}").then("event_id")).with_row_index("index")
    explained = rows.join(cases, on="index", how="inner").drop("index")
    return explained.with_columns(stage=pl.lit(terms.QUARANTINED))
