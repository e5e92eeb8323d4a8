"""JSON rows: the same is read of a line at once or by itself, in an array or behind another one."""

import json
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.sources import ndjson
from attribution.sources.batch import BadRow
from attribution.sources.blocks import Block
from attribution.sources.detect import SourceFile
from attribution.sources.json_layout import Layout, as_object
from tests.sources.reading import ROWS, read

JOINED = {
    "[{1},{2}]\n[{3}]": (["e1", "e2", "e3"], []),
    "[{1}][{2}]\r\n \t[{3}]\n": (["e1", "e2", "e3"], []),
    "[]\n[{1}]\n[]\n[{2}]": (["e1", "e2"], []),
    "[{1}],\n\ufeff[{2}]": (["e1", "e2"], []),
    "[{1}]\n{2}\n{3}\n": (["e1", "e2", "e3"], []),
    "[{1}]\n[{2},": (["e1", "e2"], [BadRow(3, "unreadable_rest")]),
    "[{1}]\nmore [{2}]": (["e1"], [BadRow(2, "unreadable_rest")]),
    "[{1}]\n]": (["e1"], [BadRow(2, "unreadable_rest")]),
    "[{1}]\n[[{2}], {3}]": (["e1", "e3"], [BadRow(2, "malformed_json")]),
}


@pytest.mark.parametrize("text", JOINED)
def test_arrays_behind_each_other_are_read_to_the_end(tmp_path: Path, text: str) -> None:
    content = re.sub(r"\{(\d)\}", lambda place: json.dumps(ROWS[int(place[1])]), text)
    _, frame, bad = read(tmp_path, "rows.json", content.encode())
    assert (frame["event_id"].to_list(), bad) == JOINED[text]


@pytest.mark.parametrize("more", ["", "[]"], ids=["one array", "two"])
def test_an_element_is_read_as_a_line_is(tmp_path: Path, more: str) -> None:
    first = {**ROWS[0], "page_title": "cut \ud83d", "conversion_value": {"amount": float("nan"), "currency": "EUR"}}
    _, frame, bad = read(tmp_path, "rows.json", (json.dumps([first, ROWS[1]], indent=1) + more).encode())
    assert frame.select("page_title", "amount").rows() == [("cut \ufffd", None), (None, "1.5")]
    assert (bad, [json.loads(text)["order_id"] for text in frame["properties"]]) == ([], ["o,0", "o,1"])


OBJECTS = {
    '"metadata": {"b": 1.50, "a": "x, y: \\"z\\" }"}': '{"b":1.5,"a":"x, y: \\"z\\" }"}',
    '"metadata":{"a":"é\\u0041"}': '{"a":"éA"}',
    '"metadata": {"a": 1}, "consent": "granted"': '{"a":1}',
    '"metadata": {"a": {"b": [1, 2]}}': '{"a":{"b":[1,2]}}',
    '"metadata": {"a": [{"b": null}]}': '{"a":[{"b":null}]}',
    '"metadata": {}': None,
    '"metadata": { }': None,
    '"metadata": null': None,
    '"device": {"metadata": {"a": 1}}': None,
    '"device": {"metadata": {"a": 1}}, "metadata": {"b": 2}': '{"b":2}',
    '"page_title": "\\"metadata\\": {", "device": {"a": 1}': None,
    '"x, \\"metadata": {"a": 1}': None,
    '"page_title": "metadata", "metadata": {"a": "metadata"}': '{"a":"metadata"}',
    '"metadata": {"a": "}"} ': '{"a":"}"}',
    '"page_title": "é漢", "metadata": {"a": 1}': '{"a":1}',
    '"page_title": "é漢", "metadata":{}': None,
}


@pytest.mark.parametrize("fields", OBJECTS)
def test_a_free_object_is_found_wherever_it_stands(tmp_path: Path, fields: str) -> None:
    line = f'{{"event_id": "x", "site_id": "s", "event_type": "page_view", {fields}}}\n'
    head = b'{"event_id": "x", "site_id": "s", "event_type": "page_view", "metadata": {"n": 0}}\n'
    _, frame, bad = read(tmp_path, "browser.ndjson", head + line.encode())
    assert (bad, frame["metadata"].to_list()) == ([], ['{"n":0}', OBJECTS[fields]])


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.text(max_size=6)
    | st.decimals("-999", "999", places=2).map(float)
    | st.floats(allow_nan=False, allow_infinity=False)
)
free = st.dictionaries(
    st.text(max_size=4), st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5), max_size=3
)
records = st.fixed_dictionaries(
    {"event_id": scalars, "event_name": st.just("purchase")},
    optional={
        "site_id": scalars,
        "consent": st.text(max_size=4),
        "conversion_value": st.fixed_dictionaries({}, optional={"amount": scalars, "currency": st.text(max_size=3)}),
        "metadata": free,
        "properties": free,
        "unknown": free,
    },
)


