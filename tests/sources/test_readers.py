"""The readers, format by format: what is read, what a broken piece costs, and that nothing is lost."""

import gzip
import json
import tempfile
import zlib
from pathlib import Path

import polars as pl
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from attribution.sources import blocks, json_layout, parquet, pieces
from attribution.sources.batch import BadRow
from attribution.sources.blocks import line_blocks
from attribution.sources.detect import SourceFile, detect
from attribution.sources.json_layout import Layout, as_object
from attribution.sources.read import read_batches
from tests.sources.reading import ROWS, read, read_whole

LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
HEADER = ("event_id", "site_id", "event_name", "source", "conversion_value", "conversion_currency", "metadata")


def delimited(delimiter: str, *, rows: int = 30) -> str:
    lines = [delimiter.join(HEADER)]
    lines += [
        delimiter.join([f"e{n}", "s", "purchase", "server", "1.50", "EUR", f'"{{""order_id"": ""o;,{n}""}}"'])
        for n in range(rows)
    ]
    return "\n".join(lines) + "\n"


PACKED = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "gzip, two members": lambda data: gzip.compress(data[:5000]) + gzip.compress(data[5000:]),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "zstd, two frames": lambda data: zstandard.compress(data[:5000]) + zstandard.compress(data[5000:]),
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "carriage returns": lambda data: data.replace(b"\n", b"\r\n"),
    "carriage returns alone": lambda data: data.replace(b"\n", b"\r"),
    "UTF-16, as PowerShell writes it": lambda data: data.replace(b"\n", b"\r\n").decode().encode("utf-16"),
    "an array in UTF-16": lambda data: (b"[" + data.strip().replace(b"\n", b",") + b"]").decode().encode("utf-16"),
    "empty lines": lambda data: data.replace(b"\n", b"\n\n"),
    "an array": lambda data: b"[" + data.strip().replace(b"\n", b",\n") + b"]",
}


@pytest.mark.parametrize("packing", PACKED)
def test_the_same_rows_are_read_however_they_are_packed(tmp_path: Path, packing: str) -> None:
    file, frame, bad = read(tmp_path, "no-telling-name", PACKED[packing](LINES))
    assert (file.kind, file.shape, bad) == ("events", "raw", [])
    assert frame["scan_session_id"].to_list() == [row["scan_session_id"] for row in ROWS]
    assert frame["amount"].to_list() == ["1.5"] * 200
    assert [json.loads(text)["order_id"] for text in frame["properties"]] == [
        row["properties"]["order_id"] for row in ROWS
    ]


