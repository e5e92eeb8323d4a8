"""The report of a period, made in a folder of its own, which appears whole or not at all."""

import json
import os
import shutil
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from attribution import page, schedule
from attribution.code_names import told_apart
from attribution.days import end_of
from attribution.engines.store import Store, beside
from attribution.engines.workbook import workbook
from attribution.errors import InputError
from attribution.flow import stage_named
from attribution.lacking import lacking
from attribution.periods import ALL, Period, days_seen, parsed, restricted
from attribution.report import Span, report
from attribution.reports.compared import COMPARED
from attribution.reports.period_change import with_change
from attribution.settings import Settings
from attribution.stage import Tables

LATEST: Final = "latest"
MADE: Final = ".made"
"""Where the folders really are; the names beside it are links, which can be switched in one step."""
OF_COSTS: Final = {
    "Costs": "Spend in the period. Fixed costs and the day on which costs had come back are of no period."
}
OF_ALL_DAYS: Final = ("data_quality", "uncounted_revenue")
"""Reports about rows, which belong to the whole run."""
GRACE_S: Final = 3600
"""How long a folder outlives its last name, in seconds, for whoever is still reading it."""


def make(store: Store, settings: Settings, period: Period) -> tuple[Path, dict[str, Any]]:
    """Make the report of a period from the tables of a run.

    Args:
        store: The output folder of the run.
        settings: Those of the run.
        period: The days.

    Returns:
        The report's folder, `OUT/scheduled/<period>`, and its summary.

    Raises:
        InputError: The run's tables are not there.
    """
    folder = store.out / "scheduled"
    whole = store.scan_all(stage_named("report").reads)
    _sweep(folder)
    staged = Store(folder / MADE / f"{period.name}.{time.time_ns()}")
    ledger = json.loads((store.out / "ledger.json").read_text("utf-8"))
    frames, told = _reports(whole, settings, period, ledger, _last(folder, period, settings.report.currency))
    frames |= {name: _of_all_days(store, name) for name in OF_ALL_DAYS}
    told |= {"lacking": [f"{lead}: {said}." for lead, said in lacking(ledger, told_apart(frames), of_period=True)]}
    for name, frame in frames.items():
        staged.write_report(name, frame)
    about = {"Period": period.words(), "Days": settings.report.time_zone} | (OF_COSTS if period.name != ALL else {})
    staged.write_bytes(staged.report("reports", "xlsx"), workbook(frames, about))
    staged.write_text(
        staged.report("index", "html"), page.page(frames, ledger, settings, period=period.words(), told=told)
    )
    staged.write_json(staged.report("summary", "json"), told)
    _publish(folder, period.name, staged.out / "reports")
    return folder / period.name, told


