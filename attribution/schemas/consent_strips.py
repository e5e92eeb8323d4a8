"""`consent_strips`: one row per file, consent and field."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.consent import STRIPPED
from attribution.schemas.contract import Table


class ConsentStrips(Table):
    """One row per source file, withheld consent and field that consent forbids, where accepted rows came with it filled.

    Raw payloads may hold the field: it was stripped on reading. In a stored export it is a leak, and stripped as well.
    """

    source_id: Series[pl.UInt32] = pa.Field(description="The file, as in `sources`")
    consent: Series[str] = pa.Field(isin=terms.WITHHELD, description="The rows' own consent")
    field: Series[str] = pa.Field(isin=STRIPPED, description="What consent forbids")
    rows: Series[pl.Int64] = pa.Field(ge=0, description="Accepted rows with that consent that came with it filled")
