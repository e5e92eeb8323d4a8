"""Each rule of an incoming row: one that breaks it, and one that just does not, in either shape."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.personal_data import still_found
from attribution.rules import RULES, rejecting_rules
from attribution.schemas.events import Events
from attribution.schemas.raw_event import explain
from tests.ingest.judging import GOOD, HASH, UUID, ZERO, judged, outcome


def deep(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


BROWSER = {"source": "browser", "event_name": None, "event_type": "page_view", "amount": None, "currency": None}

CASES: list[tuple[str, dict[str, str | None], dict[str, str | None]]] = [
    ("source_unknown", {"source": "app"}, {"source": "SERVER"}),
    ("event_name_missing", {"event_name": None}, {"event_name": "lead"}),
    ("site_id_missing", {"site_id": None}, {"site_id": "x"}),
    ("event_id_not_uuid", {"event_id": "evt-1"}, {"event_id": "AAAAAAAA-0000-4000-8000-00000000000F"}),
    ("scan_session_id_missing", {"scan_session_id": None}, {**BROWSER, "scan_session_id": None}),
    ("scan_session_id_not_uuid", {"scan_session_id": "abc"}, {}),
    ("web_session_id_not_uuid", {"web_session_id": "abc"}, {"web_session_id": None}),
    ("visitor_id_not_uuid", {"visitor_id": "abc"}, {"visitor_id": None}),
    ("visitor_id_all_zero", {"visitor_id": ZERO}, {"visitor_id": ZERO, "event_id": ZERO}),
    ("web_session_id_all_zero", {"web_session_id": ZERO}, {"web_session_id": ZERO, "scan_session_id": ZERO}),
    ("event_time_unreadable", {"event_time": "yesterday"}, {"event_time": "2026-05-13 12:00:00.5+02:00"}),
    ("no_readable_time", {"event_time": None, "received_time": None}, {"event_time": None}),
    ("amount_not_a_number", {"amount": "12,50"}, {"amount": "1e2"}),
    ("amount_missing", {"amount": None}, {"amount": None, "currency": None}),
    ("currency_missing", {"currency": None}, {}),
    ("currency_not_iso_4217", {"currency": "DOLLARS"}, {"currency": "JPY"}),
    ("consent_unknown", {"consent": "maybe"}, {"consent": None}),
    ("consent_said_unspecified", {"consent": "unspecified"}, {"consent": None}),
    ("is_duplicate_unreadable", {"is_duplicate": "perhaps"}, {"is_duplicate": "FALSE"}),
    ("is_fraud_unreadable", {"is_fraud": "2"}, {"is_fraud": None}),
    ("metadata_not_an_object", {"metadata": "[1]"}, {"metadata": "{}"}),
    ("properties_not_an_object", {"properties": "text"}, {"properties": None}),
    ("metadata_too_large", {"metadata": '{"a": "%s"}' % ("é" * 5116)}, {"metadata": '{"a": "%s"}' % ("é" * 5115)}),
    (
        "properties_too_large",
        {"properties": '{"a": "%s"}' % ("x" * 10232)},
        {"properties": '{"a": "%s"}' % ("x" * 10230)},
    ),
    ("metadata_too_deep", {"metadata": deep(6)}, {"metadata": '{"a": "{{{{{{{{"}'}),
    ("amount_digits_inexact", {"amount": "1234567890123.4567"}, {"amount": "12345678901.2300"}),
    ("name_not_snake_case", {"event_name": "orderPlaced"}, {"event_name": "order_placed_2"}),
    ("time_after_receipt", {"event_time": "2026-05-13T10:05:02Z"}, {"event_time": "2026-05-13T10:05:01Z"}),
    ("time_long_before_receipt", {"event_time": "2026-03-14T10:00:00Z"}, {"event_time": "2026-03-14T10:00:01Z"}),
    ("email_hash_unusable", {"email_hash": "ann@shop.example"}, {"email_hash": HASH.upper()}),
    ("phone_hash_unusable", {"phone_hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}, {}),
    ("email_hash_upper_case", {"email_hash": HASH.upper()}, {"email_hash": HASH}),
    ("phone_hash_upper_case", {"phone_hash": HASH[:63] + "A"}, {"phone_hash": HASH}),
    ("email_hash_salted", {"email_hash": HASH + ":pepper"}, {"email_hash": HASH}),
    ("email_not_hashed", {"user_identifiers": '{"email": "ann@shop.example"}'}, {"user_identifiers": '{"email": " "}'}),
    ("external_id_not_a_value", {"external_id": '{"phone": "0151 12345678"}'}, {"external_id": "usr[1]"}),
    ("user_identifiers_unusable", {"user_identifiers": "ann"}, {"user_identifiers": "{}"}),
    ("phone_not_hashed", {"user_identifiers.phone": "+4915112345678"}, {"user_identifiers": '{"phone": null}'}),
    ("phone_hash_salted", {"phone_hash": "$2b$12$abcdefghijklmnopqrstuv"}, {"phone_hash": HASH[:40]}),
]


OBJECTS = [
    *("{}", "{ }", '{"a":1}', '\n{ "a" : -0.5e-3 , "b" : [ ] , "c" : { } }'.strip(), r'{"é\"\u00e9":"}"}'),
    *('{"a":[1,{"b":[true,null]}]}', deep(5), '{"a":[[[[1]]]]}', '{"a":1,"a":2}'),
]
NO_OBJECTS = [
    *("{oops}", "{'a': 1}", "{a:1}", '{"a"}', '{"a":}', '{"a":1,}', '{"a":1 "b":2}', '{"a":None}', '{"a":NaN}'),
    *('{"a":01}', '{"a":"x}', '{"a":"\t"}', r'{"a":"\x"}', r'{"a":"\u12"}', '{"a":[1}}', '{"a":1}}', '{"a":1}{"b":2}'),
    *('[{"a":1}]', '"{}"', r"{\"a\":oops}", '{"a":1} x', "{", "}"),
]


@pytest.mark.parametrize("column", ["metadata", "properties"])
def test_only_what_is_a_json_object_passes_as_one(column: str) -> None:
    rule = f"{column}_not_an_object"
    for texts, expected in ((OBJECTS, set()), (NO_OBJECTS, {rule})):
        assert {text: outcome("raw", {column: text})[0] for text in texts} == dict.fromkeys(texts, expected)
        assert {text: outcome("stored", {column: text}) for text in texts} == dict.fromkeys(texts, (set(), expected))


@pytest.mark.parametrize("code", ["XXX", "XTS"])
def test_a_code_for_no_currency_and_one_for_tests_are_none(code: str) -> None:
    assert outcome("raw", {"currency": code})[0] == {"currency_not_iso_4217"}


def test_every_rule_is_drawn_here() -> None:
    assert {name for name, _, _ in CASES} == set(RULES)


@pytest.mark.parametrize("shape", ["raw", "stored"])
@pytest.mark.parametrize(("name", "broken", "kept"), CASES, ids=[name for name, _, _ in CASES])
def test_a_rule(name: str, broken: dict[str, str | None], kept: dict[str, str | None], shape: str) -> None:
    refused, noted = outcome(shape, broken)
    if RULES[name].outcome(shape) == "reject":
        assert name in refused
    else:
        assert (refused, name in noted) == (set(), True)
    refused, noted = outcome(shape, kept)
    assert name not in refused | noted


@pytest.mark.parametrize("shape", ["raw", "stored"])
def test_a_good_row_passes_unremarked(shape: str) -> None:
    assert outcome(shape, {}) == (set(), set())


ADDRESS, NUMBER = "external_id_is_address", "external_id_is_phone_number"
EXTERNAL_IDS = {
    "ann@shop.example": ADDRESS,
    "crm:ann%40shop.example": ADDRESS,
    "ann&#64;shop.example": ADDRESS,
    "+49 151 12345678": NUMBER,
    " +4915112345678": NUMBER,
    "whatsapp:+4915112345678": NUMBER,
    "tel:+4915112345678": NUMBER,
    "%2B4915112345678": NUMBER,
    "0049 30 901820": NUMBER,
    "4711@shop-a": None,
    "usr@": None,
    "+1": None,
    "0012345678": None,
    "4155552671": None,
    HASH: None,
    UUID.format(9): None,
}


@pytest.mark.parametrize("value", EXTERNAL_IDS)
def test_an_external_id_that_is_an_address_or_a_phone_number_is_dropped_and_told_and_the_audit_would_see_it(
    value: str,
) -> None:
    rule = EXTERNAL_IDS[value]
    result = judged("raw", {"external_id": value})
    told = result.findings.select("rule", "field_path", "severity").rows()
    assert told == ([(rule, "external_id", "error")] if rule else [])
    assert result.events["external_id"].to_list() == [None if rule else value]
    assert dict(still_found(result.events.lazy()).rows())["external_id"] == 0
    raw = result.events.with_columns(external_id=pl.lit(value))
    assert dict(still_found(raw.lazy()).rows())["external_id"] == (rule is not None)


@pytest.mark.parametrize(
    ("amount", "is_rounded"),
    [
        *(
            ("0.00005", True),
            ("12345e-6", True),
            ("1e-5", True),
            ("5E-5", True),
            ("1.5e-5", True),
            ("0.00012e+0", True),
        ),
        *(("12345e-4", False), ("1e5", False), ("1.2345e1", False), ("1000000e-6", False), ("1.50000", False)),
        *(
            ("0E-10", False),
            (" 1e-5 ", True),
            ("0.0000000", False),
            ("100", False),
            ("100e-2", False),
            ("0.5", False),
            ("-2.50", False),
        ),
    ],
)
def test_an_amount_that_is_rounded_is_told_however_it_is_written(amount: str, is_rounded: bool) -> None:
    assert ("amount_digits_inexact" in outcome("stored", {"amount": amount})[1]) == is_rounded


@pytest.mark.parametrize("name", ["ctaClick", "cta_click"])
def test_a_name_is_that_of_its_kind_of_event(name: str) -> None:
    row = {"source": "browser", "event_type": name, "event_name": "purchase"}
    assert ("name_not_snake_case" in outcome("stored", row)[1]) == (name == "ctaClick")


values = st.sampled_from([None, "", "x", "-1", "{}", "granted", "server", "2026-01-01", UUID.format(9), "1"])
rows = st.lists(
    st.fixed_dictionaries({name: st.just(value) | values for name, value in GOOD.items()}), min_size=1, max_size=8
)


@settings(max_examples=60)
@given(rows, st.sampled_from(["raw", "stored"]))
def test_every_row_is_accepted_or_explained_by_exactly_the_rules_it_breaks(
    drawn: list[dict[str, str | None]], shape: str
) -> None:
    result = judged(shape, *drawn)
    events, failing = result.events, result.failing
    assert sorted([*events["row_id"], *failing["row_id"]]) == [(7 << 36) + n for n in range(1, len(drawn) + 1)]
    Events.checked(events.lazy())
    expected = {
        (row, rule.name)
        for rule in rejecting_rules(shape)
        for row in failing.filter(rule.broken().fill_null(value=False))["row_id"]
    }
    told = (
        explain(failing, shape) if failing.height else pl.DataFrame(schema={"row_id": pl.UInt64, "reason": pl.String})
    )
    assert set(told.select("row_id", "reason").rows()) == expected
    assert {row for row, _ in expected} == set(failing["row_id"])
