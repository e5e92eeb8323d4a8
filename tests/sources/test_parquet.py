"""Parquet as other programs write it: whatever type a column has, its values are read as those of a text file are."""

import gzip
import os
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from attribution.ingest import ingest, prepare
from attribution.side_inputs import read_rows
from attribution.sources import parquet, unpacked
from attribution.sources.batch import BadRow
from attribution.sources.detect import SourceFile, detect
from attribution.sources.parquet_careful import needs_care
from attribution.sources.parquet_types import plain
from attribution.sources.pieces import WHOLE, pieces
from tests.sources.reading import read_whole

EVENT = {
    "event_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "site_id": "s",
    "event_name": "purchase",
    "source": "server",
    "event_time": "2026-05-13T10:00:00Z",
    "conversion_value": "49.99",
    "conversion_currency": "USD",
}
LETTERS = UUID(bytes=b"0123456789abcdef")
ORDER = '{"a":"o\\"1","b":null}'
ID = UUID("f1d2d2f9-24e9-86ac-86fd-f7b36c94bcdf")
NOON = datetime(2026, 5, 13, 12)  # noqa: DTZ001 - the zone is that of the column
OF_UNKNOWN_TYPE = pa.map_(pa.string(), pa.list_(pa.decimal256(50, 2), 1))
TIMED = pa.struct({"at": pa.timestamp("us", "+05:30")})


def written(folder: Path, columns: dict[str, Any], **options: Any) -> SourceFile:
    """A file of events with these columns; those of `EVENT` that are not among them are as there."""
    rows = max(len(column) for column in columns.values())
    texts = {name: pa.array([text] * rows) for name, text in EVENT.items() if name not in columns}
    pq.write_table(pa.table(texts | columns), folder / "events.parquet", **options)
    return detect(folder / "events.parquet", folder)


def floats(*values: float | None) -> pa.Array:
    return pa.array(values, pa.float64())


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("odd", [False, True], ids=["plain", "with care"])
def test_what_is_packed_once_more_is_read_as_it_is_unpacked(
    tmp_path: Path, pack: Callable[[bytes], bytes], odd: bool
) -> None:
    ids = [f"aaaaaaaa-0000-4000-8000-{place:012}" for place in range(5_000)]
    extra = {"extra": pa.nulls(len(ids), OF_UNKNOWN_TYPE)} if odd else {}
    file = written(tmp_path, {"event_id": pa.array(ids), **extra})
    assert needs_care(pq.read_schema(file.path)) == odd
    packed = tmp_path / "packed.parquet.gz"
    packed.write_bytes(pack(file.path.read_bytes()))
    found = detect(packed, tmp_path)
    assert (found.format, found.kind, found.shape) == ("parquet", "events", file.shape)
    rows, bad = read_whole(found)
    assert (rows.height, bad) == (5_000, [])
    assert rows.equals(read_whole(file)[0])
    assert pieces(found) == [WHOLE]


def test_a_file_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    file = written(tmp_path, {"event_id": pa.array([EVENT["event_id"]])})
    odd = file.path.rename(tmp_path / os.fsdecode(b"M\xe9tz.parquet"))
    found = detect(odd, tmp_path)
    assert (found.name, found.format, found.kind) == ("M\\xe9tz.parquet", "parquet", "events")
    assert read_whole(found)[0]["event_id"].to_list() == [EVENT["event_id"]]
    assert pieces(found) == [WHOLE]


def test_what_is_too_large_to_unpack_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, {"event_id": pa.array([EVENT["event_id"]])})
    packed = tmp_path / "packed.parquet.gz"
    packed.write_bytes(gzip.compress(file.path.read_bytes()))
    monkeypatch.setattr(unpacked, "MOST", file.path.stat().st_size)
    assert detect(packed, tmp_path).format == "parquet"
    monkeypatch.setattr(unpacked, "MOST", file.path.stat().st_size - 1)
    assert (detect(packed, tmp_path).format, detect(packed, tmp_path).kind) == ("packed_parquet", "")