def _of_all_days(store: Store, name: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(store.report(name), glob=False)
    except FileNotFoundError:
        message = f"{store.report(name)}: missing. Run the command without --no-run to make the results again."
        raise InputError(message) from None


def make_anew(store: Store, settings: Settings) -> list[str]:
    """Make every existing report again from the tables as they are now, and remove the old ones at once; returns their names.

    The oldest is made first and the latest last, so that each is compared with the one before.

    Args:
        store: The output folder of the run.
        settings: Those of the run.
    """
    folder = store.out / "scheduled"
    latest = (folder / LATEST).resolve()
    made = [path for path in folder.glob("*") if path.is_symlink() and path.name != LATEST and path.exists()]
    oldest_first = sorted(made, key=lambda path: (path.resolve() == latest, _period_of(path).last, path.name))
    (folder / LATEST).unlink(missing_ok=True)
    for path in oldest_first:
        make(store, settings, _period_of(path))
    _sweep(folder, grace_s=0)
    return [path.name for path in oldest_first]


def _period_of(path: Path) -> Period:
    return _named(json.loads((path / "summary.json").read_text("utf-8")))


def _named(told: Mapping[str, Any]) -> Period:
    """The period of a summary, by its name, which does not depend on today."""
    return parsed(told["period"]["name"], today=date.min)


def _reports(
    whole: Tables, settings: Settings, period: Period, ledger: Mapping[str, Any], last: Mapping[str, Any] | None
) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Every report of the period, those with change, and the summary."""
    chosen = settings.report
    now = _of(whole, period, settings)
    frames = _collected(report(now, settings, _span(period, whole, settings)))
    previous = period.previous()
    before = None if previous is None else _of(whole, previous, settings)
    earlier = {} if previous is None or before is None else _earlier(before, whole, settings, previous)
    changed = {
        f"{name}_change": with_change(
            frames[name], earlier.get(name), keys=of.keys, measures=of.measures, lists_all=of.lists_all
        )
        for name, of in COMPARED.items()
    }
    told = schedule.summary(
        period,
        chosen.time_zone,
        chosen.currency,
        now=schedule.figures_of(now["conversions"], now["scan_sessions"]),
        before=None if before is None else schedule.figures_of(before["conversions"], before["scan_sessions"]),
        last=last,
        run=schedule.run_rates(ledger),
        per_qr=told_apart({"revenue_per_qr": changed["revenue_per_qr_change"]})["revenue_per_qr"],
        data=days_seen(whole["scan_sessions"], whole["conversions"], time_zone=chosen.time_zone),
        limits=settings.schedule,
    )
    return frames | changed, told


def _of(whole: Tables, period: Period, settings: Settings) -> dict[str, pl.LazyFrame]:
    """The tables of the period. A QR code's fixed cost belongs to no period and is left out."""
    cut = restricted(whole, period, settings.report.time_zone)
    if period.name == ALL:
        return cut
    codes = cut["qr_codes"]
    return cut | {"qr_codes": codes.with_columns(cost=pl.lit(None).cast(codes.collect_schema()["cost"]))}


def _earlier(before: Tables, whole: Tables, settings: Settings, period: Period) -> dict[str, pl.DataFrame]:
    made = report(before, settings, _span(period, whole, settings))
    return _collected({name: made[name] for name in COMPARED})


def _span(period: Period, whole: Tables, settings: Settings) -> Span:
    if period.name == ALL:
        return Span()
    return Span((period.first, period.last), end_of(period.last, settings.report.time_zone), whole)


def _collected(made: Tables) -> dict[str, pl.DataFrame]:
    frames = pl.collect_all(list(made.values()), engine="streaming")
    return dict(zip(made, frames, strict=True))


def _last(folder: Path, period: Period, currency: str) -> dict[str, Any] | None:
    """The report made last, if of another period of the same kind, as `schedule.summary` takes it: a week is not compared
    with a month, nor euros with dollars. For a report made again it is the one that came before it the first time.
    """
    path = folder / LATEST / "summary.json"
    if not path.is_file():
        return None
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    made = _named(told)
    if told["currency"] != currency:
        return None
    if made == period:
        last: dict[str, Any] | None = told["last_report"]
        return last
    return {"name": made.name, **told["now"]} if made.name != ALL and made.is_like(period) else None


def _publish(folder: Path, name: str, made: Path) -> None:
    """Point the period's name and `latest` at the new folder, each in one step. The old one stays whole for its readers."""
    for link in (name, LATEST):
        _touch(folder / link)
        staged = beside(folder / link)
        staged.unlink(missing_ok=True)
        staged.symlink_to(made.relative_to(folder), target_is_directory=True)
        staged.replace(folder / link)


def _touch(link: Path) -> None:
    """Begin the grace period of the folder behind a link, which is about to lose that name."""
    if link.exists():
        os.utime(link.resolve().parent)


def _sweep(folder: Path, *, grace_s: float = GRACE_S) -> None:
    """Remove the folders that no name points to: of reports replaced or dropped, or begun and cut off, `grace_s` ago."""
    live = {path.resolve().parent for path in folder.glob("*") if path.is_symlink()}
    for path in (folder / MADE).glob("*"):
        if path.resolve() not in live and time.time() - path.stat().st_mtime >= grace_s:
            shutil.rmtree(path, ignore_errors=True)


def retain(folder: Path, keep: int) -> list[str]:
    """Drop the oldest reports beyond the newest `keep` (0: keep all), never the latest; returns their names."""
    latest = (folder / LATEST).resolve()
    links = [
        path for path in folder.iterdir() if path.is_symlink() and path.name != LATEST and path.resolve() != latest
    ]
    newest_first = sorted(links, key=lambda path: (_period_of(path).last, path.name), reverse=True)
    dropped = newest_first[max(keep - 1, 0) :] if keep else []
    for path in dropped:
        _touch(path)
        path.unlink()
    return sorted(path.name for path in dropped)
