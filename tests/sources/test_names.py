"""Under which name a field comes: told for each row, not by the first rows of a file."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from attribution.sources.detect import detect
from tests.sources.reading import read, read_whole

ONE = '{"event_id": "e", "event_name": "click"}\n'

LEAD = {"event_id": "l", "site_id": "s", "event_name": "lead", "scan_session_id": "x"}
MONEY = {"amount": 49.99, "currency": "USD"}
BROKEN = '{"event_id": "b", "site_id": }\n'


def lines(*records: dict[str, object]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


LATE: dict[str, tuple[dict[str, object], dict[str, str]]] = {
    "money of a payload": ({"conversion_value": MONEY}, {"amount": "49.99", "currency": "USD"}),
    "a user agent": ({"device": {"user_agent": "Mozilla/5.0"}}, {"user_agent": "Mozilla/5.0"}),
    "identifiers": ({"user_identifiers": {"email_hash": "h"}}, {"email_hash": "h"}),
    "another name": ({"qrid": "q1"}, {"qr_code_id": "q1"}),
    "flattened money": (
        {"conversion_value.amount": 49.99, "conversion_value.currency": "USD"},
        {"amount": "49.99", "currency": "USD"},
    ),
    "flattened money of a stored row": (
        {"source": "server", "conversion_value.amount": 3, "conversion_value.currency": "EUR"},
        {"amount": "3", "currency": "EUR"},
    ),
    "money of a stored row": (
        {"source": "server", "conversion_value": 3, "conversion_currency": "EUR"},
        {"amount": "3", "currency": "EUR"},
    ),
}


@pytest.mark.parametrize("beside", ["", BROKEN], ids=["a whole block", "a block with a broken line"])
@pytest.mark.parametrize("name", LATE)
def test_a_field_that_the_first_rows_lack_is_read_all_the_same(tmp_path: Path, name: str, beside: str) -> None:
    sent, expected = LATE[name]
    first = LEAD | ({"source": "server"} if "source" in sent else {})
    content = lines(*[first] * 2_000, {**LEAD, "event_id": "late", **sent})
    _, frame, bad = read(tmp_path, "server.ndjson", content + beside.encode())
    late = frame.filter(event_id="late").select(expected.keys())
    assert (late.to_dicts(), len(bad)) == ([expected], bool(beside))


def test_a_field_that_the_first_elements_of_an_array_lack_is_read_all_the_same(tmp_path: Path) -> None:
    records = [LEAD] * 2_000 + [{**LEAD, "event_id": "late", "conversion_value": MONEY}]
    _, frame, _ = read(tmp_path, "server.json", json.dumps(records).encode())
    assert frame.filter(event_id="late")["amount"].to_list() == ["49.99"]


@pytest.mark.parametrize("beside", ["", BROKEN], ids=["a whole block", "a block with a broken line"])
@pytest.mark.parametrize("case", [str.upper, str.title, str.capitalize])
def test_a_field_that_the_first_rows_lack_is_read_in_their_case(
    tmp_path: Path, case: Callable[[str], str], beside: str
) -> None:
    late = {**LEAD, "event_id": "late", "source": "server", "conversion_value": 3, "conversion_currency": "EUR"}
    records = [{case(name): value for name, value in record.items()} for record in [*[LEAD] * 2_000, late]]
    _, frame, _ = read(tmp_path, "server.ndjson", lines(*records) + beside.encode())
    assert frame.filter(event_id="late").select("source", "amount", "currency").rows() == [("server", "3", "EUR")]


def test_nested_and_flattened_money_may_stand_in_one_file(tmp_path: Path) -> None:
    flat = {f"conversion_value.{name}": value for name, value in MONEY.items()}
    content = lines({**LEAD, **flat}, {**LEAD, "conversion_value": MONEY}, {**LEAD, **flat})
    assert read(tmp_path, "server.ndjson", content)[1]["amount"].to_list() == ["49.99"] * 3


@pytest.mark.parametrize("beside", ["", BROKEN])
def test_of_several_names_the_first_with_a_value_counts(tmp_path: Path, beside: str) -> None:
    rows = [
        {**LEAD, "conversion_value": MONEY, "conversion_currency": "EUR"},
        {**LEAD, "conversion_value": {"amount": 20, "currency": "EUR"}},
        {**LEAD, "conversion_value": {"amount": 5}, "conversion_currency": "GBP"},
        {**LEAD, "qr_code_id": "own", "qrid": "other"},
    ]
    _, frame, _ = read(tmp_path, "server.ndjson", lines(*rows) + beside.encode())
    assert frame["currency"].to_list() == ["EUR", "EUR", "GBP", None]
    assert frame["qr_code_id"].to_list() == [None, None, None, "own"]


NAMED_TWICE = """\
event_id,site_id,event_name,conversion_value,conversion_value.amount,conversion_currency,conversion_value.currency
a,s,purchase,,49.99,\\N,USD
b,s,purchase,7,49.99,EUR,USD
c,s,purchase,NULL,"",,
"""


@pytest.mark.parametrize(
    "beside", ["", '"d",s,"two\nlines",5,,EUR,\n'], ids=["a whole block", "a block read row by row"]
)
def test_of_several_columns_of_a_table_the_first_with_a_value_counts(tmp_path: Path, beside: str) -> None:
    _, frame, bad = read(tmp_path, "server.csv", (NAMED_TWICE + beside).encode())
    money = frame.filter(pl.col("event_id") != "d").select("amount", "currency").rows()
    assert (money, bad) == ([("49.99", "USD"), ("7", "EUR"), (None, None)], [])


def test_flattened_names_of_a_table_are_names_as_they_stand(tmp_path: Path) -> None:
    rows = pl.DataFrame([{**LEAD, "conversion_value.amount": 49.99, "conversion_value.currency": "USD"}] * 3)
    rows.write_parquet(tmp_path / "flat.parquet")
    rows.write_ndjson(tmp_path / "flat.ndjson")
    rows.write_csv(tmp_path / "flat.csv")
    for name in ("flat.parquet", "flat.ndjson", "flat.csv"):
        frame, bad = read_whole(detect(tmp_path / name, tmp_path))
        assert (frame["amount"].cast(pl.String).to_list(), frame["currency"].unique().to_list(), bad) == (
            ["49.99"] * 3,
            ["USD"],
            [],
        )


def test_a_name_of_the_settings_is_spelled_as_it_comes(tmp_path: Path) -> None:
    (tmp_path / "server.ndjson").write_bytes(lines(*[LEAD] * 2_000, {**LEAD, "event_id": "late", "Total": 7}))
    frame, _ = read_whole(detect(tmp_path / "server.ndjson", tmp_path, aliases={"Total": "amount"}))
    assert frame.filter(event_id="late")["amount"].to_list() == ["7"]


@pytest.mark.parametrize("file", ["server.ndjson", "server.csv", "server.parquet"])
def test_of_several_names_of_the_settings_the_first_with_a_value_counts(tmp_path: Path, file: str) -> None:
    rows = [{"value": "1"}, {"order_total": "2"}, {"value": "3", "order_total": "4"}, {"amount": "5"}]
    named = ("value", "order_total", "amount")
    sent = pl.DataFrame(
        [LEAD | dict.fromkeys(named) | row for row in rows], schema_overrides=dict.fromkeys(named, pl.String)
    )
    {"ndjson": sent.write_ndjson, "csv": sent.write_csv, "parquet": sent.write_parquet}[file.split(".")[1]](
        tmp_path / file
    )
    aliases = {"value": "amount", "order_total": "amount"}
    frame, bad = read_whole(detect(tmp_path / file, tmp_path, aliases=aliases))
    assert (frame["amount"].to_list(), bad) == (["1", "2", "3", "5"], [])


@pytest.mark.parametrize(("name", "text"), [("a.csv", "event_id,event_name\ne,click\n"), ("a.ndjson", ONE)])
def test_a_column_may_serve_two_by_the_settings(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    aliases = {"event_name": "event_type"}
    frame, _ = read_whole(detect(tmp_path / name, tmp_path, kinds={"*": "events_stored"}, aliases=aliases))
    assert frame.select("event_type", "event_name").rows() == [("click", "click")]
