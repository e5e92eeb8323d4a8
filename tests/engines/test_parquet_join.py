"""Parquet files end to end: the joined file holds the rows of all, for more than one reader."""

import errno
import os
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution.engines import parquet_join
from attribution.engines.parquet_join import join
from attribution.engines.thrift import decode, encode

ROWS = st.lists(st.tuples(st.integers(0, 2**63), st.none() | st.text(max_size=20), st.booleans()), max_size=40)
SCHEMA = {"number": pl.UInt64, "text": pl.String, "flag": pl.Boolean}


def frames(parts: list[list[tuple[int, str | None, bool]]]) -> list[pl.DataFrame]:
    return [pl.DataFrame(rows, schema=SCHEMA, orient="row") for rows in parts]


def write(tables: list[pl.DataFrame], folder: Path, **options: object) -> list[Path]:
    paths = [folder / f"{number}.parquet" for number in range(len(tables))]
    for table, path in zip(tables, paths, strict=True):
        table.write_parquet(path, compression="zstd", **options)  # type: ignore[arg-type]
    return paths


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_the_joined_file_holds_the_rows_of_all_in_order(tmp_path: Path, parts: list) -> None:
    tables = frames(parts)
    joined = tmp_path / "joined.parquet"
    join(write(tables, tmp_path, row_group_size=7), joined)
    assert pl.read_parquet(joined).equals(pl.concat(tables))
    assert pl.DataFrame(pq.read_table(joined)).equals(pl.concat(tables))


@pytest.mark.parametrize("copies", [None, 1])
def test_what_the_system_cannot_copy_is_read_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copies: int | None
) -> None:
    tables = [pl.DataFrame({"number": range(start, start + 100)}) for start in (0, 100, 200)]
    parts, by_system, left = write(tables, tmp_path, row_group_size=25), os.copy_file_range, copies or 0

    def failing(*where: int, **places: int) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return by_system(*where, **places)

    monkeypatch.setattr(os, "copy_file_range", failing)
    monkeypatch.setattr(parquet_join, "CHUNK", 50)
    join(parts, tmp_path / "joined.parquet")
    assert pl.read_parquet(tmp_path / "joined.parquet").equals(pl.concat(tables))


def test_a_filter_that_skips_row_groups_finds_the_moved_rows(tmp_path: Path) -> None:
    tables = [pl.DataFrame({"number": range(start, start + 100)}) for start in (0, 100, 200)]
    joined = tmp_path / "joined.parquet"
    join(write(tables, tmp_path, row_group_size=25), joined)
    assert pl.scan_parquet(joined).filter(pl.col("number") == 231).collect()["number"].to_list() == [231]


def test_more_row_groups_than_a_short_list_and_joined_files_joined_again(tmp_path: Path) -> None:
    table = pl.DataFrame({"number": range(60)})
    once, twice = tmp_path / "once.parquet", tmp_path / "twice.parquet"
    join(write([table, table], tmp_path, row_group_size=2), once)
    join([once, once], twice)
    assert pq.read_metadata(twice).num_row_groups == 120
    assert pl.read_parquet(twice)["number"].to_list() == [*range(60)] * 4


def test_files_with_page_indexes_by_another_writer(tmp_path: Path) -> None:
    table = pl.DataFrame({"number": range(1000), "text": [str(number) for number in range(1000)]})
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path in paths:
        pq.write_table(table.to_arrow(), path, row_group_size=100, write_page_index=True, data_page_size=256)
    join(paths, tmp_path / "joined.parquet")
    assert pl.read_parquet(tmp_path / "joined.parquet").equals(pl.concat([table, table]))


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1 cut off in the middle of it"])
def test_what_is_no_whole_parquet_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "part.parquet").write_bytes(data)
    with pytest.raises(ValueError, match="no whole Parquet file"):
        join([tmp_path / "part.parquet"], tmp_path / "joined.parquet")


def test_another_schema_is_refused(tmp_path: Path) -> None:
    paths = write([pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]})], tmp_path)
    with pytest.raises(ValueError, match="another schema"):
        join(paths, tmp_path / "joined.parquet")


FIELD = st.deferred(
    lambda: st.one_of(st.integers(-(2**62), 2**62).map(lambda value: (6, value)), TEXT, FLAG, LIST, STRUCT)
)
TEXT = st.binary(max_size=20).map(lambda value: (8, value))
FLAG = st.booleans().map(lambda value: (1 if value else 2, value))
LIST = st.lists(st.integers(-9, 9), max_size=40).map(lambda items: (9, (5, items)))
STRUCT = st.deferred(
    lambda: st.dictionaries(st.integers(1, 300), FIELD, max_size=5).map(lambda found: (12, numbered(found)))
)


def numbered(found: dict) -> list:
    return [(number, *found[number]) for number in sorted(found)]


@settings(max_examples=200)
@given(st.dictionaries(st.integers(1, 300), FIELD, max_size=8))
def test_what_is_written_is_read_as_it_was(found: dict) -> None:
    assert decode(encode(numbered(found))) == numbered(found)
