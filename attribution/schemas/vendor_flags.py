"""`vendor_flags`: one row per outcome of comparing the platform's duplicate flags with ours."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table

AGREED, DIFFERENT, NO_ORIGINAL, MISSED, OVERLAP = (
    "agreed",
    "flagged_but_different",
    "flagged_without_original",
    "missed",
    "overlapping_files",
)
OUTCOMES = (AGREED, DIFFERENT, NO_ORIGINAL, MISSED, OVERLAP)


class VendorFlags(Table):
    """One row per outcome and source of event, for rows of stored exports that are duplicates by the platform or by us."""

    outcome: Series[str] = pa.Field(
        isin=OUTCOMES,
        description="agreed: flagged, and a copy; flagged_but_different: flagged, although it differs from its original; "
        "flagged_without_original: flagged, and no unflagged row has its id; missed: a copy in its original's own "
        "file without a flag; overlapping_files: the same across files, as overlapping exports bring",
    )
    source: Series[str] = pa.Field(isin=[terms.BROWSER, terms.SERVER], description="browser or server")
    rows: Series[pl.Int64] = pa.Field(ge=1, description="Rows")
