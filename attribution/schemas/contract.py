"""What every table contract shares: strict columns in a fixed order, and how a stage's result is held to it."""

from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaError, SchemaErrors

from attribution.errors import AttributionError


class Table(pa.DataFrameModel):
    """Base of all table contracts. The docstring of a subclass opens with its grain."""

    class Config:
        """Every column is named, and the order is the contract's."""

        strict = True
        ordered = True

    @classmethod
    def columns(cls) -> list[str]:
        """The table's columns, in order."""
        return list(cls.to_schema().columns)

    @classmethod
    def dtypes(cls) -> dict[str, pl.DataType]:
        """The table's columns with their Polars types, in order."""
        return {name: column.dtype.type for name, column in cls.to_schema().columns.items()}

    @classmethod
    def described(cls) -> dict[str, str]:
        """What each column means, with its unit."""
        return {name: column.description or "" for name, column in cls.to_schema().columns.items()}

    @classmethod
    def shaped(cls, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows with the contract's columns in its order, checked by name and type.

        Raises:
            AttributionError: A column is missing or of another type: a fault of ours.
        """
        return _validated(cls, rows.select(cls.columns()), ValidationDepth.SCHEMA_ONLY)

    @classmethod
    def checked(cls, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows, with every value held to the contract as well (reads the rows).

        Raises:
            AttributionError: A value breaks the contract: a fault of ours. The message names columns and checks.
        """
        return _validated(cls, rows, ValidationDepth.SCHEMA_AND_DATA)

    @classmethod
    def no_rows(cls) -> pl.DataFrame:
        """The table without a row."""
        return pl.DataFrame(schema=cls.dtypes())


def _validated(table: type[Table], rows: pl.LazyFrame, depth: ValidationDepth) -> Any:  # noqa: ANN401
    try:
        with config_context(validation_depth=depth):
            return table.validate(rows, lazy=True)
    except SchemaErrors as errors:
        broken = errors.failure_cases.select("column", "check").unique(maintain_order=True).rows()
    except SchemaError as error:
        broken = [(getattr(error.schema, "name", ""), str(error.reason_code))]
    listed = ", ".join(f"{column}: {check}" for column, check in broken)
    message = f"{table.__name__} does not keep its contract ({listed}). This is a fault of the toolkit."
    raise AttributionError(message)
