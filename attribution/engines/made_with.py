"""The settings that an output folder's tables were made with, kept beside them: what goes on from these goes on with those.

Money is in the run's reporting currency, conversions are tied within its window: who read the tables with other settings would
call euros dollars. Kept is what stages after ingest are told: not what only ingest reads, how a step is run, or whether
notebooks are made. The note stands for the tables that it was written with; where one is another since, it says nothing.
"""

import json
from pathlib import Path
from typing import Any, Final

from attribution.engines.store import Store, files_in
from attribution.engines.unchanged import stamped
from attribution.errors import UsageError
from attribution.narrowing import HOW, narrowed
from attribution.settings import Settings

FILE: Final = ".settings.json"
NOT_KEPT: Final[Any] = {
    **dict.fromkeys(HOW, True),
    "ingest": {"kinds", "aliases", "exclude", "keep_parsed"},
    "report": {"notebooks"},
}


def keep(store: Store, settings: Settings) -> None:
    """Write them down, when the last table of a run is written."""
    told = settings.model_dump(mode="json", exclude=NOT_KEPT)
    store.write_json(store.out / FILE, {"settings": told, "tables": _tables(store.out)})


def kept(out: Path) -> Settings | None:
    """Those that the folder's tables were made with; None where that is not known.

    Raises:
        UsageError: The note is not to be read, as another version's may be.
    """
    try:
        told = json.loads((out / FILE).read_text("utf-8"))
        settings = Settings.model_validate(told["settings"])
        return settings if told["tables"] == _tables(out) else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{out / FILE}: the settings of the run that is there cannot be read. Give them with --params."
        raise UsageError(message) from error


def hold(out: Path, settings: Settings) -> None:
    """Refuse settings with which the folder's tables would be others. Reports are made with whatever they are asked for.

    Raises:
        UsageError: They differ in something that the tables hang on; it says in what.
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
            f"{out}: its tables were made with other settings: {', '.join(others)}. Give --out without --params, which goes by "
            "that run's, or run the flow with these first."
        )
        raise UsageError(message)


def _tables(out: Path) -> list[list[Any]]:
    """Path, size and time of every table."""
    return stamped(Store(out), files_in(out / "tables")) if (out / "tables").is_dir() else []


def _listed(settings: Settings) -> dict[str, Any]:
    """Each setting under its name."""
    sections = settings.model_dump(mode="json", exclude=NOT_KEPT)
    return {f"{section}.{name}": value for section, values in sections.items() for name, value in values.items()}
