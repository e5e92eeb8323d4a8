"""The contract of an incoming event: a Pandera schema with one check per rule of `attribution.rules`.

It explains rows: which rules a row broke, and in which column. The rules themselves are expressions, so the ingest
stage finds the failing rows with the very same expressions. A check costs milliseconds, however few the rows, and there
may be hundreds of files: only rules that some row breaks are checked.
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
def raw_event_schema(rules: tuple[Rule, ...]) -> pa.DataFrameSchema:
    """The schema that a prepared row keeps which breaks none of these rules: each as a check named like it."""
    columns: dict[str, list[pa.Check]] = {}
    for rule in rules:
        columns.setdefault(rule.column, []).append(
            pa.Check(_keeps(rule), name=rule.name, error=rule.name, ignore_na=False)
        )
    return pa.DataFrameSchema(
        {name: pa.Column(checks=checks, nullable=True) for name, checks in columns.items()}, strict=False
    )


def _keeps(rule: Rule) -> Callable[[pa.PolarsData], pl.LazyFrame]:
    def keeps(data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~_breaks(rule))

    return keeps


def _breaks(rule: Rule) -> pl.Expr:
    return rule.broken().fill_null(value=False)


def explain(failing: pl.DataFrame, shape: str) -> pl.DataFrame:
    """Why rows fail.

    Args:
        failing: Prepared rows (`attribution.ingest.prepare`), each of which breaks at least one rule.
        shape: `stored` or `raw`.

    Returns:
        One row per row and rule broken: `row_id, event_id, reason, column`; `event_id` only where it is a UUID.
    """
    rules = rejecting_rules(shape)
    is_broken = failing.select(_breaks(rule).any().alias(rule.name) for rule in rules).row(0)
    broken = tuple(rule for rule, is_so in zip(rules, is_broken, strict=True) if is_so)
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            raw_event_schema(broken).validate(failing, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.select(pl.col("index").cast(pl.UInt32), pl.col("check").alias("reason"), "column")
    else:
        cases = pl.DataFrame(schema={"index": pl.UInt32, "reason": pl.String, "column": pl.String})
    rows = failing.select("row_id", event_id=pl.when(f"event_id{IS_UUID}").then("event_id")).with_row_index("index")
    explained = rows.join(cases, on="index", how="inner").drop("index")
    return explained.with_columns(stage=pl.lit(terms.QUARANTINED))