@settings(max_examples=150)
@given(st.lists(records, min_size=1, max_size=6))
def test_reading_a_block_at_once_and_line_by_line_give_the_same(rows: list[dict[str, object]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in rows]
    layout = Layout.of(map(as_object, lines), SourceFile(Path("x"), "x", "ndjson", "events", "raw"))
    at_once = ndjson.parse(Block(1, b"\n".join(lines)), layout)
    with_a_bad_line = ndjson.parse(Block(1, b"\n".join([*lines, b'{"event_id": nope}'])), layout)
    assert len(with_a_bad_line.bad) == 1
    json_columns = ["metadata", "properties"]
    flat = [batch.frame.drop(json_columns) for batch in (at_once, with_a_bad_line)]
    assert flat[0].equals(flat[1])
    for name in json_columns:
        texts = [batch.frame[name].to_list() for batch in (at_once, with_a_bad_line)]
        assert [text and json.loads(text) for text in texts[0]] == [text and json.loads(text) for text in texts[1]]


BESIDE = pytest.mark.parametrize("beside", ["", "{broken}\n"], ids=["alone", "beside a broken line"])


def twice(folder: Path, fields: str, beside: str) -> pl.DataFrame:
    """The two rows of a line with these fields, before and behind another line."""
    line = f'{{"event_id": "x", "site_id": "s", "event_type": "page_view", {fields}}}\n'
    _, frame, bad = read(folder, "browser.ndjson", (line + beside + line).encode())
    assert len(bad) == bool(beside)
    return frame


CUT = {
    '"consent": "cut \\ud83d", "metadata": {"test": true}': ("cut \ufffd", {"test": True}),
    '"consent": "\\ude00", "metadata": {"test": true}': ("\ufffd", {"test": True}),
    '"consent": "\\ud83d\\ude00", "metadata": {"test": true}': ("\U0001f600", {"test": True}),
    '"metadata": {"note": "cut \\ud83d", "test": true}': (None, {"note": "cut \ufffd", "test": True}),
    '"metadata": {"a": ["\\ud83d"]}, "consent": "granted"': ("granted", {"a": ["\ufffd"]}),
}


@pytest.mark.parametrize("fields", CUT)
@BESIDE
def test_a_text_cut_inside_an_emoji_costs_that_character_only(tmp_path: Path, fields: str, beside: str) -> None:
    frame = twice(tmp_path, fields, beside)
    assert [(row["consent"], json.loads(row["metadata"])) for row in frame.to_dicts()] == [CUT[fields]] * 2


TWINS = {
    '"consent": "first", "consent": "last"': ("first", None, None),
    '"consent": null, "consent": "last"': (None, None, None),
    '"consent": "first", "consent": {"a": 1}': ("first", None, None),
    '"device": {"language": "first", "language": "last"}': (None, "first", None),
    '"device": {"language": "first"}, "device": {"language": "last", "screen_width": 1}': (None, "first", None),
    '"device": null, "device": {"language": "last"}': (None, None, None),
    '"device": {"language": "first", "language": [1]}': (None, "first", None),
    '"metadata": {"a": 1, "b": [{"c": 2, "c": 3}], "a": 4}': (None, None, '{"a":4,"b":[{"c":3}]}'),
    '"metadata": {"a": 1}, "metadata": {"a": 2}': (None, None, '{"a":2}'),
    '"metadata": {"a": 1}, "metadata": {}': (None, None, None),
    '"metadata": {"a": 1}, "metadata": null': (None, None, None),
    '"metadata": {}, "metadata": {"a": "cut \\ud83d", "a": "\\ud83d"}': (None, None, '{"a":"\ufffd"}'),
    '"other": {"a": 1, "a": 2}': (None, None, None),
}


@pytest.mark.parametrize("fields", TWINS)
@BESIDE
def test_of_a_key_that_comes_twice_the_same_value_counts_everywhere(tmp_path: Path, fields: str, beside: str) -> None:
    frame = twice(tmp_path, fields, beside)
    assert frame.select("consent", "language", "metadata").rows() == [TWINS[fields]] * 2


def test_a_key_that_comes_twice_beside_very_deep_metadata_costs_nothing(tmp_path: Path) -> None:
    deep = '{"a":' * 700 + "1" + "}" * 700
    line = f'{{"event_id": "a", "event_id": "b", "site_id": "s", "event_type": "click", "metadata": {deep}}}'
    wrong = '{"event_id": "c", "site_id": {"x": 1}, "event_type": "click", "metadata": {}}'
    _, frame, bad = read(tmp_path, "events.ndjson", f"{wrong}\n{line}\n".encode())
    assert (frame["row_number"].to_list(), [row.reason for row in bad]) == ([2], ["wrong_kind"])


@pytest.mark.parametrize(("more", "kept"), [('"t": "NaN pool"', "NaN pool"), ('"t": NaN', "null")])
def test_a_number_that_is_none_is_null_behind_another_array_and_a_word_is_a_word(
    tmp_path: Path, more: str, kept: str
) -> None:
    element = f'{{"event_id": "a", "site_id": "s", "event_name": "p", "metadata": {{{more}}}}}'
    _, frame, bad = read(tmp_path, "events.json", f"[{element}]\n[{element}]".encode())
    assert (frame.height, bad) == (2, [])
    assert [kept in text for text in frame["metadata"]] == [True, True]
