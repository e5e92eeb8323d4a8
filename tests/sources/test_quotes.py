"""Blocks of a delimited file end where its rows end, whatever quotes and line breaks stand in the values."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.sources import blocks, quotes
from attribution.sources.blocks import line_blocks
from attribution.sources.quotes import last_line_end
from tests.sources.reading import read


def written(values: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


well_written = st.lists(st.text('a",\n', max_size=5), min_size=2, max_size=3).map(written)
with_a_stray_quote = st.sampled_from(['5" tv,x\n', 'x,27"\n', '27",x\n', 'a"""b,x\n'])


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(well_written | with_a_stray_quote, min_size=4, max_size=20), st.integers(1, 8), st.integers(1, 30))
def test_no_block_ends_inside_a_row(rows: list[str], size: int, block: int) -> None:
    content = "".join(rows)
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as folder:
        patched.setattr(blocks, "READ", size)
        patched.setattr(blocks, "BLOCK", block)
        path = Path(folder) / "rows"
        path.write_text(content, newline="")
        cut = [part.data.decode() for part in line_blocks(path, delimiter=",")]
    assert [row for part in cut for row in parsed(part)] == parsed(content)


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ('a,b\n"two\nli', "a,b\n"),
        ('a,b\n"two\nlines",x\nc', 'a,b\n"two\nlines",x\n'),
        ('a,b\n"two\nlines","and\nmore', "a,b\n"),
        ('5" tv,b\n"two\nli', '5" tv,b\n'),
        ('"one\nrow', ""),
    ],
)
def test_a_line_in_an_open_quote_ends_no_row(data: str, kept: str) -> None:
    assert data[: last_line_end(data.encode(), b",")] == kept


def test_a_quote_that_nothing_closes_holds_no_more_lines_than_a_row_may_have() -> None:
    lines = b"a,b\n" * (quotes.MAX_RECORD_LINES + 1)
    assert last_line_end(b'a,"b\n' + lines, b",") == len(b'a,"b\n' + lines)


def test_a_stray_quote_costs_no_row_of_several_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "READ", 100)
    monkeypatch.setattr(blocks, "BLOCK", 1_000)
    rows = ['e,s,page_view,5" tv\n', *(f'e{n},s,page_view,"first\nsecond ""{n}"""\n' for n in range(300))]
    text = "event_id,site_id,event_type,page_title\n" + "".join(rows)
    _, frame, bad = read(tmp_path, "events.csv", text.encode())
    assert (frame["event_id"].to_list(), bad) == (["e", *(f"e{n}" for n in range(300))], [])


def test_a_long_value_is_read_beside_a_row_of_several_lines(tmp_path: Path) -> None:
    text = f'qr_code_id,name,campaign\nA,{"x" * 140_000},c\nB,"two\nlines",c\n'
    _, frame, bad = read(tmp_path, "codes.csv", text.encode())
    assert ([len(name) for name in frame["name"]], bad) == ([140_000, 9], [])
