"""`identity_account`: one row per kind of identifier and what came of it."""

from typing import Final

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table

ALL: Final = "all"
JOINED: Final = "joined"
ONE_PERSON: Final = "one_person"
SHARED: Final = "shared_too_widely"
NOT_CONSENTED: Final = "consent_{}"


class IdentityAccount(Table):
    """One row per kind of identifier and outcome, and one, `all`, for everything that was joined.

    Empty unless `people.join` is `identifiers`. Counts only: it contains no identifier.
    """

    identifier: Series[str] = pa.Field(description="email_hash, phone_hash, external_id; all: the three together")
    outcome: Series[str] = pa.Field(
        description="joined; one_person: nobody else carries it; shared_too_widely: more people than people."
        "max_people_per_identifier; consent_<state>: not used, for lack of consent"
    )
    identifiers: Series[pl.Int64] = pa.Field(nullable=True, description="Distinct identifiers; null in `all`")
    event_count: Series[pl.Int64] = pa.Field(nullable=True, description="Analysed events with one; null in `all`")
    people_before: Series[pl.Int64] = pa.Field(
        nullable=True, description="Distinct people who carry them, before joining; null: not examined"
    )
    people_after: Series[pl.Int64] = pa.Field(nullable=True, description="Distinct people after joining")
