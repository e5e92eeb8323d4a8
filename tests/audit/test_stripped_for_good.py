"""What consent strips stands in no file of the output: not in what is kept of the files, in made ids, in paths of findings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attribution.engines import local, side_files
from attribution.engines.search import files_that_hold
from attribution.settings import Settings

SESSION, OTHER = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (8, 9))
STRICT = {"report": {"notebooks": False, "replicates": 200}, "consent": {"scope": "scan_session"}}
SETTINGS, BY_SESSION = Settings.model_validate({"report": STRICT["report"]}), Settings.model_validate(STRICT)
BLANK = {
    "site_id": "s",
    "source": "browser",
    "event_type": "page_view",
    "event_time": "2026-03-01 10:00:00",
    "visitor_id": None,
}


def row(number: int, **fields: Any) -> dict[str, Any]:
    own = {"event_id": f"bbbbbbbb-0000-4000-8000-{number:012}", "scan_session_id": SESSION, "consent": "granted"}
    return {**BLANK, **own, **fields}


def ran(folder: Path, rows: list[dict[str, Any]], settings: Settings = SETTINGS) -> Path:
    raw, out = folder / "raw", folder / "out"
    raw.mkdir(exist_ok=True)
    (raw / "events.ndjson").write_text("".join(json.dumps(one) + "\n" for one in rows))
    (raw / "scans.csv").write_text(
        f"scan_session_id,qr_code_id,scanned_at,city\n{SESSION},q,2026-03-01 09:59:00,Plantedtown\n"
        f"{OTHER},q,2026-03-01 09:58:00,Opentown\n"
    )
    local.run(raw, out, settings)
    return out


def events_of(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "tables" / "events.parquet")


@pytest.mark.parametrize(
    "silent", [row(1, consent="denied"), row(1, consent="denied", is_fraud="maybe")], ids=["kept", "refused"]
)
def test_the_city_of_a_scan_without_consent(tmp_path: Path, silent: dict[str, Any]) -> None:
    rows = [row(2, scan_session_id=OTHER), silent]
    for _ in range(2):
        out = ran(tmp_path, rows)
        assert files_that_hold(out, "Plantedtown") == []
        assert "tables/scans.parquet" in files_that_hold(out, "Opentown")
        rows.append(row(3, scan_session_id=OTHER))
    assert events_of(out).height == len(rows) - 1 - ("is_fraud" in silent)


def test_a_city_goes_from_what_is_kept_and_comes_back_with_consent_and_the_scans_are_read_only_for_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    make = side_files._make
    monkeypatch.setattr(side_files, "_make", lambda *told: (reads.append("read"), make(*told))[1])
    open_row, silent, other_silent = row(1), row(2, consent="pending"), row(3, consent="denied", scan_session_id=OTHER)
    for rows, cities, times_read in [
        ([open_row], ["Plantedtown", "Opentown"], 1),
        ([open_row, silent], [None, "Opentown"], 1),
        ([open_row, silent, row(4)], [None, "Opentown"], 1),
        ([open_row, silent, other_silent], [None, None], 1),
        ([open_row, other_silent], ["Plantedtown", None], 2),
        ([open_row], ["Plantedtown", "Opentown"], 3),
    ]:
        out = ran(tmp_path, rows)
        assert pl.read_parquet(out / "tables" / "scans.parquet").sort("scan_session_id")["city"].to_list() == cities
        assert [bool(files_that_hold(out, name)) for name in ("Plantedtown", "Opentown")] == [
            city is not None for city in cities
        ]
        assert len(reads) == times_read


def test_the_session_of_a_refused_row_is_kept_nowhere_if_it_may_be_an_address(tmp_path: Path) -> None:
    refused = row(1, consent="denied", is_fraud="maybe", scan_session_id="planted.ann@corp.example.org")
    assert files_that_hold(ran(tmp_path, [row(2), refused]), "planted.ann") == []


def test_a_scan_session_that_withholds_it_keeps_nothing_of_its_other_rows(tmp_path: Path) -> None:
    held = {
        "page_url": "https://planted.example/",
        "city": "planted",
        "metadata": {"planted key": {"a": "ann@corp.example.org"}},
    }
    made = []
    for place, page in enumerate(("https://planted.example/", "https://planted.example/2")):
        folder = tmp_path / str(place)
        folder.mkdir()
        out = ran(folder, [row(1, event_id=None, **held | {"page_url": page}), row(2, consent="denied")], BY_SESSION)
        assert files_that_hold(out, "planted") == []
        made.append(events_of(out).filter("event_id_is_derived")["event_id"].to_list())
    assert made[0] == made[1] != []


def test_the_keys_of_an_object_are_in_no_path(tmp_path: Path) -> None:
    found = {"a": "bob@corp.example.org"}
    out = ran(
        tmp_path, [row(1, consent="denied", metadata={"planted key": found}), row(2, metadata={"open key": found})]
    )
    assert files_that_hold(out, "planted") == []
    paths = pl.read_parquet(out / "tables" / "findings.parquet").filter(rule="email_address")["field_path"]
    assert sorted(paths) == ["metadata", "metadata.open key.a"]


def test_keys_that_are_an_address_when_they_stand_together_are_in_no_path(tmp_path: Path) -> None:
    out = ran(tmp_path, [row(1, metadata={"carl@planted": {"org": "bob@corp.example.org"}})])
    assert files_that_hold(out, "carl@planted.org") == []


LATE: dict[str, Callable[[str], dict[str, Any]]] = {
    "in capitals": lambda word: {"CONSENT": word},
    "with a capital": lambda word: {"Consent": word},
}


@pytest.mark.parametrize("name", LATE)
def test_a_word_that_the_first_rows_have_no_field_for_is_heard(tmp_path: Path, name: str) -> None:
    first = {key: value for key, value in row(0, scan_session_id=OTHER).items() if key != "consent"}
    late = {key: value for key, value in row(9_000, city="planted").items() if key != "consent"}
    rows = [*({**first, "event_id": row(number)["event_id"]} for number in range(2_000)), late | LATE[name]("denied")]
    out = ran(tmp_path, rows)
    assert events_of(out)["consent"].value_counts().sort("count").rows() == [("denied", 1), ("unspecified", 2_000)]
    assert files_that_hold(out, "planted") == []


@pytest.mark.parametrize("columns", ["consent,Consent", "Consent,consent", "consent,consent"])
@pytest.mark.parametrize("words", ["denied,", ",denied"])
def test_a_word_in_either_of_two_columns_is_heard(tmp_path: Path, columns: str, words: str) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "events.csv").write_text(
        f"event_id,site_id,source,event_type,event_time,city,{columns}\n"
        f"{SESSION},s,browser,page_view,2026-03-01 10:00:00,planted,{words}\n"
    )
    local.run(tmp_path / "raw", tmp_path / "out", SETTINGS)
    assert events_of(tmp_path / "out")["consent"].to_list() == ["denied"]
    assert files_that_hold(tmp_path / "out", "planted") == []


def test_a_finding_of_a_word_read_as_meant_has_no_id_that_is_an_address(tmp_path: Path) -> None:
    out = ran(tmp_path, [row(1, consent="DENIED", event_id="ann@planted.example.org"), row(2, consent="Denied")])
    assert files_that_hold(out, "planted") == []
    found = pl.read_parquet(out / "tables" / "findings.parquet").filter(rule="consent_spelled_otherwise")
    assert sorted(found["event_id"].to_list(), key=str) == [None, row(2)["event_id"]]