MAPPED = pa.map_(pa.string(), pa.string())
NUMBERS_MAPPED = pa.map_(pa.string(), pa.int64())
MONEY = [Decimal("49.99"), Decimal("123456789.5"), None]
ZONE = pa.timestamp("us", "+05:30")
COLUMNS: dict[str, tuple[str, pa.Array, list[object]]] = {
    "a flag as float": ("is_fraud", floats(0, 1, None, 2), [False, True, False, None]),
    "a flag as decimal": ("is_fraud", pa.array([Decimal(0), Decimal(1)], pa.decimal128(3, 1)), [False, True]),
    "a flag as text of a float": ("is_fraud", pa.array(["0.0", "1.0", "\\N", "2.0"]), [False, True, False, None]),
    "a flag as dictionary": ("is_duplicate", pa.array(["0", "1", None]).dictionary_encode(), [False, True, False]),
    "a flag as bytes": ("is_duplicate", pa.array([b"0", b"1", None]), [False, True, False]),
    "a flag as date": ("is_duplicate", pa.array([NOON.date(), None]), [None, False]),
    "an id as 16 bytes": ("event_id", pa.array([ID.bytes, LETTERS.bytes], pa.binary(16)), [str(ID), str(LETTERS)]),
    "an id as bytes, text or none": ("qr_code_id", pa.array([ID.bytes, b"q1", b"\xff", None]), [str(ID), "q1", "ff", None]),
    "an id as 16 letters": ("qr_code_id", pa.array([LETTERS.bytes], pa.binary(16)), ["0123456789abcdef"]),
    "an id as float": ("qr_code_id", floats(1001, None, 1.5, 9007199254740991), ["1001", None, "1.5", "9007199254740991"]),
    "metadata as map": ("metadata", pa.array([[("a", 'o"1'), ("b", None)], [], None], MAPPED), [ORDER, None, None]),
    "metadata as map of numbers": ("metadata", pa.array([[("n", 1)]], NUMBERS_MAPPED), ['{"n":1}']),
    "metadata with bytes": ("metadata", pa.array([{"a": b"x", "b": [b"\xff", None]}]), ['{"a":"x","b":["ff",null]}']),
    "metadata with a time": ("metadata", pa.array([{"at": NOON}], TIMED), ['{"at":"2026-05-13T12:00:00+00:00"}']),
    "metadata as list": ("metadata", pa.array([[1, 2], None]), ["[1,2]", None]),
    "a time of a fixed zone": ("event_time", pa.array([NOON, None], ZONE), ["2026-05-13 12:00", None]),
    "a time of zone Z": ("event_time", pa.array([NOON], pa.timestamp("ns", "Z")), ["2026-05-13 12:00"]),
    "a time of a named zone": ("event_time", pa.array([NOON], pa.timestamp("ms", "Europe/Berlin")), ["2026-05-13 12:00"]),
    "a time without end": ("event_time", pa.array([2**63 - 1, 0], pa.timestamp("us")), [None, None]),
    "a day without end": ("event_time", pa.array([2**31 - 1, None], pa.date32()), [None, None]),
    "a day": ("event_time", pa.array([date(2026, 5, 13)]), ["2026-05-13 00:00"]),
    "a time as dictionary": ("event_time", pa.array(["2026-05-13", ""]).dictionary_encode(), ["2026-05-13 00:00", None]),
    "money as float": ("conversion_value", floats(49.99, float("nan"), None), ["49.9900", None, None]),
    "money as decimal": ("conversion_value", pa.array(MONEY, pa.decimal128(38, 18)), ["49.9900", "123456789.5000", None]),
    "money as long decimal": ("conversion_value", pa.array(MONEY, pa.decimal256(50, 10)), ["49.9900", "123456789.5000", None]),
    "a currency as dictionary": ("conversion_currency", pa.array(["USD", "", None]).dictionary_encode(), ["USD", None, None]),
}  # fmt: skip
CANONICAL = {"conversion_value": "amount", "conversion_currency": "currency"}


@pytest.mark.parametrize("case", COLUMNS)
def test_a_column_of_any_type_is_read(tmp_path: Path, case: str) -> None:
    name, column, expected = COLUMNS[case]
    rows, bad = read_whole(written(tmp_path, {name: column}))
    told = prepare(rows, 1)[CANONICAL.get(name, name)]
    texts = told.dt.to_string("%Y-%m-%d %H:%M") if told.dtype == pl.Datetime else told
    found = texts.cast(pl.String).to_list() if told.dtype.is_decimal() else texts.to_list()
    assert (found, bad) == (expected, [])


