"""Who is erased with a name, and the reports of periods that were made before."""

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from attribution import erasure, terms
from attribution.engines import scheduled
from attribution.engines.store import Store
from attribution.periods import parsed
from attribution.settings import People, Settings
from tests.audit.test_forget import Command, visitor_of
from tests.conftest import QUICK
from tests.stages.drawn import events, ran

ZERO = terms.ZERO_UUID
HASH = "b94d27b9934d3e08a52e52d7da7dabfac484efe04294e576fc583c381f2d9c5d"
DRAWN = f"""
    event_id | scan_session_id | source  | visitor_id | email_hash | consent
    a        | s1              | browser | v1         | -          | granted
    b        | s1              | server  | -          | {HASH}     | granted
    c        | s2              | browser | v1         | -          | granted
    d        | -               | server  | v1         | -          | denied
    e        | s3              | browser | v2         | {HASH}     | granted
    f        | -               | server  | v2         | -          | granted
    g        | s4              | browser | v3         | -          | granted
    h        | -               | server  | -          | -          | granted
"""


@pytest.mark.parametrize("join", ["none", "identifiers"])
@pytest.mark.parametrize(
    ("kind", "value", "alone", "joined"),
    [
        ("visitor", "v1", "abcd", "abcdef"),
        ("visitor", "v2", "ef", "abcdef"),
        ("identifier", HASH.upper(), "abcdef", "abcdef"),
        ("visitor", "v3", "g", "g"),
        ("visitor", "nobody", "", ""),
    ],
)
def test_a_name_takes_its_sessions_its_visitors_rows_and_where_people_are_joined_theirs(
    join: str, kind: erasure.Kind, value: str, alone: str, joined: str
) -> None:
    settings = Settings(people=People.model_validate({"join": join}))
    made = ran("conversions", settings, events=events(DRAWN))
    theirs = erasure.find({name: made[name].lazy() for name in erasure.FOUND_BY}, erasure.Named(kind, value))
    assert "".join(sorted(theirs.events["event_id"])) == (joined if join == "identifiers" else alone)


@pytest.mark.parametrize(
    ("value", "site", "expected"),
    [("1001", "north", "a"), ("1001", "south", "bc"), ("ABC", None, "d"), ("abc", None, "e"), ("v9", None, "")],
)
def test_an_external_id_is_a_customer_of_one_site_and_in_one_spelling(
    value: str, site: str | None, expected: str
) -> None:
    made = ran(
        "conversions",
        events=events("""
            event_id | site_id | scan_session_id | source  | visitor_id | external_id
            a        | north   | s1              | server  | -          | 1001
            b        | south   | -               | server  | v9         | 1001
            c        | south   | s3              | browser | v9         | -
            d        | north   | s4              | server  | -          | ABC
            e        | north   | s5              | server  | -          | abc
        """),
    )
    named = erasure.Named("identifier", value, site)
    theirs = erasure.find({name: made[name].lazy() for name in erasure.FOUND_BY}, named)
    assert "".join(sorted(theirs.events["event_id"])) == expected
    assert erasure.sites(made["events"].lazy(), named) == (
        ["north", "south"] if value == "1001" else ["north"] * (len(expected) > 0)
    )


@pytest.mark.parametrize(("value", "expected"), [("v1", "abcdg"), ("v2", "fhj")])
def test_what_a_web_session_or_an_order_ties_to_a_person_goes_with_them(value: str, expected: str) -> None:
    made = ran(
        "conversions",
        events=events(f"""
            event_id | site_id | scan_session_id | web_session_id | source  | visitor_id | event_name | order_id
            a        | n       | s1              | w1             | browser | v1         | -          | -
            b        | n       | unseen          | w1             | server  | -          | purchase   | o1
            c        | n       | -               | w1             | browser | -          | -          | -
            d        | n       | unseen2         | -              | server  | -          | refund     | o1
            e        | m       | unseen3         | -              | server  | -          | refund     | o1
            f        | n       | s2              | {ZERO}         | browser | v2         | -          | -
            g        | n       | s1              | w2             | server  | -          | purchase   | o2
            h        | n       | s2              | w2             | browser | -          | -          | -
            i        | n       | unseen3         | {ZERO}         | server  | -          | purchase   | o3
            j        | n       | s2              | w2             | browser | v2         | -          | o1
        """),
    )
    theirs = erasure.find({name: made[name].lazy() for name in erasure.FOUND_BY}, erasure.Named("visitor", value))
    assert "".join(sorted(theirs.events["event_id"])) == expected


def test_the_reports_of_periods_are_made_anew_and_the_old_ones_are_gone_at_once(
    command: Command, results: Path, tmp_path: Path
) -> None:
    out, params = Path(shutil.copytree(results, tmp_path / "out")), tmp_path / "params.yaml"
    params.write_text("report: {notebooks: false}\n")
    visitor = visitor_of(out)
    bought = pl.read_parquet(out / "tables" / "conversions.parquet").filter(person_id=visitor)["converted_at"].min()
    assert isinstance(bought, date)
    week = parsed(f"{bought:%G-W%V}", today=date(2027, 1, 1))
    for period in (parsed("all", today=date(2027, 1, 1)), week):
        scheduled.make(Store(out), QUICK, period)
    folder = out / "scheduled"
    old = {path.resolve() for path in folder.glob("*") if path.is_symlink()}
    done = command("forget", "--visitor", visitor, "--out", out, "--params", params)
    assert done.returncode == 0, done.stderr
    assert not any(path.exists() for path in old)
    assert (folder / "latest").resolve() == (folder / week.name).resolve()
    conversions = pl.read_parquet(out / "tables" / "conversions.parquet").filter(~pl.col("is_refund")).height
    for name, most in (("all", conversions), (week.name, conversions)):
        told = json.loads((folder / name / "summary.json").read_text())
        assert told["period"]["name"] == name
        assert told["now"]["conversions"] <= most
    assert json.loads((folder / "all" / "summary.json").read_text())["now"]["conversions"] == conversions
    certificate = json.loads(next((out / "erasures").iterdir()).read_text())
    assert sorted(certificate["reports_made_anew"]) == sorted(["all", week.name])
