"""What holds for every text: once inspected it is clean, the cheap look misses nothing, and nothing of a value is left."""

import json
from collections.abc import Callable
from random import Random
from time import process_time
from urllib.parse import quote, quote_plus
from uuid import UUID

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.privacy import Inspection, Options, inspect_json, inspect_text, inspect_url, suspect
from tests.privacy.test_corpus import CORPUS, INSPECT

PIECES = [line.text for line in CORPUS] + [" ", "?a=", "&", "%20", "=", ",", "\n", "+", "00", "x", "at", "phone "]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=4).map("".join)
MANY = settings(max_examples=300)
KEYS = ["note", "phone1", "tel_1", "phoneNumberBilling", "phone (day), 2nd", 'phone "b" 1', "homeCell", "card", "ip"]
BEFORE = ["", "Ring\n", "x\r\n", "\t", "\u00a0", "€", "📞 ", "to:", " " * 30]
"""What a piece may stand behind: in an escaped or encoded text its last character is a letter or a digit."""
SPELLINGS: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "text": ("text", lambda _, text: text),
    "json": ("json", lambda key, text: json.dumps({key: text})),
    "json as it is": ("json", lambda key, text: json.dumps({key: text}, ensure_ascii=False)),
    "json with escaped strokes": ("json", lambda key, text: json.dumps({key: text}).replace("/", "\\/")),
    "number": ("json", lambda key, text: f'{{"{key}":{text}}}' if text.isdecimal() else "{}"),
    "list": ("json", lambda key, text: json.dumps({key: ["n/a", {"x": 1}, text]})),
    "json in json": ("json", lambda key, text: json.dumps({"raw": json.dumps({key: ["n/a", text]}, indent=1)})),
    "url in json": ("json", lambda key, text: json.dumps({"u": f"https://x.example/?{quote(key)}={quote(text)}"})),
    "parameter": ("url", lambda key, text: f"https://x.example/a?{quote(key)}={quote(text)}&z=1"),
    "form": ("url", lambda key, text: f"https://x.example/a?{quote_plus(key)}={quote_plus(text)}"),
    "encoded twice": ("url", lambda key, text: f"https://x.example/a?{key}={quote(quote(text))}"),
    "path": ("url", lambda _, text: f"https://x.example/a/{quote(text, safe='')}"),
}
"""How a text comes to us: kind, and the spelling of the text under a key."""


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_cheap_look_misses_no_piece_however_it_is_spelled_and_whatever_it_stands_under(spelling: str) -> None:
    kind, spelled = SPELLINGS[spelling]
    pieces = {line.text for line in CORPUS if line.expected != "none"} | {"４１５５５５２６７１", "٤١٥٥٥٥٢٦٧١"}
    pieces |= {piece.replace(" ", "\u00a0") for piece in pieces} | {piece.replace("-", "/") for piece in pieces}
    written = {before + piece + after for piece in pieces for before in BEFORE for after in ("", "%0A", " %20")}
    texts = pl.Series([spelled(key, text) for text in written for key in KEYS])
    passed = texts.filter(~texts.to_frame("text").select(suspect(pl.col("text"), kind)).to_series())  # type: ignore[arg-type]
    assert [text for text in passed if INSPECT[kind](text, "field").hits] == []


@given(TEXTS, st.sampled_from(sorted(SPELLINGS)), st.sampled_from(KEYS))
@MANY
def test_the_cheap_look_misses_nothing_in_any_spelling(text: str, spelling: str, key: str) -> None:
    kind, spelled = SPELLINGS[spelling]
    written = spelled(key, text)
    if INSPECT[kind](written, "field").hits:
        assert pl.DataFrame({"text": [written]}).select(suspect(pl.col("text"), kind)).item()  # type: ignore[arg-type]


@given(TEXTS, st.sampled_from(sorted(INSPECT)))
@MANY
def test_the_cheap_look_misses_nothing_and_a_text_without_a_find_is_unchanged(text: str, kind: str) -> None:
    seen = INSPECT[kind](text, "field")
    if seen.hits:
        assert pl.DataFrame({"text": [text]}).select(suspect(pl.col("text"), kind)).item()  # type: ignore[arg-type]
    else:
        assert seen.redacted == text


