"""Who is one person: hashed identifiers of consented rows, connected components, and the account of it."""

from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution import people
from attribution.schemas.duplicates import Duplicates
from attribution.schemas.identity_account import IdentityAccount
from attribution.schemas.joined_people import JoinedPeople
from attribution.settings import People, Settings
from tests.stages.drawn import assert_drawn, event, event_rows, events, ran, scans

NONE = Duplicates.no_rows().lazy()


def joined(drawing: str, most: int = 20) -> tuple[pl.DataFrame, pl.DataFrame]:
    found, account = people.people(events(drawing), NONE, max_people_per_identifier=most)
    return JoinedPeople.checked(found).collect(), IdentityAccount.checked(account).collect()


def test_visitors_that_share_a_hash_are_one_person_and_so_on_from_person_to_person() -> None:
    found, account = joined(
        """
        scan_session_id | source  | visitor_id | email_hash | phone_hash
        s1              | browser | phone      | -          | -
        s1              | server  | -          | h1         | -
        s2              | browser | laptop     | -          | -
        s2              | server  | -          | h1         | p1
        s3              | server  | tablet     | -          | p1
        s4              | server  | other      | h2         | -
        """
    )
    assert_drawn(
        found,
        """
        own_person_id | person_id | people_count
        laptop        | laptop    | 3
        phone         | laptop    | 3
        tablet        | laptop    | 3
        """,
        in_order=True,
    )
    assert_drawn(
        account,
        """
        identifier | outcome    | identifiers | event_count | people_before | people_after
        all        | joined     | -           | -           | 3             | 1
        email_hash | joined     | 1           | 2           | 2             | 1
        email_hash | one_person | 1           | 1           | 1             | 1
        phone_hash | joined     | 1           | 2           | 2             | 1
        """,
        in_order=True,
    )


@pytest.mark.parametrize("consent", ["denied", "pending", "unspecified"])
def test_only_granted_rows_join(consent: str) -> None:
    found, account = joined(
        f"""
        scan_session_id | source  | visitor_id | email_hash | consent
        s1              | browser | v1         | -          | granted
        s1              | server  | -          | h1         | granted
        s2              | browser | v2         | -          | granted
        s2              | server  | -          | h1         | {consent}
        """
    )
    assert not found.height
    assert_drawn(
        account,
        f"""
        identifier | outcome           | identifiers | event_count | people_before | people_after
        email_hash | consent_{consent} | 1           | 1           | -             | -
        email_hash | one_person        | 1           | 1           | 1             | 1
        """,
    )


def test_a_copy_and_what_leaves_analytics_join_nobody_and_name_nobody() -> None:
    rows = events("""
        row_id | scan_session_id | source  | visitor_id | email_hash | exclusion
        1      | s1              | server  | v1         | h1         | -
        2      | s2              | server  | v2         | h1         | test
        3      | s3              | server  | v3         | h1         | -
        4      | s4              | server  | -          | h1         | -
        5      | s4              | browser | v5         | -          | fraud
        6      | s4              | browser | v6         | -          | -
    """)
    copies = pl.LazyFrame({"row_id": [3, 6]}, {"row_id": pl.UInt64})
    found, account = people.people(rows, copies, max_people_per_identifier=20)
    assert_drawn(found.collect(), "own_person_id | person_id\ns4 | s4\nv1 | s4")
    assert_drawn(account.collect(), "identifier | event_count\nall | -\nemail_hash | 2")


def test_an_external_id_is_of_its_site_and_a_hash_of_all() -> None:
    drawing = """
        scan_session_id | source | visitor_id | site_id | external_id | email_hash
        s1              | server | v1         | shop    | u1          | -
        s2              | server | v2         | cafe    | u1          | -
        s3              | server | v3         | shop    | -           | h1
        s4              | server | v4         | cafe    | -           | h1
    """
    assert_drawn(joined(drawing)[0], "own_person_id | person_id\nv3 | v3\nv4 | v3")


def test_a_row_with_every_identifier_joins_by_each() -> None:
    drawing = """
        scan_session_id | source | visitor_id | external_id | email_hash | phone_hash
        s1              | server | v1         | u1          | h1         | p1
        s2              | server | v2         | u1          | h2         | p2
        s3              | server | v3         | u3          | h1         | p3
        s4              | server | v4         | u4          | h4         | p1
    """
    assert joined(drawing)[0]["person_id"].to_list() == ["v1"] * 4


