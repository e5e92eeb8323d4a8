"""`attribution forget`: rewrites every table of a run without one person, and writes a certificate without their data."""

import hashlib
import hmac
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
from rich.console import Console

from attribution import __version__, erasure
from attribution.command_run import chosen_folders, chosen_settings
from attribution.engines import progress, scheduled, unfinished
from attribution.engines.detection import detection
from attribution.engines.lock import locked
from attribution.engines.parsed import forget_parsed
from attribution.engines.run import run
from attribution.engines.search import files_that_hold
from attribution.engines.store import Store
from attribution.erasure import FOUND_BY, REWRITTEN, Kind, Theirs
from attribution.errors import AttributionError, UsageError
from attribution.flow import STAGE_NAMES
from attribution.settings import Settings

COUNTED: Final = ("events", "scans", "scan_sessions", "web_sessions", "conversions", "touches", "credits", "findings")
MARK: Final = ".erasure-unfinished"
"""Stands in the output folder while an erasure is going on, with the raw rows found: one that was cut off is finished by
the next.
"""


def forget_command(
    visitor: str | None,
    identifier: str | None,
    raw: Path | None,
    out: Path | None,
    params: Path | None,
    *,
    quiet: bool,
) -> None:
    """Erase one person from the tables, reports and pages of a run.

    Raises:
        UsageError: Not exactly one of the two is given.
        InputError: There are no results, or the last run did not end.
        AttributionError: The person is still found after the rewriting: a fault of ours.
    """
    kind, value = _asked(visitor, identifier)
    settings = chosen_settings(raw, out, params)
    raw, out = chosen_folders(raw, out, ("ingest",) if out is None else ())
    store = Store(out)
    try:
        with locked(out):
            unfinished.hold(out)
            certificate = _forget(store, raw, kind, value, settings, quiet=quiet)
    except pl.exceptions.PolarsError as error:
        message = f"the person could not be erased ({type(error).__name__}). Run the command again."
        raise AttributionError(message) from None
    path = out / "erasures" / f"{certificate['erased_at'].replace(':', '')}.json"
    store.write_json(path, certificate)
    (out / MARK).unlink(missing_ok=True)
    if not quiet:
        _say(certificate, path)


def _forget(
    store: Store, raw: Path | None, kind: Kind, value: str, settings: Settings, *, quiet: bool
) -> dict[str, Any]:
    before = _counts(store)
    theirs = erasure.find(store.scan_all(FOUND_BY), kind, value)
    mark, remade = store.out / MARK, list[str]()
    where = json.loads(mark.read_text("utf-8")) if mark.exists() else []
    where += erasure.raw_rows(theirs, store.scan("sources")).to_dicts()
    if theirs.events.height or theirs.scan_sessions.height or mark.exists():
        store.write_text(mark, json.dumps(where))
        remade = _rewrite(store, theirs, settings, quiet=quiet)
    holding = files_that_hold(store.out, value)
    if holding:
        message = f"{len(holding)} file(s) still hold the person: {', '.join(holding[:5])}. Nothing was certified."
        raise AttributionError(message)
    certificate = _certificate(kind, value, settings, before, _counts(store), where)
    searched = files_that_hold(raw, value) if raw else None
    return certificate | {"raw_files_searched": searched, "reports_made_anew": remade}


def _asked(visitor: str | None, identifier: str | None) -> tuple[Kind, str]:
    if (visitor is None) == (identifier is None):
        message = "give one of --visitor ID and --identifier HASH (or `-` to read it from standard input)."
        raise UsageError(message)
    kind: Kind = "visitor" if visitor is not None else "identifier"
    value = (visitor or identifier or "").strip()
    value = sys.stdin.readline().strip() if value == "-" else value
    if not value:
        message = f"--{kind}: nothing was given."
        raise UsageError(message)
    return kind, value


def _counts(store: Store) -> dict[str, int]:
    return {name: store.scan(name).select(pl.len()).collect().item() for name in COUNTED}


def _rewrite(store: Store, theirs: Theirs, settings: Settings, *, quiet: bool) -> list[str]:
    """Take the person out of what ingest wrote, `events` last for the others read it, and make the rest anew.

    The names of the scheduled reports that were made anew as well.
    """
    forget_parsed(store)
    kept = erasure.without(store.scan_all(REWRITTEN), theirs)
    for name in reversed(REWRITTEN):
        store.write_table(name, kept[name])
    with progress.shown(Console(stderr=True, quiet=quiet)) as report:
        run(None, store.out, settings, stages=STAGE_NAMES[1:], report=report)
    return scheduled.make_anew(store, settings)


def _certificate(
    kind: Kind,
    value: str,
    settings: Settings,
    before: dict[str, int],
    after: dict[str, int],
    where: list[dict[str, Any]],
) -> dict[str, Any]:
    key = detection(settings).fingerprint_key
    fingerprint = hmac.new(key, value.lower().encode(), hashlib.sha256).hexdigest() if key else None
    return {
        "erased_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "named_by": kind,
        "fingerprint": fingerprint,
        "tables": {name: {"before": before[name], "after": after[name]} for name in COUNTED},
        "raw_files": where,
        "verified": "every file of the output folder was searched for the id after the rewriting, and none holds it",
    }


def _say(certificate: dict[str, Any], path: Path) -> None:
    erased = {name: rows["before"] - rows["after"] for name, rows in certificate["tables"].items()}
    if not any(erased.values()):
        print("No row names this person; nothing was changed.")  # noqa: T201
    for name, rows in erased.items():
        if rows:
            print(f"{name}: {rows:,} row(s) erased")  # noqa: T201
    for file in certificate["raw_files"]:
        print(f"still in the raw file {file['source_file']}: {file['rows']:,} row(s)")  # noqa: T201
    for name in certificate["raw_files_searched"] or ():
        print(f"the id can be read in the raw file {name}")  # noqa: T201
    if certificate["raw_files"] or certificate["raw_files_searched"]:
        print("Take them out of the raw files, or the next run brings the person back.")  # noqa: T201
    print(f"Certificate: {path}")  # noqa: T201