@pytest.mark.parametrize("kind", [pa.decimal128(38, 18), pa.float64()])
def test_zeros_that_a_type_adds_are_no_digits(tmp_path: Path, kind: pa.DataType) -> None:
    rows, _ = read_whole(written(tmp_path, {"conversion_value": pa.array([49, 120]).cast(kind)}))
    assert "amount_digits_inexact" not in ingest(rows, shape="stored", source_id=1).findings["rule"]
    assert prepare(rows, 1)["amount_text"].to_list() == ["49", "120"]


@pytest.mark.parametrize("careful", [False, True], ids=["by Polars", "by Arrow"])
def test_of_several_names_the_first_with_a_value_counts(tmp_path: Path, *, careful: bool) -> None:
    money = pa.array([{"amount": 49.99, "currency": "EUR"}, {"amount": 7.0, "currency": "EUR"}, None])
    columns = {
        "conversion_value": money,
        "conversion_currency": pa.array(["", "USD", "GBP"]),
        "qr_code_id": floats(None, 1001, float("nan")),
        "qrid": pa.array(["q1", "q2", "q3"]),
    }
    file = written(tmp_path, columns | ({"strange": pa.array([NOON] * 3, ZONE)} if careful else {}))
    assert needs_care(pq.read_schema(file.path)) == careful
    rows, _ = read_whole(file)
    told = prepare(rows, 1).select(pl.col("amount").cast(pl.String), "currency", "qr_code_id")
    assert told.rows() == [("49.9900", "EUR", "q1"), ("7.0000", "USD", "1001"), (None, "GBP", "q3")]


def test_two_columns_of_one_name_are_one(tmp_path: Path) -> None:
    texts = [pa.array(["a", None, ""]), pa.array(["b", "b", "b"]), *(pa.array([text] * 3) for text in EVENT.values())]
    pq.write_table(pa.table(texts, ["qr_code_id", "qr_code_id", *EVENT]), tmp_path / "twice.parquet")
    assert needs_care(pq.read_schema(tmp_path / "twice.parquet"))
    rows, bad = read_whole(detect(tmp_path / "twice.parquet", tmp_path))
    assert (rows["qr_code_id"].to_list(), rows["event_id"].to_list(), bad) == (
        ["a", "b", "b"],
        [EVENT["event_id"]] * 3,
        [],
    )


def test_a_value_that_nothing_reads_costs_its_row(tmp_path: Path) -> None:
    strange = pa.array([None, [("a", [Decimal("1.00")])], None], OF_UNKNOWN_TYPE)
    rows, bad = read_whole(written(tmp_path, {"metadata": strange}))
    assert (rows["row_number"].to_list(), bad) == ([1, 3], [BadRow(2, "unreadable_value", column="metadata")])


def test_rows_that_need_care_are_the_same_in_any_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = pa.array([NOON] * 5000, ZONE)
    names = pa.array([f"q{n}" for n in range(5000)])
    file = written(tmp_path, {"event_time": times, "qr_code_id": names}, row_group_size=700)
    whole, _ = read_whole(file)
    monkeypatch.setattr(parquet, "TEXT", 100_000)
    batches = [task().frame for task in parquet.read(file)]
    assert len(batches) > 2
    assert pl.concat(batches).equals(whole)
    assert whole.select("row_number", "qr_code_id").rows() == [(n + 1, f"q{n}") for n in range(5000)]


def test_a_file_without_a_known_column_is_read_for_its_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"article": [1, 2, 3]}), tmp_path / "x.parquet")
    rows, bad = read_whole(SourceFile(tmp_path / "x.parquet", "x.parquet", "parquet", "events", "raw"))
    assert (rows["row_number"].to_list(), bad) == ([1, 2, 3], [])


def test_spend_of_a_dictionary_date_is_read(tmp_path: Path) -> None:
    columns = {"campaign": ["spring"], "date": ["2026-05-13"], "amount": ["5"], "currency": ["USD"]}
    table = pa.table({name: pa.array(texts).dictionary_encode() for name, texts in columns.items()})
    pq.write_table(table, tmp_path / "spend.parquet")
    good, bad = read_rows(read_whole(detect(tmp_path / "spend.parquet", tmp_path))[0], "spend")
    assert (good["date"].to_list(), bad.height) == ([date(2026, 5, 13)], 0)


def test_texts_of_sixteen_bytes_are_no_uuids_for_another_that_is_no_text() -> None:
    values = pl.Series([b"San Francisco CA", "Zürich".encode("latin1")])
    assert plain(values).to_list() == ["San Francisco CA", "5afc72696368"]
