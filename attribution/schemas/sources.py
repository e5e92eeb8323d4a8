"""`sources`: one row per file of the raw folder. The only table that holds paths besides `rejects` and `findings`."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table


class Sources(Table):
    """One row per file of the raw folder, in the order of the paths."""

    source_id: Series[pl.UInt32] = pa.Field(description="The upper bits of `row_id`; from the content")
    source_file: Series[str] = pa.Field(description="Path below the raw folder, forward slashes")
    content_sha256: Series[str] = pa.Field(description="SHA-256 of the file's bytes")
    bytes: Series[pl.Int64] = pa.Field(ge=0, description="Size of the file")
    format: Series[str] = pa.Field(
        description="ndjson, json_array, delimited or parquet; packed_parquet, damaged, zip or unknown: not read"
    )
    kind: Series[str] = pa.Field(description="events, scans, qr_codes, spend, fx; empty: not recognised")
    shape: Series[str] = pa.Field(description="stored or raw; empty for all but events")
    rows_read: Series[pl.Int64] = pa.Field(ge=0, description="Rows of the file")
    rows_malformed: Series[pl.Int64] = pa.Field(ge=0, description="Rows that never became a record")
    rows_quarantined: Series[pl.Int64] = pa.Field(ge=0, description="Rows that broke a rule")
    rows_erased: Series[pl.Int64] = pa.Field(ge=0, description="Accepted rows that `attribution forget` removed")
