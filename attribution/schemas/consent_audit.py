"""`consent_audit`: one row per stage, check, field and consent."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution import terms
from attribution.schemas.contract import Table


class ConsentAudit(Table):
    """One row per stage, check, field and consent: what consent forbade, what became of it, and what the tables hold."""

    stage: Series[str] = pa.Field(description="The stage whose result is checked")
    check: Series[str] = pa.Field(
        description="rows: accepted rows with this consent; stripped: raw rows that came with the field filled, and rows "
        "whose scan session's consent removed it (`consent.scope`); leaked: rows of a stored export that came with it "
        "filled; still_held, personal_data_left: rows of `events` (and of `scans`), "
        "person_named_without_consent: scan sessions, that break the rule; consent_changes: scan sessions, "
        "by their strictest consent"
    )
    field: Series[str] = pa.Field(nullable=True, description="The field, if the check is of one")
    consent: Series[str] = pa.Field(
        nullable=True, isin=terms.CONSENT_STATES, description="The consent, if the check is of one"
    )
    rows: Series[pl.Int64] = pa.Field(ge=0, description="How many rows (scan sessions) the check counted")
    allowed: Series[pl.Int64] = pa.Field(nullable=True, description="How many are allowed; null: a count, not a rule")
    holds: Series[bool] = pa.Field(nullable=True, description="rows <= allowed; null: a count, not a rule")