def test_an_identifier_of_too_many_people_joins_nobody() -> None:
    drawing = "scan_session_id | source | visitor_id | email_hash\n" + "\n".join(
        f"s{n} | server | v{n} | till" for n in range(4)
    )
    found, account = joined(drawing, most=4)
    assert found.height == 4
    assert_drawn(
        account.head(2),
        """
        identifier | outcome | people_before | people_after
        all        | joined  | 4             | 1
        email_hash | joined  | 4             | 1
    """,
    )
    found, account = joined(drawing, most=3)
    assert not found.height
    assert_drawn(account, "identifier | outcome | people_before | people_after\nemail_hash | shared_too_widely | 4 | 4")


def test_of_several_visitors_of_a_session_the_first_in_text_order_is_joined() -> None:
    drawing = """
        scan_session_id | source  | visitor_id | email_hash
        s1              | browser | v2         | -
        s1              | browser | v1         | -
        s1              | server  | -          | h1
        s2              | server  | v3         | h1
    """
    assert_drawn(joined(drawing)[0], "own_person_id | person_id\nv1 | v1\nv3 | v1")


def test_a_person_with_two_addresses_is_counted_once() -> None:
    drawing = """
        scan_session_id | source | visitor_id | email_hash
        s1              | server | v1         | h1
        s2              | server | v1         | h2
    """
    assert_drawn(
        joined(drawing)[1],
        """
        identifier | outcome    | identifiers | event_count | people_before | people_after
        email_hash | one_person | 2           | 2           | 1             | 1
        """,
    )


def test_a_session_without_a_visitor_is_joined_as_itself() -> None:
    drawing = """
        scan_session_id | source  | visitor_id | email_hash
        s1              | browser | -          | -
        s1              | server  | -          | h1
        s2              | server  | v2         | h1
    """
    assert_drawn(joined(drawing)[0], "own_person_id | person_id\ns1 | s1\nv2 | s1")


def test_joining_is_an_option_and_then_a_journey_goes_over_devices() -> None:
    rows = events(
        """
        scan_session_id | source  | visitor_id | email_hash | amount | occurred_at
        s1              | browser | phone      | -          | -      | 10:00
        s1              | server  | -          | h1         | 5      | 10:05
        s2              | browser | laptop     | -          | -      | 11:00
        s2              | server  | -          | h1         | 7      | 11:05
        """
    )
    scanned = scans("scan_session_id | qr_code_id | scanned_at\ns1 | q1 | 10:00\ns2 | q2 | 11:00")
    apart = ran("attribute", events=rows, scans=scanned)
    together = ran("attribute", Settings(people=People(join="identifiers")), events=rows, scans=scanned)
    assert not apart["joined_people"].height
    assert sorted(apart["touches"]["touch_count"]) == [1, 1]
    assert sorted(together["touches"]["touch_count"]) == [1, 2, 2]
    assert set(together["conversions"]["person_id"]) == {"laptop"}


Links = list[tuple[int, int]]


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40)
def test_components_are_those_of_a_search_and_no_order_of_rows_changes_them(links: Links, random: Random) -> None:
    rows = [
        event({"source": "server", "visitor_id": f"v{person:02}", "email_hash": f"h{identifier}"}, number)
        for number, (person, identifier) in enumerate(links)
    ]
    found = _named(rows)
    assert found == _searched(links)
    random.shuffle(rows)
    assert _named(rows) == found


def _named(rows: list[dict[str, object]]) -> dict[str, str]:
    found, _ = people.people(event_rows(rows), NONE, max_people_per_identifier=99)
    return dict(found.collect().select("own_person_id", "person_id").rows())


def _searched(links: Links) -> dict[str, str]:
    """Breadth-first, from each person in order."""
    named: dict[str, str] = {}
    for start in sorted({person for person, _ in links}):
        reached, waiting = {start}, [start]
        while waiting:
            mine = {identifier for person, identifier in links if person == waiting[-1]}
            waiting.pop()
            new = {person for person, identifier in links if identifier in mine} - reached
            reached |= new
            waiting += new
        if len(reached) > 1:
            named[f"v{start:02}"] = f"v{min(reached):02}"
    return named