TABLES = {
    "comma": delimited(",").encode(),
    "tab": delimited("\t").encode(),
    "semicolon, as Excel saves it": b"\xef\xbb\xbf" + delimited(";").replace("\n", "\r\n").encode(),
    "UTF-16, as Excel saves text": delimited("\t").encode("utf-16"),
    "UTF-16 of the other order": b"\xfe\xff" + delimited("\t").encode("utf-16-be"),
    "carriage returns, as Excel for Mac saves it": delimited(",").replace("\n", "\r").encode(),
    "two carriage returns and a line feed": delimited(",").replace("\n", "\r\r\n").encode(),
    "bar": delimited("|").encode(),
    "gzip": gzip.compress(delimited(",").encode()),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_delimited_file_is_read_whatever_divides_it(tmp_path: Path, table: str) -> None:
    file, frame, bad = read(tmp_path, "table", TABLES[table])
    assert (file.format, file.kind, file.shape, bad) == ("delimited", "events", "stored", [])
    assert frame["event_id"].to_list() == [f"e{n}" for n in range(30)]
    assert [json.loads(text)["order_id"] for text in frame["metadata"]] == [f"o;,{n}" for n in range(30)]


@pytest.mark.parametrize("table", TABLES)
def test_in_pieces_the_rows_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    file, frame, _ = read(tmp_path, "table", TABLES[table])
    for module in (blocks, pieces):
        monkeypatch.setattr(module, "READ", 100)
        monkeypatch.setattr(module, "BLOCK", 150)
    cut = [pl.concat([task().frame for task in pieces.read_piece(file, piece)]) for piece in pieces.pieces(file)]
    assert pl.concat(cut).equals(frame)
    assert (len(cut) > 1) == (table in {"comma", "tab", "semicolon, as Excel saves it", "bar"})


def test_windows_1252_is_read_as_such(tmp_path: Path) -> None:
    text = "qr_code_id,name,campaign\nA,Café,x\n"
    assert read(tmp_path, "codes.csv", text.encode("cp1252"))[1]["name"].to_list() == ["Café"]


def test_a_short_a_long_and_a_strayed_row_cost_themselves_only(tmp_path: Path) -> None:
    lines = delimited(",").splitlines()
    lines[3:3] = ["too,short", lines[1] + ",extra", 'stray"quote', "", '"open quote']
    _, frame, bad = read(tmp_path, "events.csv", "\n".join(lines).encode())
    assert frame["event_id"].to_list() == [f"e{n}" for n in range(30)]
    assert [row.row_number for row in bad] == [4, 5, 6, 8]
    assert frame["row_number"].to_list()[:4] == [2, 3, 9, 10]


def test_a_line_break_inside_quotes_is_part_of_the_value(tmp_path: Path) -> None:
    text = 'qr_code_id,name,campaign\nA,"two\nlines",x\nB,o\u2028ne,x\n'
    _, frame, bad = read(tmp_path, "codes.csv", text.encode())
    assert frame["name"].to_list() == ["two\nlines", "o\u2028ne"]
    assert (bad, frame["row_number"].to_list()) == ([], [2, 4])


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"])
def test_a_cut_archive_gives_every_line_before_the_cut(tmp_path: Path, pack) -> None:  # noqa: ANN001
    many = LINES * 400
    whole = pack(many)
    _, frame, bad = read(tmp_path, "cut", whole[: int(len(whole) * 0.7)])
    assert 0.3 < frame.height / 80_000 < 0.95
    assert frame["row_number"].to_list() == list(range(1, frame.height + 1))
    assert [(row.row_number, row.reason) for row in bad] == [(frame.height + 1, "unreadable_rest")]


def test_a_wrong_checksum_is_said_and_the_lines_are_read(tmp_path: Path) -> None:
    broken = bytearray(gzip.compress(LINES))
    broken[-6] ^= 0xFF
    _, frame, bad = read(tmp_path, "sum", bytes(broken))
    assert frame.height == 200
    assert [row.reason for row in bad] == ["unreadable_rest"]


def test_a_broken_byte_in_the_middle_keeps_what_is_before_it(tmp_path: Path) -> None:
    packer = zlib.compressobj(wbits=31)
    first, second = packer.compress(LINES) + packer.flush(zlib.Z_FULL_FLUSH), packer.compress(LINES) + packer.flush()
    _, frame, bad = read(tmp_path, "flip", first + b"\xff\xff\xff\xff" + second[4:])
    assert frame.height >= 200
    assert bad[-1].reason == "unreadable_rest"


def test_an_array_that_breaks_off_gives_its_whole_elements(tmp_path: Path) -> None:
    text = json.dumps(ROWS)
    _, frame, bad = read(tmp_path, "rows.json", text[:-40].encode())
    assert frame.height == 199
    assert [(row.row_number, row.reason) for row in bad] == [(200, "unreadable_rest")]


def test_a_line_beyond_all_size_is_skipped(tmp_path: Path) -> None:
    huge = b'{"event_id": "' + b"x" * 80_000_000 + b'"}\n'
    path = tmp_path / "huge"
    path.write_bytes(LINES + huge + LINES)
    problems = [(block.first_row, block.problem) for block in line_blocks(path) if block.problem]
    lines = sum(block.data.count(b"\n") for block in line_blocks(path))
    assert (problems, lines) == ([(201, "line_too_long")], 400)


def test_a_truncated_parquet_is_one_lost_row(tmp_path: Path) -> None:
    pl.DataFrame(ROWS).write_parquet(tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    path = tmp_path / "cut.parquet"
    path.write_bytes(whole[:-50])
    assert detect(path, tmp_path).kind == ""
    frame, bad = read_whole(SourceFile(path, "cut.parquet", "parquet", "events", "raw"))
    assert (frame.height, [row.reason for row in bad]) == (0, ["unreadable_rest"])


def test_rows_of_long_texts_are_handed_on_fewer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pl.DataFrame(
        {"event_id": [f"e{n}" for n in range(6000)], "metadata": ["x" * 500] * 3000 + ["y" * 1500] * 3000}
    )
    rows.write_parquet(tmp_path / "long.parquet", row_group_size=1000)
    file = SourceFile(tmp_path / "long.parquet", "long.parquet", "parquet", "events", "stored")
    assert parquet.rows_at_once(file.path, rows.height) == parquet.ROWS
    monkeypatch.setattr(parquet, "TEXT", 1_000_000)
    batches = [task().frame for task in read_batches(file)]
    assert [frame.height for frame in batches] == [995] * 6 + [30]
    assert pl.concat(batches)["row_number"].to_list() == [*range(1, 6001)]
    assert pl.concat(batches).select("event_id", "metadata").equals(rows)
    monkeypatch.setattr(pieces, "BATCHES", 2)
    cut = [[task().frame.height for task in pieces.read_piece(file, piece)] for piece in pieces.pieces(file)]
    assert cut == [[995, 995], [995, 995], [995, 995], [30]]


def test_what_cannot_be_read_of_a_long_parquet_costs_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    pl.DataFrame({"event_id": [f"e{n:05}" for n in range(5000)]}).write_parquet(
        path, row_group_size=1000, statistics=False
    )
    content = bytearray(path.read_bytes())
    content[50:60] = b"\xff" * 10
    path.write_bytes(content)
    frame, bad = read_whole(SourceFile(path, "broken.parquet", "parquet", "events", "stored"))
    assert frame["row_number"].to_list() == [*range(1001, 5001)]
    assert bad == [BadRow(number, "unreadable_rows") for number in range(1, 1001)]


def test_parquet_keeps_types_and_reads_nested_fields(tmp_path: Path) -> None:
    pl.DataFrame(ROWS).write_parquet(tmp_path / "rows.parquet")
    frame, bad = read_whole(detect(tmp_path / "rows.parquet", tmp_path))
    assert (frame.height, bad, frame.schema["amount"]) == (200, [], pl.Float64)
    assert frame["currency"].unique().to_list() == ["EUR"]


KINDS = {
    "scan_session_id,qr_code_id,scanned_at": "scans",
    "event_id,scan_session_id,qr_code_id,scanned_at": "scans",
    "qr_code_id,name,campaign,placement": "qr_codes",
    "campaign,date,amount,currency": "spend",
    "date,currency,rate": "fx",
    "event_id,site_id,event_type,scan_session_id": "events",
    "event_id,site_id,event_type,scan_session_id,scanned_at": "events",
    "event_id,event_name,conversion_value,currency,date,rate": "events",
    "article,price": "",
}


@pytest.mark.parametrize("columns", KINDS)
def test_a_kind_is_told_by_its_columns(tmp_path: Path, columns: str) -> None:
    (tmp_path / "x").write_text(columns + "\n")
    assert detect(tmp_path / "x", tmp_path).kind == KINDS[columns]


def test_a_kind_and_a_column_can_be_told_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "old_scans.txt").write_text("session,code,when\n1,A,2026-01-01\n")
    aliases = {"session": "scan_session_id", "code": "qr_code_id", "when": "scanned_at"}
    file = detect(tmp_path / "old_scans.txt", tmp_path, {"old_*": "scans"}, aliases)
    assert read_whole(file)[0].select("scan_session_id", "qr_code_id", "scanned_at").rows() == [
        ("1", "A", "2026-01-01")
    ]


WRONG = [
    (b'{"event_id": "x", ', "malformed_json", ""),
    (b"not json", "malformed_json", ""),
    (b'{"event_id": NaN}', "malformed_json", ""),
    (b"[1]", "malformed_json", ""),
    (b'"text"', "malformed_json", ""),
    (b"\xff\xfe", "malformed_json", ""),
    (b"[" * 100_000, "malformed_json", ""),
    (b'{"event_id": "x", "device": "phone"}', "wrong_kind", "device"),
    (b'{"event_id": "x", "user_identifiers": [1]}', "wrong_kind", "user_identifiers"),
    (b'{"event_id": "x", "site_id": {"a": 1}}', "wrong_kind", "site_id"),
]


@pytest.mark.parametrize(("line", "reason", "column"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_line_costs_that_line(tmp_path: Path, line: bytes, reason: str, column: str) -> None:
    _, frame, bad = read(tmp_path, "server.ndjson", LINES + line + b"\n" + LINES)
    assert frame.height == 400
    assert [(row.row_number, row.reason, row.column) for row in bad] == [(201, reason, column)]


def test_space_around_lines_and_empty_lines_change_nothing(tmp_path: Path) -> None:
    plain = [json.dumps(row) for row in ROWS[:5]]
    lines = [plain[0], f"  {plain[1]}", "", plain[2][:40], f"\t{plain[3]} \r", "  ", plain[4]]
    _, frame, bad = read(tmp_path, "server.ndjson", "\n".join(lines).encode())
    assert frame.select("row_number", "event_id").rows() == [(1, "e0"), (2, "e1"), (5, "e3"), (7, "e4")]
    assert bad == [BadRow(4, "malformed_json")]


def test_lines_are_decoded_in_stretches_to_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = LINES.decode().splitlines()
    layout = Layout.of([as_object(LINES.splitlines()[0])], SourceFile(Path("x"), "x", "ndjson", "events", "raw"))
    numbered = pl.DataFrame({"row_number": range(1, len(lines) + 1), "line": lines})
    whole = layout.read(numbered)
    monkeypatch.setattr(json_layout, "DECODED", 1000)
    assert layout.read(numbered).equals(whole)
    assert whole["event_id"].to_list() == [row["event_id"] for row in ROWS]


LINE_PIECES = st.lists(st.sampled_from([b"a", b'"', b"\n"]), min_size=10, max_size=40)


@given(LINE_PIECES, st.integers(1, 4), st.integers(1, 8), st.sampled_from(["", ","]))
def test_blocks_are_the_file_and_end_at_line_ends(pieces: list[bytes], size: int, block: int, delimiter: str) -> None:
    content = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as folder:
        patched.setattr(blocks, "READ", size)
        patched.setattr(blocks, "BLOCK", block)
        path = Path(folder) / "lines"
        path.write_bytes(content)
        cut = list(line_blocks(path, delimiter=delimiter))
    assert b"".join(part.data for part in cut) == content
    for part in cut:
        before = content[: part.start]
        assert content.startswith(part.data, part.start)
        assert part.first_row == before.count(b"\n") + 1
        assert before.endswith(b"\n") or not before


def test_a_bad_line_costs_no_other_line_of_a_large_block(tmp_path: Path) -> None:
    before, after = LINES * 40, LINES * 20
    wrong = b'{"event_id": "x", "site_id": {"a": 1}}\n\xff\n{"event_id": nope}\n'
    _, frame, bad = read(tmp_path, "server.ndjson", before + wrong + after)
    assert frame["row_number"].to_list() == [*range(1, 8001), *range(8004, 12_004)]
    assert frame.drop("row_number").equals(read(tmp_path, "good.ndjson", before + after)[1].drop("row_number"))
    assert [(row.row_number, row.reason) for row in bad] == [
        (8001, "wrong_kind"),
        (8002, "malformed_json"),
        (8003, "malformed_json"),
    ]
