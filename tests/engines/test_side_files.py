"""Scans, QR codes, spend and rates: the tables do not depend on how the files are cut, and what is known is not read."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.engines import parsed, side_files
from attribution.engines.ingest_files import ingest_files
from attribution.engines.local import run
from attribution.engines.store import Store
from attribution.settings import Settings
from attribution.sources import blocks
from tests.engines.rerun import SETTINGS

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
EVENT = "event_id,site_id,event_type,timestamp\n00000000-0000-4000-8000-000000000001,s,page_view,2026-03-01T10:00:00Z\n"


def written(folder: Path, scans: list[list[tuple[str, str, datetime]]]) -> Path:
    """A raw folder with a file of scans for each list of `session, code, time`."""
    folder.mkdir()
    (folder / "events.csv").write_text(EVENT)
    for number, rows in enumerate(scans):
        lines = [f"{session},{code},{at.isoformat()}\n" for session, code, at in rows]
        (folder / f"scans-{number}.csv").write_text("scan_session_id,qr_code_id,scanned_at\n" + "".join(lines))
    return folder


def scans_of(raw: Path, out: Path) -> pl.DataFrame:
    ingest_files(raw, Store(out), Settings())
    return Store(out).scan("scans").select("scan_session_id", "qr_code_id", "scanned_at", "has_conflict").collect()


@pytest.mark.parametrize("seed", range(6))
def test_of_several_scans_of_a_session_the_earliest_counts_however_files_and_runs_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    draw = random.Random(seed)  # noqa: S311 - a drawn world
    sessions = [f"{number:08x}-0000-4000-8000-00000000000a" for number in range(draw.choice([5, 60]))]
    rows = [(draw.choice(sessions), draw.choice("ab"), BEGAN + timedelta(seconds=draw.randrange(9))) for _ in range(80)]
    expected = []
    for session in sorted({*sessions} & {row[0] for row in rows}):
        own = sorted((at, code) for name, code, at in rows if name == session)
        expected.append((session, own[0][1], own[0][0], len({code for _, code in own}) > 1))
    shouted = [(name.upper() if draw.random() < 0.3 else name, code, at) for name, code, at in rows]
    cut = draw.randrange(80)
    monkeypatch.setattr(blocks, "BLOCK", 300)
    monkeypatch.setattr(blocks, "READ", 100)
    monkeypatch.setattr(side_files, "ROWS_OF_A_RUN", draw.choice([1, 11, 1000]))
    raw = written(tmp_path / "raw", [shouted[:cut], shouted[cut:]])
    assert scans_of(raw, tmp_path / "out").rows() == expected


@given(st.lists(st.text(alphabet="aAé漢\U0001f600\0 0", max_size=12), max_size=30))
def test_rows_are_in_the_order_of_their_texts_however_short_or_long_these_are(texts: list[str]) -> None:
    rows = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    cut = [rows.head(len(texts) // 2), rows.slice(len(texts) // 2)]
    assert side_files._sorted(cut, ["text"])["text"].to_list() == sorted(texts, key=str.encode)


def test_rejects_of_every_block_are_told_with_their_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 300)
    monkeypatch.setattr(blocks, "READ", 100)
    good = [(f"{number:08x}-0000-4000-8000-00000000000a", "a", BEGAN) for number in range(40)]
    raw = written(tmp_path / "raw", [good])
    path = raw / "scans-0.csv"
    lines = path.read_text().splitlines()
    lines[7] = lines[7].replace("2026", "in spring of 2026")
    lines[33] = "only one field"
    path.write_text("\n".join(lines) + "\n")
    assert scans_of(raw, tmp_path / "out").height == 38
    store = Store(tmp_path / "out")
    rejects = store.scan("rejects").filter(source_file="scans-0.csv").select("row_number", "reason").collect()
    assert rejects.rows() == [(8, "scanned_at_unreadable"), (34, "field_count")]
    counts = store.scan("sources").filter(kind="scans").select("rows_read", "rows_malformed", "rows_quarantined")
    assert counts.collect().rows() == [(40, 1, 1)]


def test_only_a_changed_file_of_scans_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, readers = [], side_files.read_batches
    monkeypatch.setattr(side_files, "read_batches", lambda file: read.append(file.name) or readers(file))
    session = "0000000a-0000-4000-8000-00000000000a"
    raw = written(tmp_path / "raw", [[(session, "a", BEGAN)], [(session, "a", BEGAN + timedelta(hours=1))]])
    assert scans_of(raw, tmp_path / "out").rows() == [(session, "a", BEGAN, False)]
    (raw / "scans-1.csv").write_text((raw / "scans-1.csv").read_text().replace(",a,2026-03-01", ",b,2026-02-01"))
    read.clear()
    found = scans_of(raw, tmp_path / "out")
    assert read == ["scans-1.csv"]
    assert found.select("qr_code_id", "has_conflict").rows() == [("b", True)]
    assert len(list((tmp_path / "out" / parsed.FOLDER).iterdir())) == 3


def test_without_a_file_the_table_is_there_and_empty(tmp_path: Path) -> None:
    found = scans_of(written(tmp_path / "raw", []), tmp_path / "out")
    assert found.height == 0


def test_events_that_cannot_be_put_together_fail_the_run_though_other_files_are_read_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    raw, store = written(tmp_path / "raw", [[("00000000-0000-4000-8000-00000000000a", "a", BEGAN)]]), Store(tmp_path)
    ingest_files(raw, store, Settings())
    monkeypatch.setattr(Store, "write_table", full)
    monkeypatch.setattr(Store, "join_table", full)
    monkeypatch.setattr("attribution.engines.ingest_files.write_beside_events", lambda *_: None)
    with pytest.raises(OSError, match="no space left"):
        ingest_files(raw, store, Settings())


def test_without_rates_in_the_folder_those_of_fixed_costs_are_the_librarys_too(tmp_path: Path) -> None:
    raw = written(tmp_path / "raw", [])
    (raw / "qr_codes.csv").write_text("qr_code_id,name,campaign,cost,currency\na,A,c,100,GBP\nb,B,c,,CHF\n")
    ingest_files(raw, Store(tmp_path / "out"), Settings())
    rates = Store(tmp_path / "out").scan("fx").collect()
    assert {*rates["currency"]} == {"GBP"}


def test_of_a_qr_code_that_two_files_tell_differently_one_counts_and_it_is_told(tmp_path: Path) -> None:
    raw, store = written(tmp_path / "raw", []), Store(tmp_path / "out")
    for number, campaign in enumerate(("fair", "shop")):
        (raw / f"codes-{number}.csv").write_text(f"qr_code_id,name,campaign\na,Door,{campaign}\nb,Wall,shop\n")
    run(raw, store.out, SETTINGS)
    told = store.scan("findings").filter(rule="qr_code_told_differently").collect()
    assert told.select("event_id", "field_path", "source_file", "row_number").rows() == [("a", "campaign", None, None)]
    counted = pl.read_parquet(store.report("data_quality")).filter(rule="qr_code_told_differently")
    assert counted.select("rows", "files").rows() == [(1, 0)]


def test_of_several_files_of_the_same_content_the_first_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    raw, store = written(tmp_path / "raw", []), Store(tmp_path / "out")
    for name in ("spend.csv", "spend (1).csv", "again/spend.csv"):
        (raw / name).parent.mkdir(exist_ok=True)
        (raw / name).write_text("campaign,date,amount,currency\nc,2026-03-01,10,USD\n")
    (raw / "more.csv").write_text("campaign,date,amount,currency\nc,2026-03-01,5,USD\n")
    run(raw, store.out, SETTINGS)
    assert store.scan("spend").select("amount").collect().to_series().to_list() == [Decimal(5), Decimal(10)]
    read = store.scan("sources").filter(kind="spend").select("source_file", "rows_read").collect().rows()
    assert read == [("again/spend.csv", 1), ("more.csv", 1), ("spend (1).csv", 0), ("spend.csv", 0)]
    told = store.scan("findings").filter(rule="file_repeated").select("source_file", "severity").collect().rows()
    assert told == [("spend (1).csv", "warning"), ("spend.csv", "warning")]