@given(TEXTS)
@MANY
def test_redacted_json_is_json_and_clean(text: str) -> None:
    seen = inspect_json(json.dumps({"a": [text, {"b": text}], text: 1}), "field")
    assert json.loads(seen.redacted)
    assert inspect_json(seen.redacted, "field").hits == ()


@pytest.mark.parametrize("line", [line for line in CORPUS if line.expected != "none"], ids=lambda line: line.text[:40])
def test_a_second_look_finds_nothing(line) -> None:  # noqa: ANN001
    inspect = INSPECT[line.kind]
    assert inspect(inspect(line.text, "field").redacted, "field").hits == ()


@given(
    st.from_regex(r"[a-z]{3,12}\.[a-z]{3,9}", fullmatch=True), st.sampled_from(["{}", "a {} b", "x={}&y=1", "<{}>;{}"])
)
@MANY
def test_nothing_of_a_planted_address_remains(local: str, around: str) -> None:
    address = f"{local}@example.org"
    for encoded in (address, address.replace("@", "%40"), address.replace("@", "%2540"), address.upper()):
        text = around.replace("{}", encoded)
        for seen in (
            inspect_text(text, "f"),
            inspect_url(f"https://x.example/?{text}", "f"),
            inspect_json(json.dumps({"k": text}), "f"),
        ):
            assert local not in seen.redacted.lower()
            assert local not in repr(seen.hits)


@pytest.mark.parametrize("value", ["%2B49+151+12345678", "+49+151+12345678", "%2B4915112345678", "0151+12345678"])
def test_of_a_number_that_a_form_sent_only_the_value_is_lost(value: str) -> None:
    url = "https://x.example/sale?utm_source=qr&tel={}&q=a+b#top"
    assert inspect_url(url.format(value), "f").redacted == url.format("[redacted:phone_number]")


def test_numbers_stay_as_they_were_written_beside_a_find() -> None:
    text = '{"a":1.50,"b":1e3,"c":12345678901234567890.10,"d":true,"e":null,"m":"ann@example.org"}'
    assert inspect_json(text, "f").redacted == text.replace("ann@example.org", "[redacted:email_address]")


def test_half_a_character_beside_a_find_stays_as_it_was_written() -> None:
    seen = inspect_json(r'{"a":"\ud83d","b":"ann@example.org","\udc00":1}', "f")
    assert seen.redacted == r'{"a":"\ud83d","b":"[redacted:email_address]","\udc00":1}'
    assert seen.redacted.encode()


def test_a_place_in_a_text_that_is_json_itself_is_told_and_that_text_stays_json() -> None:
    seen = inspect_json(json.dumps({"raw": json.dumps({"to": ["x", {"phone": 4155552671, "n": 1.50}]})}), "metadata")
    assert [hit.field_path for hit in seen.hits] == ["metadata.raw.to[1].phone"]
    assert json.loads(json.loads(seen.redacted)["raw"]) == {"to": ["x", {"phone": "[redacted:phone_number]", "n": 1.5}]}


def test_an_upper_case_hash_is_kept_in_lower_case() -> None:
    digest = "b94d27b9934d3e08a52e52d7da7dabfac484efe04294e576fc583c381f2d9c5d"
    seen = inspect_json(json.dumps({"email_hash": digest.upper()}), "f")
    assert json.loads(seen.redacted) == {"email_hash": digest}
    assert [hit.severity for hit in seen.hits] == ["info"]


def test_a_place_is_told_and_a_key_that_is_personal_is_not() -> None:
    seen = inspect_json('{"a":{"b":["x","bob@example.org"]},"ann@example.org":{"c":"+14155552671"}}', "metadata")
    assert [hit.field_path for hit in seen.hits] == [
        "metadata.a.b[1]",
        "metadata.[redacted-key]",
        "metadata.[redacted-key].c",
    ]


