"""`joined_people`: one row per person who is one with another."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table


class JoinedPeople(Table):
    """One row per person, as scan sessions alone identify them, whom a hashed identifier joins to another.

    Empty unless `people.join` is `identifiers`. It contains no identifier.
    """

    own_person_id: Series[str] = pa.Field(unique=True, description="visitor_id or scan session, before joining")
    person_id: Series[str] = pa.Field(description="The joined person: the first of its own_person_ids in text order")
    people_count: Series[pl.Int64] = pa.Field(ge=2, description="How many own_person_ids the joined person has")
