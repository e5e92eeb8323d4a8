"""`attribution forget`: rewrites every table of a run without one person, and writes a certificate without their data."""

import hashlib
import hmac
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
from rich.console import Console

from attribution import __version__, erasure
from attribution.command_run import PROJECT_RAW, chosen_folders, settings_of_run
from attribution.engines import begun_erasure, made_with, progress, scheduled, unfinished
from attribution.engines.begun_erasure import Begun
from attribution.engines.detection import detection
from attribution.engines.lock import locked
from attribution.engines.parsed import forget_parsed
from attribution.engines.raw_search import raw_files, raw_scans
from attribution.engines.run import run
from attribution.engines.search import files_that_hold, tables_that_hold
from attribution.engines.store import Store
from attribution.erasure import FOUND_BY, REWRITTEN, Kind, Named, Theirs
from attribution.errors import AttributionError, GateError, UsageError
from attribution.flow import STAGE_NAMES
from attribution.settings import Settings

COUNTED: Final = ("events", "scans", "scan_sessions", "web_sessions", "conversions", "touches", "credits", "findings")
SEARCHED: Final = "every file in the output folder was searched for the id after the rewrite, and none contains it"
LOOKED_UP: Final = (
    "no id column in the output folder contains the id; texts, where it may mean someone else, were not searched"
)


def forget_command(
    visitor: str | None,
    identifier: str | None,
    site: str | None,
    raw: Path | None,
    out: Path | None,
    params: Path | None,
    *,
    quiet: bool,
) -> None:
    """Erase one person from the tables, reports and pages of a run.

    Raises:
        UsageError: Not exactly one of the two is given, or an external id of several sites without its site.
        InputError: There are no results, the last run did not end, or the raw folder is missing or empty.
        AttributionError: The person is still found after the rewriting: a fault of ours.
        GateError: The tables made anew break a rule of the run's own; the person is gone from them all the same.
    """
    named = _asked(visitor, identifier, site)
    settings = settings_of_run(out, params)
    raw, out = chosen_folders(raw, out, ("ingest",) if out is None and any(PROJECT_RAW.glob("[!._]*")) else ())
    store = Store(out)
    try:
        with locked(out), made_with.reading(out):
            unfinished.hold(out)
            _of_one_site(store, named)
            certificate, path, crossed = _forget(store, raw, named, settings, quiet=quiet)
    except pl.exceptions.PolarsError as error:
        message = f"the person could not be erased ({type(error).__name__}). Run the command again."
        raise AttributionError(message) from None
    if not quiet:
        _say(certificate, path)
    if crossed:
        raise crossed


def _forget(
    store: Store, raw: Path | None, named: Named, settings: Settings, *, quiet: bool
) -> tuple[dict[str, Any], Path, GateError | None]:
    """The certificate, where it is written, and the gate that the tables made anew cross."""
    earlier = begun_erasure.begun(store, named)
    note = earlier or _new_note(store, named)
    theirs = erasure.find(store.scan_all(FOUND_BY), named)
    note.found(erasure.raw_rows(theirs, store.scan("sources"), named).to_dicts())
    note.found(raw_scans(raw, theirs, named, settings) if raw else ())
    searched = raw_files(raw, named, settings) if raw else None
    remade, crossed = list[str](), None
    is_rewritten = bool(theirs.events.height or theirs.scan_sessions.height or earlier or _holding(store, named))
    if is_rewritten:
        begun_erasure.write(store, note)
        remade, crossed = _rewrite(store, theirs, named, settings, quiet=quiet)
    _verify(store, named)
    certificate = _certificate(named, settings, note, _counts(store))
    certificate |= {"raw_files_searched": searched, "reports_made_anew": remade, "tables_made_anew": is_rewritten}
    path = store.out / "erasures" / f"{certificate['erased_at'].replace(':', '')}.json"
    store.write_json(path, certificate)
    begun_erasure.done(store, note)
    return certificate, path, crossed


def _new_note(store: Store, named: Named) -> Begun:
    note = begun_erasure.new(named)
    note.before = _counts(store)
    return note


