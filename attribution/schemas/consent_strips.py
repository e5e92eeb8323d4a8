"""`consent_strips`: one row per file, consent and field."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.consent import STRIPPED
from attribution.schemas.contract import Table


class ConsentStrips(Table):
    """One row per source file, source of consent, consent and forbidden field, where accepted rows came with it filled.

    Raw payloads may hold the field: it was stripped when read. In a stored export it is a leak, and stripped as well.
    Where the consent is that of the scan session (`consent.scope`), the field was allowed when stored, so it is not a leak.
    """

    source_id: Series[pl.UInt32] = pa.Field(description="The file, as in `sources`")
    is_own: Series[bool] = pa.Field(description="The consent is the rows' own; otherwise that of their scan session")
    consent: Series[str] = pa.Field(isin=terms.WITHHELD, description="The consent that withholds")
    field: Series[str] = pa.Field(isin=STRIPPED, description="What consent forbids")
    rows: Series[pl.Int64] = pa.Field(ge=0, description="Accepted rows with that consent that came with it filled")
