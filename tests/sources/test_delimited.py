"""Lines of delimited files: blank ones are no rows, and a broken one does not change what stands in others."""

from pathlib import Path

import pytest

from attribution.sources import blocks
from tests.sources.reading import read

HEAD = b"scan_session_id,qr_code_id,scanned_at\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([b"a,q,t", b"b,q,t", b""], [2, 3]),
        ([b"a,q,t", b"", b"b,q,t", b"", b""], [2, 4]),
        ([b"", b"a,q,t"], [3]),
        ([b"a,q,t", b"", b"only", b"b,q,t"], [2, 5]),
    ],
)
def test_a_blank_line_is_no_row(tmp_path: Path, rows: list[bytes], numbers: list[int], end: bytes) -> None:
    content = HEAD.strip() + end + end.join(rows) + end
    _, frame, bad = read(tmp_path, "scans.csv", content)
    assert frame["row_number"].to_list() == numbers
    assert [row.reason for row in bad] == ["field_count"] * (b"only" in rows)


def test_a_byte_that_is_no_utf_8_changes_its_own_line_only(tmp_path: Path) -> None:
    rows = "a,Frühling,t\n".encode() + b"b,Caf\xe9,t\n" + "c,Köln,t\n".encode()
    _, frame, bad = read(tmp_path, "scans.csv", HEAD + rows)
    assert (frame["qr_code_id"].to_list(), bad) == (["Frühling", "Café", "Köln"], [])


@pytest.mark.parametrize("title", ['27" monitor', '"monitor'])
def test_a_quote_that_opens_nothing_costs_no_other_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    monkeypatch.setattr(blocks, "READ", 100)
    monkeypatch.setattr(blocks, "BLOCK", 3_000)
    monkeypatch.setattr(blocks, "MAX_LINE", 2_000)
    rows = [f"e{number:03}\ts\tpage_view\t{title if number == 150 else 'shop'}" for number in range(600)]
    _, frame, bad = read(
        tmp_path, "events.tsv", "\n".join(["event_id\tsite_id\tevent_type\tpage_title", *rows]).encode()
    )
    lost = [] if title.startswith("2") else ["e150"]
    assert sorted({f"e{number:03}" for number in range(600)} - {*frame["event_id"]}) == lost
    assert len(bad) == len(lost)
