"""JSON text that a reader would stumble over: halves of surrogate pairs."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.json_text import all_mended, mended

HALVES = {
    r"cut \ud83d": r"cut \ufffd",
    r"cut \uD83D": r"cut \ufffd",
    r"\ude00 cut": r"\ufffd cut",
    r"\ud83d\ude00": r"\ud83d\ude00",
    r"\uD83D\uDE00": r"\uD83D\uDE00",
    r"\ud83d\ud83d\ude00\ude00": r"\ufffd\ud83d\ude00\ufffd",
    r"\ud83d \ude00": r"\ufffd \ufffd",
    r"\\ud83d": r"\\ud83d",
    r"\\\ud83d": r"\\\ufffd",
    r"\\ud83d\ude00": r"\\ud83d\ufffd",
    r"\ud83d\\ude00": r"\ufffd\\ude00",
    r"\u00e9\n": r"\u00e9\n",
}


@pytest.mark.parametrize("text", HALVES)
def test_half_a_pair_becomes_a_replacement_character(text: str) -> None:
    assert mended(text) == HALVES[text]
    assert all_mended(pl.Series([None, "x", text, r"\ud83d"])).to_list() == [None, "x", HALVES[text], r"\ufffd"]


@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("\ud83d\ude00\\u")))
def test_mended_text_can_be_written_and_what_was_whole_stays(text: str) -> None:
    written = json.dumps(text)
    read = json.loads(mended(written))
    assert read == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert all_mended(pl.Series([written])).to_list() == [mended(written)]
