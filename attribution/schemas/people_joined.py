"""`people_joined`: the table `identity_account` as a report. One row per kind of identifier and what came of it.

What each column means is written in `schemas.identity_account`.
"""

from attribution.schemas.identity_account import IdentityAccount


class PeopleJoined(IdentityAccount):
    """One row per kind of identifier and outcome, and one, `all`, for everything that was joined.

    Every row of the table `identity_account`, for all days, even in the report of a period. Empty unless `people.join` is
    `identifiers`. Every number is shown, however small, because it contains no identifier.
    """
