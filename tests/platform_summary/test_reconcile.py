"""The platform's summary beside ours: their numbers are made here by plain counting over the written tables."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from attribution import slices
from attribution.engines.store import Store
from attribution.errors import InputError
from attribution.platform_summary import numbers, readings
from attribution.platform_summary.facts import READS, Facts, facts
from attribution.platform_summary.readings import CHOICES, WORDS, departures
from attribution.platform_summary.reconcile import reconcile
from attribution.platform_summary.theirs import Theirs, read
from tests.refusing import Command


def found(results: Path, zone: str = "UTC") -> Facts:
    tables = Store(results).scan_all(READS)
    names = ("purchase", "signup", "lead")
    return facts(tables, event_names=names, with_value=True, currency="USD", time_zone=zone)


def rows(results: Path) -> pl.DataFrame:
    """Every event with why it is a copy and what it counts for, by its plainest reading."""
    store = Store(results)
    copies = store.scan("duplicates").select("row_id", copy="reason")
    server = pl.col("source") == "server"
    converts = server & (
        pl.col("event_name").is_in(["purchase", "signup", "lead", "refund"]) | pl.col("amount").is_not_null()
    )
    refund = (pl.col("event_name") == "refund").fill_null(value=False) | (pl.col("amount") < 0).fill_null(value=False)
    name = pl.when(server).then("event_name").otherwise("event_type")
    return (
        store.scan("events")
        .join(copies, on="row_id", how="left")
        .with_columns(converts=converts, refund=refund, sent=name, day=pl.col("occurred_at").dt.date().cast(pl.String))
        .collect()
    )


def theirs(counted: pl.DataFrame, sent: bool = False) -> Theirs:
    """A summary of these rows, whose columns `converts` and `earns` (null: nothing) say what they count for."""
    numbers: dict[tuple[str, str | None, str], Decimal] = {}
    event = pl.col("sent") if sent else pl.col("sent").replace({"pageview": "page_view"})
    cuts = {"count": pl.lit(None, pl.String), "trend": pl.col("day"), "event_breakdown": event}
    for section, key in cuts.items():
        for (name,), cell in counted.group_by(key.alias("key")):
            numbers[section, name, "total_events"] = Decimal(cell.height)
            numbers[section, name, "unique_sessions"] = Decimal(cell["scan_session_id"].drop_nulls().n_unique())
            numbers[section, name, "conversions"] = Decimal(int(cell["converts"].sum()))
    whole = counted.filter("earns")
    sign = {True: -1, False: 1}
    money = [
        abs(amount) * sign[refund] for amount, refund in whole.select("amount", "refund").rows() if amount is not None
    ]
    numbers["count", None, "revenue"] = sum(money, Decimal(0))
    return Theirs(None, numbers, (), "USD")


IS_OURS = pl.col("copy").is_null() & pl.col("exclusion").is_null()
IN_DOLLARS = pl.col("currency") == "USD"
CASES: list[tuple[set[str], pl.Expr, pl.Expr, pl.Expr]] = [
    (set(), IS_OURS, ~pl.col("refund"), IN_DOLLARS),
    ({readings.ALL_COPIES}, pl.col("exclusion").is_null(), ~pl.col("refund"), IN_DOLLARS),
    (
        {readings.UNFLAGGED_COPIES},
        (pl.col("copy").is_null() | (pl.col("copy") == "repeated_id")) & pl.col("exclusion").is_null(),
        ~pl.col("refund"),
        IN_DOLLARS,
    ),
    (
        {readings.FRAUD},
        pl.col("copy").is_null() & (pl.col("exclusion").is_null() | (pl.col("exclusion") == "fraud")),
        ~pl.col("refund"),
        IN_DOLLARS,
    ),
    ({readings.TEST, readings.FRAUD}, pl.col("copy").is_null(), ~pl.col("refund"), IN_DOLLARS),
    ({readings.REFUNDS_CONVERT}, IS_OURS, pl.lit(value=True), IN_DOLLARS),
    ({readings.NO_REFUNDS, readings.ADDED_UP}, IS_OURS, ~pl.col("refund"), ~pl.col("refund")),
    ({readings.ADDED_UP}, IS_OURS, ~pl.col("refund"), pl.lit(value=True)),
]


@pytest.mark.parametrize(("expected", "counted", "is_conversion", "earns"), CASES)
def test_the_rule_that_they_read_otherwise_is_named(
    results: Path, expected: set[str], counted: pl.Expr, is_conversion: pl.Expr, earns: pl.Expr
) -> None:
    kept = rows(results).filter(counted)
    kept = kept.with_columns(earns=pl.col("converts") & earns, converts=pl.col("converts") & is_conversion)
    compared = reconcile(theirs(kept), found(results), lambda _: {})
    assert compared.filter(pl.col("outcome") == "unexplained").is_empty()
    named = {name for why in compared["explained_by"].drop_nulls() for name in why.split(" + ")}
    assert named == expected
    assert compared.filter(pl.col("outcome") == "equal")["difference"].abs().max() == 0


@pytest.mark.parametrize("measure", numbers.MEASURES)
@pytest.mark.parametrize(
    "reading",
    [
        readings.OURS,
        frozenset({readings.FRAUD, readings.RECEIVED_DAYS, readings.SENT_NAMES}),
        frozenset({readings.BROWSER_SESSIONS, readings.TEST}),
    ],
)
def test_what_is_held_for_a_reading_gives_the_same_numbers(
    results: Path, reading: readings.Reading, measure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "ROWS", 100)
    whole = found(results)
    held = numbers.held_under(whole, reading)
    assert len(whole.events) > 5
    expected = numbers.number(whole, measure, reading=reading)
    assert expected["section"].unique().sort().to_list() == sorted(numbers.SECTIONS)
    assert_frame_equal(numbers.number(held, measure, reading=reading), expected, check_row_order=False)


def test_no_session_is_held_in_two_parts(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "ROWS", 100)
    sessions = [part.collect()["session"].unique() for part in numbers.held_under(found(results)).events]
    assert sum(not part.is_empty() for part in sessions) > 2
    assert sum(map(len, sessions)) == pl.concat(sessions).n_unique()


def test_names_as_sent_and_days_in_utc_are_told_apart(results: Path) -> None:
    ours = rows(results).filter(IS_OURS)
    kept = ours.with_columns(earns=pl.col("converts") & IN_DOLLARS, converts=pl.col("converts") & ~pl.col("refund"))
    assert "pageview" in kept["sent"]
    compared = reconcile(theirs(kept, sent=True), found(results, "Asia/Kolkata"), lambda _: {})
    assert compared.filter(pl.col("outcome") == "unexplained").is_empty()
    why = dict(
        compared.filter(pl.col("outcome") == "explained").group_by("measure").agg(pl.col("explained_by").first()).rows()
    )
    assert why["total_events"] == "days_in_utc + names_as_sent"
    assert why["conversions"] == "days_in_utc"


def test_a_number_that_nothing_explains_is_said_to_be_so(results: Path) -> None:
    kept = rows(results).filter(IS_OURS)
    told = theirs(
        kept.with_columns(earns=pl.col("converts") & IN_DOLLARS, converts=pl.col("converts") & ~pl.col("refund"))
    )
    busiest = max(key for section, key, _ in told.numbers if section == "trend" and key)
    numbers = {**told.numbers, ("trend", busiest, "total_events"): Decimal(99_999)}
    compared = reconcile(Theirs(None, numbers, (), "USD"), found(results), lambda _: {})
    left = compared.filter(pl.col("outcome") != "equal")
    assert left.select("section", "key", "measure", "theirs", "outcome", "explained_by").rows() == [
        ("trend", busiest, "total_events", Decimal(99_999), "unexplained", None)
    ]


def test_a_day_that_they_lack_is_a_difference(results: Path) -> None:
    kept = rows(results).filter(IS_OURS).with_columns(earns=pl.lit(value=False), converts=pl.lit(value=False))
    last = str(kept["day"].max())
    compared = reconcile(theirs(kept.filter(pl.col("day") < last)), found(results), lambda _: {})
    lacking = compared.filter(pl.col("key") == last, pl.col("measure") == "total_events")
    assert lacking.select("theirs", "ours", "outcome").rows() == [
        (Decimal(0), Decimal(kept.filter(pl.col("day") == last).height), "unexplained")
    ]


def test_every_departure_is_explained_and_tried_alone_first() -> None:
    for measure, groups in CHOICES.items():
        tried = list(departures(measure))
        names = {name for group in groups for name in group}
        assert names <= set(WORDS)
        assert [set(reading) for reading in tried[: len(names)]] == [{name} for group in groups for name in group]
        assert len(set(tried)) == len(tried)
        assert not any(len(reading & set(group)) > 1 for reading in tried for group in groups)


@pytest.fixture
def out(results: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results, tmp_path / "out"))


def answer_of(results: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((results / "reports" / "platform_summary.json").read_text())
    return content


def test_our_own_summary_is_equal_to_itself(command: Command, out: Path) -> None:
    summary = out / "reports" / "platform_summary.json"
    done = command("reconcile", summary, "--out", out)
    assert done.returncode == 0, done.stderr
    assert " 0 explained, 0 unexplained" in done.stdout
    whole = answer_of(out)
    assert whole["count"]["total_events"] == sum(day["events"] for day in whole["trend"])
    assert whole["count"]["total_conversions"] == sum(day["conversions"] for day in whole["trend"])
    assert whole["count"]["total_events"] == sum(row["total_events"] for row in whole["event_breakdown"])
    assert whole["count"]["unique_sessions"] < sum(day["unique_sessions"] for day in whole["trend"])
    assert next(row["step"] for row in whole["funnel"]) == "scan"


def test_a_period_and_steps_in_any_order(command: Command, out: Path, tmp_path: Path) -> None:
    ours = answer_of(out)
    ours["count"] = {"period": {"start": "2026-02-01T00:00:00Z", "end": "2026-02-28"}}
    ours["trend"] = [day for day in ours["trend"] if day["date"].startswith("2026-02")]
    tables = Store(out).scan_all(READS)
    february = pl.col("day").str.starts_with("2026-02")
    page_views = rows(out).filter(IS_OURS, february, pl.col("sent").is_in(["page_view", "pageview"]))
    known = tables["scan_sessions"].filter("is_known", pl.col("scanned_at").dt.strftime("%Y-%m") == "2026-02").collect()
    of_known = page_views.filter(pl.col("scan_session_id").is_in(known["scan_session_id"].to_list()))
    views = of_known["scan_session_id"].n_unique()
    ours["funnel"] = [{"step": "scan", "sessions": known.height}, {"step": "page_view", "sessions": views}]
    ours.pop("event_breakdown")
    ours.pop("site_breakdown")
    (tmp_path / "theirs.json").write_text(json.dumps({"data": ours}))
    done = command("reconcile", tmp_path / "theirs.json", "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    compared = pl.read_parquet(out / "reports" / "reconciliation.parquet")
    assert set(compared["section"]) == {"trend", "funnel"}
    assert set(compared.filter(pl.col("section") == "trend")["outcome"]) == {"equal"}
    assert set(compared["explained_by"].drop_nulls()) <= {"steps_in_any_order"}


def test_the_command_ends_with_the_gate_where_something_is_left(command: Command, out: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs.json").write_text(json.dumps({"count": {"total_events": 7, "conversion_rate": 1.5}}))
    done = command("reconcile", tmp_path / "theirs.json", "--out", out)
    assert done.returncode == 4
    assert "numbers differ, and no rule explains why" in done.stderr
    assert "theirs 7, ours" in done.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "cannot be read as JSON"),
        ("[]", "not a response to POST /analytics/ct/"),
        ('{"error": "unauthorised"}', "not a response to POST /analytics/ct/"),
        ('{"count": {"period": {"start": "soon", "end": "later"}}}', "no start and end as dates"),
        ('{"count": {"revenue": "1,234.50"}}', "count.revenue is not a number"),
        ('{"trend": [{"date": "2026-05-01", "events": NaN}]}', "trend.events is not a number"),
        (None, ": No such file or directory. Save"),
    ],
)
def test_a_file_that_is_no_answer_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "theirs.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert said in str(caught.value)
