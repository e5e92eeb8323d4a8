"""The identifiers of a customer, in every form in which an export may hold them: hashed they are kept, as they stand never."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attribution.ingest import Ingested, ingest
from attribution.sources.detect import detect
from tests.sources.reading import read_whole

HASHES = {"email_hash": "b94d27b9934d3e08a52e52d7da7dabfac484efe04294e576fc583c381f2d9c5d", "phone_hash": "c" * 64}
SENT = {**HASHES, "external_id": 1001, "email": "ann@planted.example.org", "phone": "+4915112345678"}
ID, OTHER = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (1, 2))
SENDS = {
    "event_id": ID,
    "site_id": "s",
    "event_name": "lead",
    "event_time": "2026-05-13T10:00:00Z",
    "scan_session_id": OTHER,
}
STORED = SENDS | {"source": "server"}


def ingested(path: Path) -> Ingested:
    file = detect(path, path.parent)
    rows, bad = read_whole(file)
    assert not bad
    return ingest(rows, shape=file.shape, source_id=1)


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / name
    if path.suffix == ".ndjson":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        pl.DataFrame(rows).write_csv(path)
    else:
        pl.DataFrame(rows).write_parquet(path)
    return path


def assert_read(result: Ingested) -> None:
    kept = result.events.filter(event_id=ID).select(*HASHES, "external_id").rows()
    assert kept == [(*HASHES.values(), "1001")]
    assert set(result.findings["rule"]) == {"email_not_hashed", "phone_not_hashed"}
    assert set(result.findings["field_path"]) == {"user_identifiers.email", "user_identifiers.phone"}
    for table in (result.events, result.findings):
        assert "planted" not in table.write_json()
        assert "15112345678" not in table.write_json()


@pytest.mark.parametrize("name", ["stored.ndjson", "stored.csv", "stored.parquet"])
def test_identifiers_are_read_from_json_text(tmp_path: Path, name: str) -> None:
    assert_read(ingested(written(tmp_path, name, [{**STORED, "user_identifiers": json.dumps(SENT)}])))


@pytest.mark.parametrize("name", ["stored.ndjson", "stored.parquet"])
def test_identifiers_are_read_from_an_object(tmp_path: Path, name: str) -> None:
    assert_read(ingested(written(tmp_path, name, [{**STORED, "user_identifiers": SENT}])))


@pytest.mark.parametrize("first", [{}, {"user_identifiers": {"external_id": "x"}}, {"user_identifiers": "{}"}])
@pytest.mark.parametrize("late", [SENT, json.dumps(SENT)], ids=["an object", "a text"])
def test_both_forms_may_stand_in_one_file(tmp_path: Path, first: dict[str, Any], late: Any) -> None:
    rows = [*[{**STORED, **first, "event_id": OTHER}] * 2_000, {**STORED, "user_identifiers": late}]
    assert_read(ingested(written(tmp_path, "stored.ndjson", rows)))


def test_a_raw_payload_with_an_address_as_it_stands_is_kept_without_it(tmp_path: Path) -> None:
    assert_read(ingested(written(tmp_path, "server.ndjson", [SENDS | {"user_identifiers": SENT}])))


@pytest.mark.parametrize("name", ["stored.ndjson", "stored.csv", "stored.parquet"])
@pytest.mark.parametrize("inner", [{"phone": "0151 12345678", "name": "planted"}, ["planted"]], ids=["object", "list"])
def test_an_external_id_that_is_none_is_not_kept(tmp_path: Path, name: str, inner: Any) -> None:
    sent = {"external_id": inner}
    whole = sent if name == "stored.parquet" else json.dumps(sent)
    result = ingested(written(tmp_path, name, [{**STORED, "user_identifiers": whole}]))
    assert result.findings["rule"].to_list() == ["external_id_not_a_value"]
    assert "planted" not in result.events.write_json()


@pytest.mark.parametrize("sent", [{"phone": {"number": "+4915112345678"}}, {"phone": ["+4915112345678"]}])
def test_a_number_in_any_form_costs_no_row(tmp_path: Path, sent: dict[str, Any]) -> None:
    result = ingested(written(tmp_path, "stored.ndjson", [{**STORED, "user_identifiers": HASHES | sent}]))
    assert result.events["email_hash"].to_list() == [HASHES["email_hash"]]
    assert result.findings["rule"].to_list() == ["phone_not_hashed"]


@pytest.mark.parametrize("sent", [{"email": HASHES["email_hash"]}, {"email": False, "phone": "1"}, {"phone": "c" * 64}])
def test_what_is_no_address_and_no_number_is_none(tmp_path: Path, sent: dict[str, Any]) -> None:
    assert ingested(written(tmp_path, "stored.ndjson", [{**STORED, "user_identifiers": sent}])).findings.is_empty()


def test_identifiers_under_a_name_in_capitals_cost_no_row(tmp_path: Path) -> None:
    rows = [{key.upper(): value for key, value in (STORED | {"user_identifiers": HASHES}).items()}]
    assert ingested(written(tmp_path, "stored.ndjson", rows)).events["event_id"].to_list() == [ID]


@pytest.mark.parametrize("external", ["{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "[B2B] 1001"])
def test_an_external_id_that_only_looks_like_an_object_is_kept(tmp_path: Path, external: str) -> None:
    result = ingested(written(tmp_path, "stored.csv", [{**STORED, "external_id": external}]))
    assert result.events["external_id"].to_list() == [external]


@pytest.mark.parametrize("text", ["not JSON", "{oops", "[1]", ""])
def test_what_is_no_object_holds_no_identifier(tmp_path: Path, text: str) -> None:
    result = ingested(written(tmp_path, "stored.csv", [{**STORED, "user_identifiers": text}]))
    assert result.events.select(*HASHES, "external_id").rows() == [(None, None, None)]
    assert result.findings["rule"].to_list() == ["user_identifiers_unusable"] * (text != "")
