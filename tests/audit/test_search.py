"""Whether a file holds an id, whatever the file's format: what an erasure is verified by."""

import bz2
import gzip
import lzma
import zipfile
from pathlib import Path
from uuid import UUID

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution.engines.search import CHUNK, files_that_hold

HASH = "b94d27b9934d3e08a52e52d7da7dabfac484efe04294e576fc583c381f2d9c5d"


def test_an_id_is_found_in_any_format_and_letter_case(tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(f"a,b\n1,{HASH.upper()}\n")
    (tmp_path / "excel.csv").write_text(f"a;b\n1;{HASH}\n", "utf-16")
    (tmp_path / "packed.gz").write_bytes(gzip.compress(b"x" * (1 << 16) + HASH.encode()))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"nothing")[:-4])
    pl.DataFrame({"n": [1], "text": [f"x{HASH}y"]}).write_parquet(tmp_path / "table.parquet")
    pl.DataFrame({"n": [1]}).write_parquet(tmp_path / "numbers.parquet")
    pl.DataFrame({"a": [{"until": 3_000_000}]}, schema={"a": pl.Struct({"until": pl.Int32})}).cast(
        {"a": pl.Struct({"until": pl.Date})}
    ).write_parquet(tmp_path / "unreadable.parquet")
    nested = {
        "object": pa.array([{"a": {"b": [f"x{HASH.upper()}"]}}]),
        "map": pa.array([[(HASH, 1)]], pa.map_(pa.string(), pa.int64())),
        "dictionary": pa.array([HASH]).dictionary_encode(),
        "bytes": pa.array([HASH.encode()]),
        "nothing": pa.array([{"a": [b"x", None], "b": 1.5}]),
    }
    for name, column in nested.items():
        pq.write_table(pa.table({"column": column}), tmp_path / f"{name}.parquet")
    (tmp_path / "map.parquet.gz").write_bytes(gzip.compress((tmp_path / "map.parquet").read_bytes()))
    (tmp_path / "numbers.parquet.gz").write_bytes(gzip.compress((tmp_path / "numbers.parquet").read_bytes()))
    packed = gzip.compress((tmp_path / "table.parquet").read_bytes())
    (tmp_path / "table.parquet.gz").write_bytes(packed)
    (tmp_path / "cut.parquet.gz").write_bytes(packed[:-9])
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "numbers.parquet").read_bytes()[:-9])
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("sheet.xml", "x" * 999 + HASH.upper())
    (tmp_path / "cut.zip").write_bytes((tmp_path / "book.xlsx").read_bytes()[:-9])
    found = files_that_hold(tmp_path, HASH)
    assert found == [
        "book.xlsx",
        "bytes.parquet",
        "cut.gz",
        "cut.parquet",
        "cut.parquet.gz",
        "cut.zip",
        "dictionary.parquet",
        "excel.csv",
        "map.parquet",
        "map.parquet.gz",
        "object.parquet",
        "packed.gz",
        "plain.csv",
        "table.parquet",
        "table.parquet.gz",
        "unreadable.parquet",
    ]


def test_a_uuid_is_found_where_it_is_sixteen_bytes(tmp_path: Path) -> None:
    visitor = UUID("aaaaaaaa-0000-4000-8000-000000000001")
    pq.write_table(pa.table({"id": pa.array([visitor.bytes], pa.binary(16))}), tmp_path / "binary.parquet")
    assert files_that_hold(tmp_path, str(visitor)) == ["binary.parquet"]


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (HASH.upper().encode("utf-16"), True),
        (gzip.compress(b"nothing"), True),
        (b"PAR1 a table", True),
        (b"PK\x03\x04 another archive", True),
        (bz2.compress(b"nothing"), True),
        (lzma.compress(b"nothing"), True),
        (b"x" * (CHUNK - 9) + HASH.encode(), True),
        (b"nothing", False),
    ],
    ids=["utf-16", "packed", "table", "archive", "bzip2", "xz", "long text", "text"],
)
def test_a_zip_archive_counts_where_it_holds_the_id_or_what_is_not_opened(
    tmp_path: Path, content: bytes, counts: bool
) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
        archive.writestr("member", content)
    assert files_that_hold(tmp_path, HASH) == (["export.zip"] if counts else [])


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_archive_counts_where_a_member_is_damaged_or_named_so(tmp_path: Path, packing: int) -> None:
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", packing) as archive:
        archive.writestr("member", "".join(str(number) for number in range(9_999)))
    content = bytearray(whole.read_bytes())
    content[200:400] = bytes(200)
    (tmp_path / "damaged.zip").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "named.zip", "w") as archive:
        archive.writestr(f"{HASH}/readme.txt", "nothing")
    assert files_that_hold(tmp_path, HASH) == ["damaged.zip", "named.zip"]
