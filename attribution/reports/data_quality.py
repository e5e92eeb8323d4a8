"""How good the input was: rejects and findings, counted by rule."""

from typing import Final

import polars as pl

from attribution import terms
from attribution.personal_data import expr_top
from attribution.rule_words import expr_meaning
from attribution.schemas.data_quality import FINDING, DataQuality

BY: Final = ("stage", "kind", "rule", "severity", "column")


def data_quality(rejects: pl.LazyFrame, findings: pl.LazyFrame, sources: pl.LazyFrame) -> pl.LazyFrame:
    """One row per stage, kind of file, rule, severity and column, most rows first.

    Args:
        rejects, findings, sources: The tables of these names.

    Returns:
        As `schemas.data_quality`.
    """
    session = pl.lit(None, pl.String).alias("session")
    refused = rejects.select(
        "stage", "source_file", "row_number", session, rule="reason", severity=pl.lit(terms.ERROR), column="column"
    )
    noted = findings.select(
        "source_file",
        "row_number",
        "rule",
        "severity",
        stage=pl.lit(FINDING),
        session=pl.when(pl.col("row_number").is_null()).then("event_id"),
        column=expr_top(),
    ).select(refused.collect_schema().names())
    kinds = sources.filter(pl.col("kind") != "").select("source_file", "kind")
    counted = (
        pl.concat([refused, noted])
        .join(kinds, on="source_file", how="left")
        .group_by(BY)
        .agg(
            rows=pl.struct("source_file", "row_number", "session").n_unique().cast(pl.Int64),
            files=pl.col("source_file").drop_nulls().n_unique().cast(pl.Int64),
        )
    )
    meant = counted.with_columns(meaning=expr_meaning("rule"))
    return DataQuality.shaped(meant.sort("rows", *BY, descending=[True, *[False] * len(BY)]))