def _asked(visitor: str | None, identifier: str | None, site: str | None) -> Named:
    if (visitor is None) == (identifier is None):
        message = "give either --visitor ID or --identifier HASH (`-` reads it from standard input)."
        raise UsageError(message)
    if site is not None and identifier is None:
        message = "--site goes with --identifier only: it says whose external id that is."
        raise UsageError(message)
    kind: Kind = "visitor" if visitor is not None else "identifier"
    value = (visitor or identifier or "").strip()
    value = sys.stdin.readline().strip() if value == "-" else value
    if not value:
        message = f"--{kind}: no id was given."
        raise UsageError(message)
    return Named(kind, value, site)


def _of_one_site(store: Store, named: Named) -> None:
    """Refuse an external id that several sites know, each another customer by it."""
    if named.kind == "visitor" or named.site or named.is_distinct:
        return
    known = erasure.sites(store.scan("events"), named)
    if len(known) > 1:
        message = (
            f"--identifier: {len(known)} sites have a customer with this id. Name one with --site: {', '.join(known)}."
        )
        raise UsageError(message)


def _holding(store: Store, named: Named) -> list[str]:
    """The files of the output folder in which the person can be found."""
    return files_that_hold(store.out, named.value) if named.is_everywhere else tables_that_hold(store.out, named)


def _verify(store: Store, named: Named) -> None:
    if held := _holding(store, named):
        message = (
            f"{len(held)} file(s) still hold the person: {', '.join(held[:5])}. Nothing was certified. If the id is in the "
            "settings, take it out there; if a file is not one of ours, move it out of the folder. Then run the command again."
        )
        raise AttributionError(message)


def _counts(store: Store) -> dict[str, int]:
    return {name: store.scan(name).select(pl.len()).collect().item() for name in COUNTED}


def _rewrite(
    store: Store, theirs: Theirs, named: Named, settings: Settings, *, quiet: bool
) -> tuple[list[str], GateError | None]:
    """Take the person out of what ingest wrote, `events` last for the others read it, and make the rest anew.

    The names of the scheduled reports that were made anew as well, and the gate that is crossed: no reason to stop here.
    """
    forget_parsed(store)
    kept = erasure.without(store.scan_all(REWRITTEN), theirs, named)
    for name in reversed(REWRITTEN):
        store.write_table(name, kept[name])
    crossed = None
    with progress.shown(Console(stderr=True, quiet=quiet)) as report:
        try:
            run(None, store.out, settings, stages=STAGE_NAMES[1:], report=report)
        except GateError as error:
            crossed = error
    return scheduled.make_anew(store, settings), crossed


def _certificate(named: Named, settings: Settings, note: Begun, after: dict[str, int]) -> dict[str, Any]:
    key = detection(settings).fingerprint_key
    fingerprint = hmac.new(key, named.value.lower().encode(), hashlib.sha256).hexdigest() if key else None
    told = ("source_file", "rows", "row_numbers")
    return {
        "erased_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "named_by": named.kind,
        "fingerprint": fingerprint,
        "tables": {name: {"before": note.before[name], "after": after[name]} for name in COUNTED},
        "raw_files": [{name: row[name] for name in told} for row in note.rows],
        "verified": SEARCHED if named.is_everywhere else LOOKED_UP,
    }


def _say(certificate: dict[str, Any], path: Path) -> None:
    erased = {name: rows["before"] - rows["after"] for name, rows in certificate["tables"].items()}
    if not any(erased.values()):
        changed = (
            "the id was removed from texts in other rows" if certificate["tables_made_anew"] else "nothing was changed"
        )
        print(f"No row names this person; {changed}.")  # noqa: T201
    for name, rows in erased.items():
        if rows:
            print(f"{name}: {rows:,} row(s) erased")  # noqa: T201
    for file in certificate["raw_files"]:
        print(f"still in the raw file {file['source_file']}: {file['rows']:,} row(s)")  # noqa: T201
    for name in certificate["raw_files_searched"] or ():
        print(f"the raw file {name} holds the id, or could not be read to its end")  # noqa: T201
    if certificate["raw_files"] or certificate["raw_files_searched"]:
        print("Remove them from the raw files, or the next run brings the person back.")  # noqa: T201
    print(f"Certificate: {path}")  # noqa: T201
