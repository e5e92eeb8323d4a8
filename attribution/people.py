"""People: `events`, `duplicates` -> `joined_people`, `identity_account`.

Reads:  `events` less duplicates and exclusions.
Writes: `joined_people`, one row per person joined with another; `identity_account`, one row per kind of
        identifier and what came of it.
Rule:   people are joined where consented rows carry the same hashed identifier (e-mail, phone; external id of one
        site), and on from person to person: connected components. An identifier carried by more people than one
        person has devices joins nobody (a shared till, a test account). Only rows with consent `granted` take part.
Runs on whole tables; what it reads of them is the few columns of the few rows that carry an identifier.
"""

from typing import Final

import polars as pl

from attribution import terms
from attribution.analysed import analysed
from attribution.schemas.identity_account import ALL, JOINED, NOT_CONSENTED, ONE_PERSON, SHARED, IdentityAccount
from attribution.schemas.joined_people import JoinedPeople
from attribution.visitors import expr_own_person, visitor_marks

IDENTIFIERS: Final = ("email_hash", "phone_hash", "external_id")
OF_ONE_SITE: Final = ("external_id",)
"""Identifiers that mean something at one site only."""
KEY: Final = ("identifier", "site_id", "value")


def people(
    events: pl.LazyFrame, duplicates: pl.LazyFrame, *, max_people_per_identifier: int
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Which people are one person, by their hashed identifiers.

    Args:
        events: As `schemas.events`.
        duplicates: As `schemas.duplicates`.
        max_people_per_identifier: An identifier that more people carry joins nobody.

    Returns:
        As `schemas.joined_people` and `schemas.identity_account`. A component is named by its first person in text
        order, so that the same rows give the same names in any order.
    """
    counted = analysed(events, duplicates)
    carried = _carried(counted).cache()
    persons = _persons(carried.filter(is_consented()), counted)
    degrees = persons.group_by(KEY).agg(pl.col("own_person_id").n_unique().alias("people_count"))
    known = persons.join(degrees, on=KEY, how="left", nulls_equal=True).cache()
    usable = known.filter(pl.col("people_count").is_between(2, max_people_per_identifier))
    joined = _components(usable).cache()
    return JoinedPeople.shaped(joined), IdentityAccount.shaped(
        _account(carried, known, joined, max_people_per_identifier)
    )


def is_consented() -> pl.Expr:
    """The row's consent lets its identifiers join people: `granted`, nothing less."""
    return pl.col("consent") == terms.GRANTED


def _carried(counted: pl.LazyFrame) -> pl.LazyFrame:
    """`row_id, scan_session_id, visitor_id, consent, identifier, site_id, value`: one row per event and identifier."""
    some = pl.any_horizontal(pl.col(name).is_not_null() for name in IDENTIFIERS)
    index = ["row_id", "scan_session_id", "visitor_id", "consent", "site_id"]
    rows = counted.filter(some).select(*index, *IDENTIFIERS)
    long = rows.unpivot(IDENTIFIERS, index=index, variable_name="identifier").filter(pl.col("value").is_not_null())
    return long.with_columns(site_id=pl.when(pl.col("identifier").is_in(OF_ONE_SITE)).then("site_id"))


def _persons(carried: pl.LazyFrame, counted: pl.LazyFrame) -> pl.LazyFrame:
    """`identifier, site_id, value, row_id, own_person_id`: whom a row's scan session and its own visitor id identify."""
    sessions = carried.select("scan_session_id").drop_nulls().unique()
    of_session = (
        counted.join(sessions, on="scan_session_id", how="semi")
        .select("scan_session_id", *visitor_marks())
        .group_by("scan_session_id")
        .agg(pl.col("browser_visitor_id", "server_visitor_id").min())
        .select("scan_session_id", own_person_id=expr_own_person())
    )
    by_session = carried.join(of_session, on="scan_session_id", how="inner")
    by_visitor = carried.filter(pl.col("visitor_id").is_not_null()).with_columns(own_person_id="visitor_id")
    columns = [*KEY, "row_id", "own_person_id"]
    return pl.concat([by_session.select(columns), by_visitor.select(columns)]).unique()


def _components(usable: pl.LazyFrame) -> pl.LazyFrame:
    """The connected components of people and identifiers, named by their first person; one row per person."""
    links = usable.select("own_person_id", first=pl.col("own_person_id").min().over(KEY)).unique()
    schema = {"own_person_id": pl.String, "person_id": pl.String}
    joined = links.map_batches(_united, schema=schema)
    return joined.with_columns(people_count=pl.len().over("person_id").cast(pl.Int64)).sort("own_person_id")


def _united(links: pl.DataFrame) -> pl.DataFrame:
    """Union-find over links between two people; the first in text order is the root of each tree."""
    names = pl.concat([links["own_person_id"], links["first"]]).unique().sort()
    number = {name: place for place, name in enumerate(names)}
    parent = list(range(len(names)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    for one, other in links.iter_rows():
        low, high = sorted((root(number[one]), root(number[other])))
        parent[high] = low
    return pl.DataFrame({"own_person_id": names, "person_id": names.gather([root(place) for place in parent])})


def _account(carried: pl.LazyFrame, known: pl.LazyFrame, joined: pl.LazyFrame, most: int) -> pl.LazyFrame:
    """One row per kind of identifier and outcome, and one for all that was joined."""
    count = pl.col("people_count")
    outcome = (
        pl.when(count > most).then(pl.lit(SHARED)).when(count > 1).then(pl.lit(JOINED)).otherwise(pl.lit(ONE_PERSON))
    )
    named = known.join(joined.select("own_person_id", "person_id"), on="own_person_id", how="left").with_columns(
        pl.coalesce("person_id", "own_person_id"), outcome=outcome
    )
    after = pl.col("person_id").n_unique().cast(pl.Int64)
    used = named.group_by("identifier", "outcome").agg(
        *_counts(), people_before=pl.col("own_person_id").n_unique().cast(pl.Int64), people_after=after
    )
    whole = joined.select(
        identifier=pl.lit(ALL),
        outcome=pl.lit(JOINED),
        identifiers=pl.lit(None, pl.Int64),
        event_count=pl.lit(None, pl.Int64),
        people_before=pl.len().cast(pl.Int64),
        people_after=after,
    )
    nobody = pl.lit(None, pl.Int64)
    unused = (
        carried.filter(~is_consented())
        .group_by("identifier", outcome=pl.format(NOT_CONSENTED, "consent"))
        .agg(*_counts(), people_before=nobody, people_after=nobody)
    )
    return pl.concat([used, unused, whole.filter(pl.col("people_before") > 0)]).sort("identifier", "outcome")


def _counts() -> list[pl.Expr]:
    return [
        pl.struct("site_id", "value").n_unique().cast(pl.Int64).alias("identifiers"),
        pl.col("row_id").n_unique().cast(pl.Int64).alias("event_count"),
    ]
