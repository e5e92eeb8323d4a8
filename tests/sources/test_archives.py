"""Archives of several members: all of them are read."""

import gzip
from pathlib import Path

import pytest

from attribution.sources import blocks
from attribution.sources.blocks import decompressed


@pytest.mark.parametrize("ends_at", [640, 650, 1280, 6400])
def test_zeros_after_a_member_end_no_archive_however_far_they_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_at: int
) -> None:
    monkeypatch.setattr(blocks, "READ", 64)
    path = tmp_path / "events.ndjson.gz"
    padded = gzip.compress(b"first\n").ljust(ends_at, b"\0")
    path.write_bytes(padded + gzip.compress(b"second\n") + b"\0" * 640)
    assert b"".join(decompressed(path)) == b"first\nsecond\n"
