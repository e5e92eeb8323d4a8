"""What an output folder's tables were made with, kept beside them: the settings, by which whatever builds on these tables
goes, and the code.

Money is in the run's reporting currency, conversions are tied within its window: whoever read the tables with other settings
would call euros dollars. The note keeps what stages after ingest are given: not what only ingest reads, how a step is run, or
whether notebooks are made. It holds for the tables that it was written with; once one of them has changed, it says nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import polars as pl

from attribution.engines.code import code_digest
from attribution.engines.store import Store, files_in, stamped
from attribution.errors import InputError, UsageError
from attribution.narrowing import HOW, narrowed
from attribution.settings import Settings

FILE: Final = ".settings.json"
NOT_KEPT: Final[Any] = {
    **dict.fromkeys(HOW, True),
    "ingest": {"kinds", "aliases", "exclude", "keep_parsed"},
    "report": {"notebooks"},
}


def keep(store: Store, settings: Settings) -> None:
    """Write the note, once the last table of a run is written."""
    told = settings.model_dump(mode="json", exclude=NOT_KEPT)
    store.write_json(store.out / FILE, {"settings": told, "code": code_digest(), "tables": _tables(store.out)})


def kept(out: Path) -> Settings | None:
    """The settings that the folder's tables were made with; None where that is not known.

    Raises:
        UsageError: The note cannot be read; another version may have written it.
    """
    found = noted(out)
    return found[0] if found and found[1] == _tables(out) else None


def noted(out: Path) -> tuple[Settings, list[list[Any]]] | None:
    """The settings in the note, and the tables that it is about, whatever has become of them; None where there is no note.

    Raises:
        UsageError: As `kept`.
    """
    try:
        told = json.loads((out / FILE).read_text("utf-8"))
        return Settings.model_validate(told["settings"]), told["tables"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{out / FILE}: the settings of the existing run cannot be read. Give them with --params."
        raise UsageError(message) from error


def hold(out: Path, settings: Settings) -> None:
    """Refuse settings with which the folder's tables would come out differently. Reports may be made with any settings.

    Raises:
        UsageError: They differ in something that the tables depend on; the message says in what.
    """
    from attribution.flow import STAGES

    try:
        made_with = kept(out)
    except UsageError:
        made_with = None
    told = ("consent", *(name for stage in STAGES if stage.writes for name in stage.settings))
    now = _listed(narrowed(settings, told))
    before = now if made_with is None else _listed(narrowed(made_with, told))
    if others := [name for name, value in now.items() if value != before[name]]:
        message = (
            f"{out}: its tables were made with other settings: {', '.join(others)}. Leave out --params to use that run's "
            "settings, or run the flow with these settings first."
        )
        raise UsageError(message)


@contextmanager
def reading(out: Path) -> Iterator[None]:
    """Inside the block, explain a missing column where other code made the folder's tables and reports.

    Raises:
        InputError: In place of Polars' error about the column.
    """
    try:
        yield
    except pl.exceptions.ColumnNotFoundError as error:
        if _code(out) in {None, code_digest()}:
            raise
        message = (
            f"{out}: its tables and reports were made by another version of attribution. Run the flow again first."
        )
        raise InputError(message) from error


def _code(out: Path) -> object:
    """The digest of the code that made the tables; None where that is not known."""
    try:
        return json.loads((out / FILE).read_text("utf-8")).get("code")
    except (OSError, ValueError, AttributeError):
        return None


def _tables(out: Path) -> list[list[Any]]:
    """Path, size and time of every table."""
    return stamped(Store(out), files_in(out / "tables")) if (out / "tables").is_dir() else []


def _listed(settings: Settings) -> dict[str, Any]:
    """Each setting under its name."""
    sections = settings.model_dump(mode="json", exclude=NOT_KEPT)
    return {f"{section}.{name}": value for section, values in sections.items() for name, value in values.items()}