@pytest.mark.parametrize(
    "spellings",
    [
        ("ann@example.org", "ANN@example.org", "ann%40example.org", "ann＠example.org"),
        ("+14155552671", "+1 (415) 555-2671", "(415) 555-2671", "001 415 555 2671"),
        ("4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"),
        ("8.8.8.8", "::ffff:8.8.8.8", "::ffff:808:808"),
    ],
)
def test_one_value_in_several_spellings_has_one_fingerprint_and_another_under_another_key(
    spellings: tuple[str, ...],
) -> None:
    def prints(key: bytes) -> set[str | None]:
        options = Options(fingerprint_key=key)
        return {hit.fingerprint for text in spellings for hit in inspect_text(text, "f", options=options).hits}

    one, other = prints(b"one"), prints(b"other")
    assert len(one) == len(other) == 1
    assert one != other
    assert prints(b"") != {None}
    assert {hit.fingerprint for hit in inspect_text(spellings[0], "f").hits} == {None}


def test_regions_are_chosen() -> None:
    assert inspect_text("020 7946 0018", "f", options=Options(phone_regions=("GB",))).hits
    assert not inspect_text("020 7946 0018", "f", options=Options(phone_regions=("US",))).hits


def test_ids_prices_times_and_digests_are_no_phone_numbers() -> None:
    random = Random(7)  # noqa: S311 - a seed, no secret
    texts = [text for _ in range(20_000) for text in ordinary(random)]
    kept = pl.DataFrame({"text": texts}).filter(suspect(pl.col("text"), "text"))["text"].to_list()
    wrong = [hit.rule for text in kept for hit in inspect_text(text, "f").hits if hit.rule == "phone_number"]
    assert len(texts) == 200_000
    assert wrong == []


def ordinary(random: Random) -> list[str]:
    """Ten texts that are no person's: order ids, prices, times, UUIDs, digests, dates, article numbers."""
    seconds, cents = random.randrange(1_400_000_000, 1_900_000_000), random.randrange(10_000_000)
    day = f"{random.randrange(2015, 2030)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
    return [
        f"ord_{random.randrange(10**9)}",
        f"ORD-{random.randrange(2015, 2030)}-{random.randrange(10**6):06}",
        f"{random.randrange(10**6, 10**10)}",
        f"{random.randrange(1000):03}-{random.randrange(10**7):07}-{random.randrange(10**7):07}",
        f"{cents // 100:,}.{cents % 100:02}",
        str(seconds * 10 ** random.choice((0, 3, 6))),
        f"{day} {random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}",
        str(UUID(int=random.getrandbits(128))),
        f"{random.getrandbits(256):064x}",
        f"{random.randrange(10**12, 10**13)}",
    ]


HOSTILE = {
    "letters": "a" * 100_000,
    "digits": "1" * 100_000,
    "dots": "a." * 50_000,
    "signs": "@" * 100_000,
    "plus": "+1" * 50_000,
    "spaced digits": "1 " * 50_000,
    "encoded": "%40" * 30_000,
    "at": "(at)" * 25_000,
    "almost": "a@a." * 25_000,
    "deep": "[" * 10_000 + "]" * 10_000,
    "phone": "phone " * 15_000,
    "colons": ":" * 100_000,
    "parameters": "?a=b@c.de" * 10_000,
    "encoded thrice": "%252540" * 15_000,
    "quotes": '"@' * 50_000,
    "escaped": '\\"' * 50_000,
    "nested texts": '"[' * 50_000,
    "dotted domain": "a@" + "a." * 50_000,
    "endings": "a@b" + ".Then" * 20_000,
    "users": "://a@b.cc" * 11_000,
    "telling": "phone 1 (2) " * 8_000,
    "entities": "&#0000064;" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_take_time_in_proportion_to_their_length(text: str) -> None:
    for inspect in (inspect_text, inspect_url, inspect_json):
        short, whole = (seconds(inspect, part) for part in (text[: len(text) // 8], text))
        assert whole < 0.05 + 8 * short * 3


def seconds(inspect: Callable[..., Inspection], text: str) -> float:
    """The least processor time of two looks."""
    taken = []
    for _ in range(2):
        began = process_time()
        assert isinstance(inspect(text, "f").redacted, str)
        taken.append(process_time() - began)
    return min(taken)
