"""What a row means where it does not say so plainly: words in another case, missing ids, empty free objects."""

from decimal import Decimal

import pytest

from tests.ingest.judging import GOOD, UUID, judged


@pytest.mark.parametrize(
    ("column", "spelled", "meant"),
    [
        ("currency", "usd", "USD"),
        ("currency", " Eur ", "EUR"),
        ("consent", "Denied", "denied"),
        ("consent", "GRANTED ", "granted"),
    ],
)
def test_a_stored_word_in_another_case_is_read_as_meant_and_said(column: str, spelled: str, meant: str) -> None:
    odd, sound = {column: spelled, "event_id": UUID.format(8)}, {"event_id": UUID.format(9)}
    result = judged("stored", sound, odd, sound)
    assert result.failing.is_empty()
    assert result.events["event_id"].to_list() == [UUID.format(9), UUID.format(8), UUID.format(9)]
    assert result.events[column].to_list() == [GOOD[column], meant, GOOD[column]]
    told = result.findings.select("event_id", "rule", "severity", "field_path").rows()
    assert (UUID.format(8), f"{column}_spelled_otherwise", "warning", column) in told
    assert judged("raw", odd).events.is_empty()


def test_what_is_read_as_denied_is_stripped() -> None:
    page = "https://shop.example/x"
    result = judged("stored", {"consent": "Denied", "page_url": page, "city": "Bern"})
    assert result.events.select("consent", "page_url", "city").rows() == [("denied", None, None)]
    assert result.findings.filter(rule="consent_leak")["field_path"].sort().to_list() == [
        "city",
        "page_url",
        "properties",
    ]


def test_a_word_that_is_none_in_any_case_is_refused_with_the_others() -> None:
    rows = [{"currency": "usd"}, {"currency": "ABC"}, {"consent": "maybe", "currency": "usd"}]
    result = judged("stored", *rows)
    assert (result.events.height, result.failing.height) == (1, 2)
    assert result.failing["currency"].to_list() == ["ABC", "usd"]
    assert result.findings["rule"].to_list() == ["currency_spelled_otherwise"]


def made_ids(*rows: dict[str, str | None]) -> list[str]:
    return judged("stored", *({"event_id": None, **row} for row in rows)).events["event_id"].to_list()


@pytest.mark.parametrize("column", ["page_url", "referrer", "city", "metadata", "properties"])
def test_what_consent_strips_is_no_part_of_what_an_id_is_made_from(column: str) -> None:
    """Who has the rest of the row could try values until the id is the same."""
    values = ('{"order_id": "a"}', '{"order_id": "b"}')
    one, other = made_ids(*({"consent": "denied", column: value} for value in values))
    assert one == other
    one, other = made_ids(*({column: value} for value in values))
    assert one != other


def test_the_mark_of_a_duplicate_is_no_part_of_what_an_id_is_made_from() -> None:
    one, flagged, other = made_ids({}, {"is_duplicate": "1"}, {"city": "Bern"})
    assert (one == flagged, one == other) == (True, False)


@pytest.mark.parametrize("text", ["{}", "[]", "null", None])
@pytest.mark.parametrize("column", ["metadata", "properties"])
def test_an_empty_free_object_is_no_leak(column: str, text: str | None) -> None:
    found = judged("stored", {"consent": "denied", "properties": None, column: text}).findings
    assert found.filter(rule="consent_leak").is_empty()


def test_a_free_object_of_something_without_consent_is_a_leak() -> None:
    found = judged("stored", {"consent": "denied", "properties": None, "metadata": '["x"]'}).findings
    assert found.filter(rule="consent_leak")["field_path"].to_list() == ["metadata"]


def test_an_all_zero_id_names_nobody_and_the_row_counts() -> None:
    zero = "00000000-0000-0000-0000-000000000000"
    result = judged("stored", {"visitor_id": zero, "web_session_id": zero})
    assert result.events.select("visitor_id", "web_session_id", "exclusion").rows() == [(None, None, None)]


@pytest.mark.parametrize(
    ("sent", "currency", "expected"),
    [
        ('{"amount": 6.5, "currency": "EUR"}', None, (Decimal("6.5"), "EUR")),
        ('{"amount": "7", "currency": "EUR"}', "GBP", (Decimal(7), "GBP")),
        ('{"currency": "EUR"}', None, (None, "EUR")),
        ('{"amount": "x", "currency": "EUR"}', None, None),
        ("{oops", "EUR", None),
        ('{"value": 12.5, "code": "EUR"}', None, None),
        (' {"amount": 6.5, "currency": "EUR"}', "", (Decimal("6.5"), "EUR")),
    ],
)
def test_money_may_be_the_json_text_of_a_payloads_object(sent: str, currency: str | None, expected: object) -> None:
    result = judged("stored", {"amount": sent, "currency": currency})
    assert result.events.select("amount", "currency").rows() == ([expected] if expected else [])


def test_how_an_object_is_spelled_makes_no_other_event() -> None:
    spelled = ['{"order_id":"a","x":[1,{"b":2,"a":1.50}]}', '{ "x" : [1, {"a": 1.5, "b": 2}], "order_id": "a" }']
    one, same, other = made_ids(
        *({"properties": text} for text in [*spelled, '{"order_id":"a","x":[1,{"b":2,"a":2}]}'])
    )
    assert (one == same, one == other) == (True, False)
