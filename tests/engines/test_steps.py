"""A run makes only what would differ, and what it makes is what a run into an empty folder makes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attribution.engines import local, steps, unchanged
from attribution.settings import Settings
from tests.engines.rerun import (
    EVERY,
    SETTINGS,
    assert_as_from_an_empty_folder,
    changed,
    made,
    rewritten,
)

OTHER: dict[str, Any] = {
    "ingest": {
        "kinds": {"nothing*": "events"},
        "aliases": {"nothing": "page_url"},
        "exclude": ["test"],
        "phone_regions": ["DE"],
        "keep_parsed": False,
    },
    "consent": {"scope": "scan_session"},
    "people": {"join": "identifiers", "max_people_per_identifier": 3},
    "sessions": {"timeout_minutes": 5},
    "conversions": {
        "event_names": ["purchase", "lead"],
        "with_value": False,
        "window_days": 9,
        "clock_skew_minutes": 2,
    },
    "journeys": {"lookback_days": 8, "cycles": True},
    "attribute": {
        "models": ["first_touch", "linear", "time_decay", "position_based", "markov", "shapley"],
        "half_life_days": 2.0,
        "position_weights": [0.5, 0.1, 0.4],
        "markov_order": 2,
        "shapley_game": "conversion_rate",
        "exclude": ["qr-01"],
        "exclude_trailing": ["qr-02"],
        "collapse_repeats": True,
        "first_occurrence": True,
        "max_steps": 4,
    },
    "report": {
        "currency": "JPY",
        "time_zone": "Asia/Tokyo",
        "locale": "de_DE",
        "model": "linear",
        "allocate_spend": "scans",
        "funnel_steps": ["scan", "conversion"],
        "seed": 7,
        "replicates": 300,
        "notebooks": False,
    },
    "audit": {"max_leaking_rows": 3, "max_personal_data_rows": 4, "min_group": 2},
    "schedule": {
        "keep": 3,
        "min_tie_rate": 0.1,
        "max_duplicate_rate": 0.9,
        "max_reject_rate": 0.9,
        "max_revenue_swing": 0.5,
    },
}
"""Every setting that may change what is made, at another value than its default."""
EARNED = {"revenue_per_qr", "model_comparison", "revenue_intervals", "revenue_over_time"} | {
    "revenue_by_dimension",
    "scans_by_hour",
    "cohorts",
}
"""The parts of the reports that hang on credits."""


CHANGES: dict[str, tuple[Settings, set[str]]] = {
    "a model's": (changed(attribute={"half_life_days": 3}), {"attribute", *EARNED}),
    "the funnel's": (changed(report={"funnel_steps": ["scan"]}), {"funnel", "platform_summary"}),
    "of the resamples": (changed(report={"seed": 2}), {"revenue_intervals"}),
    "of small groups": (changed(audit={"min_group": 9}), {"revenue_by_dimension", "consent_shares"}),
    "of the page": (changed(report={"locale": "de_DE"}), set()),
    "of web sessions": (
        changed(sessions={"timeout_minutes": 3}),
        EVERY - {"ingest", "deduplicate", "people", "people_joined", "uncounted_revenue", "vendor_flags"},
    ),
    "the window": (
        changed(conversions={"window_days": 9}),
        EVERY
        - {"ingest", "deduplicate", "people", "sessions", "audit", "people_joined", "data_quality"}
        - {"uncounted_revenue", "vendor_flags"},
    ),
    "how it is run": (changed(local={"rows_per_bucket": 100}), set()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_after_a_change_of_a_setting_what_hangs_on_it_is_made(folder: Path, name: str) -> None:
    settings, expected = CHANGES[name]
    assert made(folder, settings) == expected
    assert_as_from_an_empty_folder(folder, settings)


def test_a_change_and_back_make_what_was_there(folder: Path) -> None:
    made(folder, CHANGES["the window"][0])
    assert made(folder, SETTINGS) == CHANGES["the window"][1]
    assert_as_from_an_empty_folder(folder, SETTINGS)


def test_what_a_step_is_not_told_makes_no_difference(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, defaults = Settings.model_validate(OTHER), Settings()
    for section in {*Settings.model_fields} - {"engine", "local", "spark"}:
        for name in type(getattr(defaults, section)).model_fields:
            assert getattr(getattr(settings, section), name) != getattr(getattr(defaults, section), name), name
    made(folder, settings)
    for module in ("engines.steps", "report_part"):
        monkeypatch.setattr(f"attribution.{module}.narrowed", lambda given, _: given)
    assert_as_from_an_empty_folder(folder, settings)


def other_bytes(folder: Path) -> None:
    path = folder / "raw" / "spend.csv"
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))


LATER = EVERY - {"ingest"}
DISTURBED: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "a table written again": (lambda folder: rewritten(folder / "out/tables/scan_sessions.parquet"), {"sessions"}),
    "a table gone": (lambda folder: (folder / "out/tables/duplicates.parquet").unlink(), {"deduplicate"}),
    "what ingest wrote": (lambda folder: rewritten(folder / "out/tables/events.parquet"), {"ingest"}),
    "a report's CSV": (lambda folder: (folder / "out/reports/cohorts.csv").unlink(), {"cohorts"}),
    "the page": (lambda folder: (folder / "out/reports/index.html").unlink(), set()),
    "no note": (lambda folder: (folder / "out" / steps.NOTE).unlink(), EVERY),
    "half a note": (lambda folder: (folder / "out" / steps.NOTE).write_text('{"ingest": {'), EVERY),
    "another note": (lambda folder: (folder / "out" / steps.NOTE).write_text("[1]"), EVERY),
    "a note of another form": (lambda folder: (folder / "out" / steps.NOTE).write_text('{"ingest": 1}'), EVERY),
    "other bytes of the same size": (other_bytes, EVERY),
    "another name": (lambda folder: (folder / "raw/spend.csv").rename(folder / "raw/spent.csv"), EVERY),
    "a file less": (lambda folder: (folder / "raw/spend.csv").unlink(), EVERY),
}


@pytest.mark.parametrize("name", DISTURBED)
def test_what_is_not_as_it_was_is_made_again(folder: Path, name: str) -> None:
    disturb, expected = DISTURBED[name]
    disturb(folder)
    assert made(folder, SETTINGS) == expected
    assert (folder / "out" / "reports" / "index.html").exists()


@pytest.mark.parametrize("name", ["code_digest", "installed"])
def test_other_code_makes_everything(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(unchanged, name, list)
    assert made(folder, SETTINGS) == EVERY


def test_another_fingerprint_key_makes_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTRIBUTION_FINGERPRINT_KEY", "another")
    assert made(folder, SETTINGS) == EVERY


def test_the_page_of_a_notebook_stays_while_its_results_do(folder: Path) -> None:
    page = folder / "out" / "reports" / "notebooks" / "roi.html"
    page.write_text("of the results that are there")
    made(folder, CHANGES["of the page"][0])
    assert page.exists()
    made(folder, CHANGES["of the resamples"][0])
    assert not page.exists()


def test_a_run_that_broke_off_goes_on_where_it_stopped(folder: Path) -> None:
    settings = CHANGES["of web sessions"][0]

    def broken(stage: str) -> None:
        if stage == "conversions":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        local.run(folder / "raw", folder / "out", settings, done=broken)
    assert made(folder, settings) == CHANGES["of web sessions"][1] - {"sessions", "conversions"}
    assert_as_from_an_empty_folder(folder, settings)


def test_a_step_that_broke_off_is_made_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, write = CHANGES["of web sessions"][0], local.Store.write_table

    def broken(store: local.Store, name: str, rows: pl.LazyFrame) -> None:
        if name == "web_sessions":
            raise KeyboardInterrupt
        write(store, name, rows)

    monkeypatch.setattr(local.Store, "write_table", broken)
    with pytest.raises(KeyboardInterrupt):
        local.run(folder / "raw", folder / "out", settings)
    monkeypatch.setattr(local.Store, "write_table", write)
    assert "sessions" in made(folder, SETTINGS)
    assert_as_from_an_empty_folder(folder, SETTINGS)


def test_a_stage_that_is_asked_for_is_made_and_noticed(folder: Path) -> None:
    path = folder / "out" / "tables" / "touches.parquet"
    before = path.stat().st_mtime_ns
    local.run(None, folder / "out", changed(journeys={"cycles": True}), stages=("journeys",))
    assert path.stat().st_mtime_ns > before
    assert made(folder, SETTINGS) == {"journeys"}
    assert_as_from_an_empty_folder(folder, SETTINGS)
