"""A file is told by the first line that can be read: what comes before costs itself only."""

import json
from pathlib import Path

import pytest

from attribution.sources.batch import BadRow
from attribution.sources.detect import detect
from tests.sources.reading import read, read_whole

ROW = {"event_id": "e", "site_id": "s", "event_name": "purchase", "source": "server", "metadata": '{"a": "b"}'}
LINE = json.dumps(ROW)
LONG = json.dumps({**ROW, "metadata": json.dumps({"a": "x" * 70_000})})
CSV = "event_id;site_id;event_name;source\ne;s;purchase;server\n"


def lost_line(number: int) -> BadRow:
    return BadRow(number, "malformed_json")


CUT = lost_line(1)

FILES = {
    "a long first line": (f"{LONG}\n{LINE}\n", "ndjson", [1, 2], []),
    "a first line that is cut": (f"{LINE[30:]}\n{LINE}\n", "ndjson", [2], [CUT]),
    "a long one that is cut": (f"{LONG[30:]}\n{LINE}\n", "ndjson", [2], [CUT]),
    "many that are cut at their ends": (
        f"{LINE[:30]}\n" * 3 + f"{LINE}\n",
        "ndjson",
        [4],
        [*map(lost_line, (1, 2, 3))],
    ),
    "others before most": (f"begun\n\nby hand\n{LINE}\n{LINE}\n{LINE}\n", "ndjson", [4, 5, 6], [CUT, lost_line(3)]),
    "zeros before the first line": ("\0" * 99_000 + f"{LINE}\n{LINE}\n", "ndjson", [2], [CUT]),
    "a long first element": (f"[{LONG},{LINE}]", "json_array", [1, 2], []),
    "a declared delimiter": (f"sep=;\n{CSV}", "delimited", [3], []),
    "one that is never used elsewhere": ("sep=^\r\n" + CSV.replace(";", "^"), "delimited", [3], []),
    "blank lines": (f"\n\r\n;;;\n{CSV}", "delimited", [5], []),
    "a zero in a value": (f"{CSV}\0e;s;purchase;server\n{CSV.splitlines()[1]}\n", "delimited", [2, 3, 4], []),
    "a long header": (
        CSV.replace("source", "source;" + "x" * 70_000).replace("server", "server;"),
        "delimited",
        [2],
        [],
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_what_stands_first_hides_no_rows(tmp_path: Path, case: str) -> None:
    text, shape, numbers, lost = FILES[case]
    file, frame, bad = read(tmp_path, "events", text.encode())
    assert (file.kind, file.format, file.shape, bad) == ("events", shape, "stored", lost)
    assert frame["row_number"].to_list() == numbers
    assert frame["event_name"].to_list() == ["purchase"] * len(numbers)


OTHERS = {
    "a document with an example": f"# Exports\n\nA line looks like this:\n\n{LINE}\n",
    "a list in an object": '{"events":[\n' + f"{LINE},\n" * 9 + f"{LINE}\n]}}\n",
    "a list without its ends": f"{LINE},\n" * 3 + f"{LINE}\n",
    "an archive of lines": "a.ndjson\0\0\0644\0ustar\0" + f"{LINE}\n{LINE}\n",
    "a picture": "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_holds_a_line_of_events_somewhere_is_no_file_of_events(tmp_path: Path, case: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(OTHERS[case].encode("latin-1"))
    assert detect(path, tmp_path).kind == ""


def test_a_delimiter_that_no_reader_takes_is_none(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("sep=§\nqr_code_id§name\nq1§n\n", "utf-8")
    assert detect(tmp_path / "codes.csv", tmp_path).kind == ""


def test_escaped_objects_are_told_by_a_long_first_line(tmp_path: Path) -> None:
    _, frame, _ = read(tmp_path, "events", f"{LONG}\n{LINE}\n".encode())
    assert [len(text) for text in frame["metadata"]] == [70_009, 10]


@pytest.mark.parametrize(
    ("content", "is_called"),
    [
        (b"PK\x03\x04\0\0\0\0", "zip"),
        (b"PK\x03\x04 no zero", "zip"),
        (b"PK\0\0\0", "unknown"),
        (CSV.encode("utf-16-le"), "unknown"),
        (b"\0" * 100, "unknown"),
    ],
)
def test_what_is_no_text_is_read_by_nobody(tmp_path: Path, content: bytes, is_called: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert (detect(path, tmp_path).format, detect(path, tmp_path).kind) == (is_called, "")


def test_a_header_that_cannot_be_read_has_no_names(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"scan_session_id,qr\r_code_id,scanned_at\na,q,t\n")
    assert (detect(path, tmp_path).format, detect(path, tmp_path).kind) == ("delimited", "")
    frame, bad = read_whole(detect(path, tmp_path, {"x.csv": "scans"}))
    assert (frame.height, bad) == (0, [BadRow(2, "field_count")])
