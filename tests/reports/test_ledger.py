"""What the ledger says of the files that were read."""

import polars as pl

from tests.stages.test_reports import ledger


def test_files_of_events_are_added_up_those_beside_them_by_kind_and_unknown_ones_are_not() -> None:
    counts = ["rows_read", "rows_malformed", "rows_quarantined"]
    files = [("events", 3, 0, 0), ("spend", 5, 1, 2), ("spend", 3, 0, 0), ("fx", 4, 1, 0), ("", 9, 9, 0)]
    more = pl.LazyFrame(files, ["kind", *counts], orient="row").with_columns(rows_erased=0, bytes=0)
    found = ledger(10, sources=lambda one: pl.concat([one, more], how="diagonal_relaxed"))
    assert found["rows"]["read"] == 13
    assert found["balanced"]
    told = [(kind, *counted.values()) for kind, counted in found["other"].items()]
    assert told == [("fx", 4, 1), ("spend", 8, 3)]
