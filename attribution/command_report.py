"""`attribution report`: the report of a period, for schedules that run with no one watching."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from attribution.command_run import chosen_folders, chosen_settings, settings_of_run
from attribution.engines import made_with, progress, scheduled, unfinished
from attribution.engines.lock import locked
from attribution.engines.run import run
from attribution.engines.store import Store
from attribution.errors import GateError, UsageError
from attribution.periods import parsed
from attribution.settings import Settings
from attribution.settings_notes import not_read
from attribution.summary_lines import lines
from attribution.terminal import printable


def report_command(
    period: str,
    raw: Path | None,
    out: Path | None,
    params: Path | None,
    *,
    runs: bool,
    today: str | None,
    keep: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the flow where there are raw files to read, make the report of the period, and hold it to the gates.

    Raises:
        UsageError: The period is none, or another run holds the folder.
        GateError: A gate of the settings is crossed. All files are written all the same.
        AttributionError: As for `attribution run`.
    """
    reads = runs and (raw is not None or out is None)
    settings = chosen_settings(raw, out, params) if reads else settings_of_run(out, params)
    wanted = parsed(period, today=_today(today, settings))
    raw, out = chosen_folders(raw, out, ("ingest",) if reads else ())
    silent = settings.without_notebooks()
    shows = progress.shown(Console(stderr=True, quiet=quiet))
    with locked(out, create=reads), shows as shown:
        if reads:
            run(raw, out, silent, report=shown)
        unfinished.hold(out)
        with made_with.reading(out):
            folder, told = scheduled.make(Store(out), silent, wanted)
        dropped = scheduled.retain(folder.parent, settings.schedule.keep if keep is None else keep)
    unread = not_read(settings, Path()) if reads and params is None and not quiet else ""
    if as_json:
        sys.stderr.write(unread)
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    elif not quiet:
        removed = [f"Removed: {', '.join(dropped)}"] if dropped else []
        said = [*map(printable, lines(told)), *removed, f"Report: {folder / 'index.html'}"]
        sys.stdout.write(unread + "".join(f"{line}\n" for line in said))
    crossed = [gate for gate in told["gates"] if gate["holds"] is False]
    if crossed:
        listed = ", ".join(f"{gate['name']} is {gate['found']:g}, allowed is {gate['allowed']}" for gate in crossed)
        message = f"a gate failed: {listed}. The report is in {folder}."
        raise GateError(message)


def _today(text: str | None, settings: Settings) -> date:
    if text is None:
        return datetime.now(UTC).astimezone(ZoneInfo(settings.report.time_zone)).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"--today {text}: not a day. Give it as 2026-10-05."
        raise UsageError(message) from error
