"""`attribution forget` as the auditor meets it."""

import gzip
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution import command_forget, erasure
from attribution.engines import begun_erasure, local
from attribution.engines.search import files_that_hold
from attribution.engines.store import Store
from attribution.errors import GateError
from attribution.simulate import Truth, World, simulate
from tests.conftest import QUICK
from tests.refusing import Command

HASH = "b94d27b9934d3e08a52e52d7da7dabfac484efe04294e576fc583c381f2d9c5d"


@pytest.fixture
def params(tmp_path: Path) -> Path:
    path = tmp_path / "params.yaml"
    path.write_text("report: {notebooks: false}\n")
    return path


@pytest.fixture
def ran(world: tuple[Path, Truth], results: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the small world and of its results, to be changed."""
    return Path(shutil.copytree(world[0], tmp_path / "raw")), Path(shutil.copytree(results, tmp_path / "out"))


def visitor_of(out: Path) -> str:
    bought = pl.read_parquet(out / "tables" / "conversions.parquet").select("person_id").drop_nulls()
    visits = pl.read_parquet(out / "tables" / "events.parquet").filter(pl.col("visitor_id").is_not_null())
    named = visits.filter(pl.col("visitor_id").is_in(bought["person_id"].implode()), pl.col("exclusion").is_null())
    return str(named.group_by("visitor_id").len().sort("len", "visitor_id")["visitor_id"][-1])


def test_a_forgotten_visitor_is_in_no_file_and_the_rest_is_as_if_they_had_never_been(
    command: Command, ran: tuple[Path, Path], params: Path, tmp_path: Path
) -> None:
    raw, out = ran
    visitor = visitor_of(out)
    assert files_that_hold(out, visitor)
    holding = files_that_hold(raw, visitor)
    done = command("forget", "--visitor", visitor.upper(), "--raw", raw, "--out", out, "--params", params)
    assert done.returncode == 0, done.stderr
    assert visitor not in (done.stdout + done.stderr).lower()
    assert files_that_hold(out, visitor) == []
    assert not list(out.glob(f"{begun_erasure.MARK}*"))
    certificate = json.loads(next((out / "erasures").iterdir()).read_text())
    assert certificate["raw_files_searched"] == holding
    ledger = json.loads((out / "ledger.json").read_text())
    rows = certificate["tables"]["events"]
    assert ledger["balanced"]
    listed = {file["source_file"]: file["rows"] for file in certificate["raw_files"]}
    scans = certificate["tables"]["scans"]
    assert listed.pop("scans.csv") == scans["before"] - scans["after"] > 0
    assert ledger["rows"]["erased"] == rows["before"] - rows["after"] == sum(listed.values())
    assert ledger["checks"][0]["name"].endswith("analysed + erased")
    assert "erased on request" in (out / "reports" / "index.html").read_text("utf-8")
    assert certificate["tables"]["conversions"]["before"] > certificate["tables"]["conversions"]["after"]
    _take_out(raw, certificate["raw_files"])
    local.run(raw, tmp_path / "anew", QUICK)
    for name in ("conversions", "credits", "touches", "web_sessions", "scans"):
        found, anew = (pl.read_parquet(folder / "tables" / f"{name}.parquet") for folder in (out, tmp_path / "anew"))
        assert_frame_equal(found, anew, check_row_order=False)


def _take_out(raw: Path, files: list[dict[str, object]]) -> None:
    """Take the listed rows out of the raw files."""
    for file in files:
        path = raw / str(file["source_file"])
        is_packed = path.suffix == ".gz"
        data = gzip.decompress(path.read_bytes()) if is_packed else path.read_bytes()
        numbers = set(file["row_numbers"])  # type: ignore[call-overload]
        kept = b"".join(line for number, line in enumerate(data.splitlines(keepends=True), 1) if number not in numbers)
        path.write_bytes(gzip.compress(kept) if is_packed else kept)


def test_a_hash_names_a_person_too_and_nobody_is_no_error(command: Command, tmp_path: Path, params: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    simulate(raw, World(seed=5, events=2_000), shape="raw", format="ndjson")
    local.run(raw, out, QUICK)
    hashes = pl.read_parquet(out / "tables" / "events.parquet")["email_hash"].drop_nulls()
    done = command("forget", "--identifier", hashes[0], "--out", out, "--params", params)
    assert done.returncode == 0, done.stderr
    assert files_that_hold(out, hashes[0]) == []
    again = command("forget", "--identifier", hashes[0], "--out", out, "--params", params)
    assert again.returncode == 0
    assert "No row names this person" in again.stdout


def test_one_of_the_two_must_be_given(command: Command, results: Path) -> None:
    for args in ([], ["--visitor", "a", "--identifier", "b"]):
        done = command("forget", *args, "--out", results)
        assert done.returncode == 2
        assert "--visitor ID or --identifier HASH" in done.stderr


def cut_off(out: Path, visitor: str, params: Path, monkeypatch: pytest.MonkeyPatch, *, after: str) -> None:
    """Erase a visitor, and stop when this table is written."""
    write = Store.write_table

    def stopping(store: Store, name: str, rows: pl.LazyFrame) -> None:
        write(store, name, rows)
        if name == after:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Store, "write_table", stopping)
        with pytest.raises(KeyboardInterrupt):
            command_forget.forget_command(visitor, None, None, None, out, params, quiet=True)


def test_an_erasure_that_was_cut_off_is_finished_by_the_next(
    command: Command, ran: tuple[Path, Path], params: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out = ran
    visitor = visitor_of(out)
    whole = Path(shutil.copytree(out, out.with_name("whole")))
    assert command("forget", "--visitor", visitor, "--out", whole, "--params", params).returncode == 0
    expected = json.loads(next((whole / "erasures").iterdir()).read_text())
    for last in ("rejects", "events"):
        cut = Path(shutil.copytree(out, out.with_name(f"cut-{last}")))
        cut_off(cut, visitor, params, monkeypatch, after=last)
        other = begun_erasure.new(erasure.Named("visitor", "somebody else"))
        begun_erasure.write(Store(cut), other)
        done = command("forget", "--visitor", visitor.upper(), "--out", cut, "--params", params)
        assert done.returncode == 0, done.stderr
        certificate = json.loads(next((cut / "erasures").iterdir()).read_text())
        assert {**certificate, "erased_at": ""} == {**expected, "erased_at": ""}
        assert [path.name for path in cut.glob(f"{begun_erasure.MARK}*")] == [other.name]
        ledgers = [json.loads((folder / "ledger.json").read_text()) for folder in (whole, cut)]
        assert ledgers[0]["rows"] == ledgers[1]["rows"]
        assert files_that_hold(cut, visitor) == []


def test_another_persons_erasure_between_a_cut_off_one_and_its_end_stays_counted(
    command: Command, ran: tuple[Path, Path], params: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out = ran
    first = visitor_of(out)
    other = pl.read_parquet(out / "tables" / "events.parquet")["visitor_id"].drop_nulls().unique().sort()
    second = next(visitor for visitor in other if visitor != first)
    cut_off(out, first, params, monkeypatch, after="sources")
    for visitor in (second, first):
        done = command("forget", "--visitor", visitor, "--out", out, "--params", params)
        assert done.returncode == 0, done.stderr
    certificates = [json.loads(path.read_text()) for path in (out / "erasures").iterdir()]
    erased = sum(sum(file["rows"] for file in told["raw_files"]) for told in certificates)
    ledger = json.loads((out / "ledger.json").read_text())
    assert ledger["balanced"]
    assert ledger["rows"]["erased"] == erased > 0


def test_a_run_makes_what_was_begun_on_the_tables_before_void(
    ran: tuple[Path, Path], params: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, out = ran
    cut_off(out, visitor_of(out), params, monkeypatch, after="sources")
    assert list(out.glob(f"{begun_erasure.MARK}*"))
    local.run(raw, out, QUICK)
    assert not list(out.glob(f"{begun_erasure.MARK}*"))


def test_what_was_begun_is_of_one_kind_one_site_and_in_one_spelling(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begun_erasure.write(store, begun_erasure.new(erasure.Named("identifier", "ABC", "north")))
    others = [
        ("identifier", "ABC", "south"),
        ("identifier", "ABC", None),
        ("identifier", "abc", "north"),
        ("visitor", "ABC", None),
    ]
    assert begun_erasure.begun(store, erasure.Named("identifier", "ABC", "north"))
    assert not [other for other in others if begun_erasure.begun(store, erasure.Named(*other))]


@pytest.mark.parametrize("value", ["1001", "0BADCAFE-0000-4000-8000-000000000009"], ids=["short", "a UUID"])
def test_an_external_id_is_certified_and_another_sites_customer_of_that_id_stays(
    command: Command, tmp_path: Path, params: Path, value: str
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    rows = [
        f'{{"event_id":"{number:08d}-0000-4000-8000-000000000001","site_id":"{site}","event_name":"purchase",'
        f'"scan_session_id":"{number:08d}-0000-4000-8000-000000000002","timestamp":"2026-03-01T10:00:00Z","consent":"granted",'
        f'"user_identifiers":{{"external_id":"{external}"}},"conversion_value":{{"amount":1001,"currency":"USD"}}}}\n'
        for number, (site, external) in enumerate([("north", value), ("south", value), ("south", f"{value}1")])
    ]
    (raw / "server.ndjson").write_text("".join(rows))
    local.run(raw, out, QUICK)
    named = value.lower() if "-" in value else value
    forget = ("forget", "--identifier", named, "--out", out, "--params", params)
    if named == value:
        asked = command(*forget)
        assert asked.returncode == 2
        assert "2 sites" in asked.stderr
        assert "north, south" in asked.stderr
    done = command(*forget, "--site", "south")
    assert done.returncode == 0, done.stderr
    left = pl.read_parquet(out / "tables" / "events.parquet").select("site_id", "external_id").rows()
    assert sorted(left) == [("north", value), ("south", f"{value}1")]
    certificate = json.loads(next((out / "erasures").iterdir()).read_text())
    assert certificate["tables"]["events"] == {"before": 3, "after": 2}
    assert "no id column" in certificate["verified"]


def test_a_certificate_names_no_file_after_the_person(command: Command, tmp_path: Path, params: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    visitor = "0badcafe-0000-4000-8000-000000000009"
    for number, name in enumerate((f"visitors/{visitor}.csv", "of ann.lee@example.org.csv")):
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text(
            "event_id,site_id,event_type,scan_session_id,timestamp,visitor_id,consent\n"
            f"0000000{number}-0000-4000-8000-000000000001,s,page_view,0000000{number}-0000-4000-8000-000000000002,"
            f"2026-03-01T10:00:00Z,{visitor},granted\n"
        )
    local.run(raw, out, QUICK)
    done = command("forget", "--visitor", visitor, "--raw", raw, "--out", out, "--params", params)
    assert done.returncode == 0, done.stderr
    text = next((out / "erasures").iterdir()).read_text()
    certificate = json.loads(text)
    assert len(certificate["raw_files"]) == len(certificate["raw_files_searched"]) == 2
    assert {file["source_file"] for file in certificate["raw_files"]} == {*certificate["raw_files_searched"]}
    assert not [word for word in (visitor, "ann.lee", "example.org") if word in text + done.stdout + done.stderr]
    assert files_that_hold(out, visitor) == []


def test_a_gate_that_the_tables_cross_is_told_when_the_person_is_gone(
    ran: tuple[Path, Path], params: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out = ran
    visitor = visitor_of(out)
    make = command_forget.run

    def crossing(*args: object, **told: object) -> None:
        make(*args, **told)  # type: ignore[arg-type]
        raise GateError("a gate")

    monkeypatch.setattr(command_forget, "run", crossing)
    with pytest.raises(GateError, match="a gate"):
        command_forget.forget_command(visitor, None, None, None, out, params, quiet=True)
    assert len([*(out / "erasures").iterdir()]) == 1
    assert files_that_hold(out, visitor) == []


def test_in_texts_of_others_the_person_is_taken_out_and_their_rows_stay(
    command: Command, tmp_path: Path, params: Path
) -> None:
    visitor, other = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (1, 2))
    row = {"site_id": "s", "source": "browser", "event_type": "page_view", "event_time": "2026-03-01 10:00:00"}
    held = {
        "metadata": {"friend": visitor.upper()},
        "page_url": f"https://shop.example/?by={visitor}",
        "user_id": visitor,
    }
    held |= {"properties": {"order_id": f"{visitor}-1"}}
    theirs = {**row, "event_id": visitor, "scan_session_id": visitor, "visitor_id": visitor}
    others = {**row, "event_id": other, "scan_session_id": other, "visitor_id": other, **held}
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for rows, named in (([theirs, others], visitor), ([others], visitor)):
        (raw / "events.ndjson").write_text("".join(json.dumps(one) + "\n" for one in rows))
        local.run(raw, out, QUICK)
        done = command("forget", "--visitor", named, "--out", out, "--params", params)
        assert done.returncode == 0, done.stderr
        assert files_that_hold(out, visitor) == []
        assert ("removed from texts in other rows" in done.stdout) is (len(rows) == 1)
        kept = pl.read_parquet(out / "tables" / "events.parquet")
        assert kept.select("event_id", "metadata", "page_url").rows() == [
            (other, '{"friend":"[erased]"}', "https://shop.example/?by=[erased]")
        ]
