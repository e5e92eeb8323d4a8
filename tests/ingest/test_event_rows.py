"""What becomes of an accepted row: times, money, consent, what leaves analytics, order ids, and ids that are made."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest

from attribution.hashes import OF_NOTHING
from attribution.ingest import ingest
from tests.ingest.judging import GOOD, HASH, UUID, ZERO, judged, outcome

TIMES = {
    "2026-05-13T10:00:00.000Z": datetime(2026, 5, 13, 10, tzinfo=UTC),
    "2026-05-13T10:00:00.123456+02:00": datetime(2026, 5, 13, 8, 0, 0, 123456, tzinfo=UTC),
    "2026-05-13 10:00:00.250": datetime(2026, 5, 13, 10, 0, 0, 250000, tzinfo=UTC),
    "2026-05-13T10:00:00-0730": datetime(2026, 5, 13, 17, 30, tzinfo=UTC),
    "2026-05-13T10:00Z": datetime(2026, 5, 13, 10, tzinfo=UTC),
    "2026-05-13": datetime(2026, 5, 13, tzinfo=UTC),
    "2026-05-13 10:00:00 UTC": datetime(2026, 5, 13, 10, tzinfo=UTC),
    "20260513T100000Z": datetime(2026, 5, 13, 10, tzinfo=UTC),
    "2026-02-30T10:00:00Z": None,
    "13.05.2026 10:00": None,
    "1970-01-01T00:00:00Z": None,
}


@pytest.mark.parametrize("text", TIMES)
def test_a_time_in_any_form_of_iso_8601(text: str) -> None:
    events = judged("stored", {"event_time": text, "received_time": None}).events
    assert events["occurred_at"].to_list() == ([TIMES[text]] if TIMES[text] else [])


MONEY = {
    "49.99": "49.99",
    "1e2": "100",
    "-5": "-5",
    "+.5": "0.5",
    "0.00005": "0",
    "0.00015": "0.0002",
    "12345678901234.5678": "12345678901234.5678",
}


@pytest.mark.parametrize("text", MONEY)
def test_money_is_exact(text: str) -> None:
    assert judged("stored", {"amount": text}).events["amount"].to_list() == [Decimal(MONEY[text])]


@pytest.mark.parametrize("consent", ["denied", "pending"])
def test_what_consent_forbids_is_stripped_and_a_stored_leak_is_told(consent: str) -> None:
    held = {
        "consent": consent,
        "page_url": "https://x.example/a",
        "referrer": "https://y.example",
        "city": "Köln",
        "metadata": '{"a": 1}',
    }
    for shape in ("raw", "stored"):
        result = judged(shape, held)
        row = result.events.row(0, named=True)
        assert [row[name] for name in ("page_url", "referrer", "city", "metadata", "properties", "order_id")] == [
            None
        ] * 6
        assert (row["consent"], row["consent_sent"]) == (consent, consent)
        assert (row["amount"], row["scan_session_id"]) == (Decimal("49.99"), UUID.format(2))
        leaks = result.findings.filter(pl.col("rule") == "consent_leak")["field_path"].sort().to_list()
        assert leaks == ([] if shape == "raw" else ["city", "metadata", "page_url", "properties", "referrer"])


@pytest.mark.parametrize("consent", ["granted", None])
def test_with_consent_all_is_kept(consent: str | None) -> None:
    row = judged("raw", {"consent": consent, "page_url": "https://x.example/a", "city": "Köln"}).events.row(
        0, named=True
    )
    assert (row["page_url"], row["city"], row["order_id"]) == ("https://x.example/a", "Köln", "o1")
    assert row["consent"] == (consent or "unspecified")


@pytest.mark.parametrize(
    ("row", "exclusion"),
    [
        ({}, None),
        ({"event_name": "test_event"}, "test"),
        ({"source": "browser", "event_type": "test_event", "event_name": "Test Event"}, "test"),
        ({"source": "server", "event_type": "test_event", "event_name": "purchase"}, None),
        ({"properties": '{"test": true}'}, "test"),
        ({"properties": '{"test": false, "x": "test"}'}, None),
        ({"properties": r'{"test": true, "note": "cut \ud83d"}'}, "test"),
        ({"scan_session_id": ZERO}, "test"),
        ({"event_id": ZERO}, "test"),
        ({"is_fraud": "1"}, "fraud"),
        ({"is_fraud": "1", "event_name": "test_event"}, "test"),
    ],
)
def test_test_traffic_and_fraud_are_marked(row: dict[str, str | None], exclusion: str | None) -> None:
    assert judged("stored", row).events["exclusion"].to_list() == [exclusion]


@pytest.mark.parametrize("column", ["visitor_id", "web_session_id"])
def test_an_all_zero_id_of_a_visitor_or_of_a_web_session_is_not_kept(column: str) -> None:
    assert judged("stored", {column: ZERO}, {}).events[column].to_list() == [None, GOOD[column]]


@pytest.mark.parametrize("column", ["email_hash", "phone_hash"])
def test_a_hash_is_kept_in_lower_case_and_what_is_none_is_not(column: str) -> None:
    texts = [HASH, HASH.upper(), HASH[:63] + "A", HASH[:40], OF_NOTHING, OF_NOTHING.upper(), None]
    events = judged("stored", *({column: text} for text in texts)).events
    assert events[column].to_list() == [HASH, HASH, HASH[:63] + "a", None, None, None, None]


@pytest.mark.parametrize(
    ("objects", "order"),
    [
        ({"properties": '{"order_id": "o1"}', "metadata": '{"order_id": "o2"}'}, "o1"),
        ({"properties": '{"order_id": "ann@shop.example"}'}, None),
        ({"properties": '{"order_id": "ann@shop.example"}', "metadata": '{"order_id": "o2"}'}, None),
    ],
)
def test_an_order_id_is_first_that_of_the_properties_and_none_where_it_was_personal_data(
    objects: dict[str, str | None], order: str | None
) -> None:
    assert judged("stored", objects).events["order_id"].to_list() == [order]


def test_personal_data_is_redacted_and_told_without_its_value() -> None:
    held = {
        "properties": '{"order_id": "o1", "deep": [{"note": "write to ann@shop.example"}]}',
        "page_url": "https://x.example/?e=ann%40shop.example",
    }
    result = judged("raw", held)
    row, found = result.events, result.findings
    assert "ann" not in row.write_csv() + found.write_csv()
    assert row["order_id"].to_list() == ["o1"]
    assert "properties.deep[0].note" in found["field_path"].to_list()


@pytest.mark.parametrize("nothing", ["", " ", "\\t"])
def test_an_order_id_without_a_letter_is_none(nothing: str) -> None:
    metadata = '{"order_id": "o2"}'
    rows = judged(
        "stored", *({"properties": f'{{"order_id": "{nothing}"}}', "metadata": more} for more in (None, metadata))
    )
    assert rows.events["order_id"].to_list() == [None, "o2"]


def test_an_order_id_is_read_beside_a_text_that_was_cut_inside_an_emoji() -> None:
    row = judged("stored", {"properties": r'{"order_id": "o1", "note": "cut \ud83d"}'}).events.row(0, named=True)
    assert (row["order_id"], row["properties"]) == ("o1", r'{"order_id": "o1", "note": "cut \ufffd"}')


ESCAPED = {
    r"{\"order_id\":\"o1\",\"test\":true}": '{"order_id":"o1","test":true}',
    r"{ \"order_id\": \"o1\", \"note\": \"a \\\"b\\\" \\u00e9\", \"test\": 1}": (
        r'{ "order_id": "o1", "note": "a \"b\" \u00e9", "test": 1}'
    ),
    r'"{\"order_id\":\"o1\",\"test\":true}"': '{"order_id":"o1","test":true}',
    r"{\"order_id\":\"o1\",\"note\":\"\ud83d\",\"test\":true}": '{"order_id":"o1","note":"\ufffd","test":true}',
    r"{\"order_id\":\"o1\",\"note\":\"\\ud83d\",\"test\":true}": r'{"order_id":"o1","note":"\ufffd","test":true}',
}


@pytest.mark.parametrize("text", ESCAPED)
@pytest.mark.parametrize("column", ["metadata", "properties"])
def test_an_object_with_escaped_quotes_is_read(column: str, text: str) -> None:
    row = {"properties": None, column: text}
    event = judged("stored", row).events.row(0, named=True)
    assert (event[column], event["order_id"], event["exclusion"]) == (ESCAPED[text], "o1", "test")
    assert outcome("raw", row) == (set(), set())


def test_an_empty_time_is_none_given() -> None:
    row: dict[str, str | None] = {"event_time": "", "timestamp": "2026-05-13T10:00:00.000Z"}
    assert outcome("raw", row)[0] == set()


def test_a_missing_event_id_is_made_from_content() -> None:
    twins = judged("raw", {"event_id": None}, {"event_id": None}, {"event_id": None, "amount": "50"}).events
    first, second, other = twins["event_id"].to_list()
    assert first == second != other
    assert twins["event_id_is_derived"].all()


def test_a_made_id_is_a_uuid_of_the_rows_own_content_and_ids_that_were_sent_stay() -> None:
    nameless = {"event_id": None, "amount": "50"}
    alone = judged("raw", nameless).events["event_id"].item()
    assert str(uuid.UUID(alone)) == alone
    among = judged("raw", {}, nameless, {"event_id": UUID.format(9)}).events
    assert among["event_id"].to_list() == [UUID.format(1), alone, UUID.format(9)]
    assert among["event_id_is_derived"].to_list() == [False, True, False]


def test_how_an_object_is_spelled_makes_no_other_id() -> None:
    spelled = ('{"a":1,"b":[2,3]}', '{ "b": [2, 3], "a": 1 }', '{"a":1,"b":[3,2]}')
    first, second, other = judged("raw", *({"event_id": None, "metadata": text} for text in spelled)).events["event_id"]
    assert first == second != other


def test_an_empty_object_makes_no_other_id_than_none() -> None:
    spelled = ("{}", " { }", "[]", "null", "", None, "0")
    ids = judged("stored", *({"event_id": None, "metadata": text, "properties": text} for text in spelled)).events[
        "event_id"
    ]
    assert ids[:-1].n_unique() == 1
    assert ids.n_unique() == 2


def test_what_leaves_analytics_makes_no_other_id() -> None:
    row = {**GOOD, "event_id": None, "is_fraud": "1"}
    frame = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String)).with_columns(row_number=pl.lit(1, pl.UInt32))
    told = [
        ingest(frame, shape="raw", source_id=1, exclude=exclude).events for exclude in (["test", "fraud"], ["test"])
    ]
    assert [events["exclusion"].to_list() for events in told] == [["fraud"], [None]]
    assert told[0]["event_id"].equals(told[1]["event_id"])


def test_an_id_is_made_of_nothing_that_the_consent_of_the_scan_session_may_strip_yet() -> None:
    rows = [{**GOOD, "event_id": None, "page_url": f"https://x.example/{page}"} for page in "ab"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(GOOD, pl.String)).with_row_index("row_number", offset=1)
    for by_session, different in ((True, 1), (False, 2)):
        made = ingest(frame, shape="raw", source_id=1, by_session=by_session).events
        assert made["event_id"].n_unique() == different
