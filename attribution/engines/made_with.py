"""The settings that an output folder was made with, kept in it: what goes on from its tables goes on with these.

Money is in the run's reporting currency, conversions are tied within its window: who read the tables with other settings would
call euros dollars. Whether notebooks are made is no matter of the tables, and is not kept.
"""

import json
from pathlib import Path
from typing import Any, Final

from attribution.engines.store import Store
from attribution.errors import UsageError
from attribution.narrowing import HOW, narrowed
from attribution.settings import Settings

FILE: Final = ".settings.json"


def keep(store: Store, settings: Settings) -> None:
    """Write them down, when a run begins."""
    store.write_json(store.out / FILE, settings.model_dump(mode="json", exclude={"report": {"notebooks"}}))


def kept(out: Path) -> Settings | None:
    """Those of the folder's last run; None where none are kept.

    Raises:
        UsageError: They are not to be read, as another version's may be.
    """
    try:
        return Settings.model_validate(json.loads((out / FILE).read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        message = f"{out / FILE}: the settings of the run that is there cannot be read. Give them with --params."
        raise UsageError(message) from error


def hold(out: Path, settings: Settings) -> None:
    """Refuse settings with which the folder's tables would be others. Reports are made with whatever they are asked for.

    Raises:
        UsageError: They differ in something that the tables hang on; it says in what.
    """
    from attribution.flow import INGEST_SETTINGS, STAGES

    made_with = kept(out)
    told = (*INGEST_SETTINGS, *(name for stage in STAGES if stage.writes for name in stage.settings))
    now = _listed(narrowed(settings, told))
    before = now if made_with is None else _listed(narrowed(made_with, told))
    if others := [name for name, value in now.items() if value != before[name]]:
        message = (
            f"{out}: its tables were made with other settings: {', '.join(others)}. Give --out without --params, which goes by "
            "that run's, or run the flow with these first."
        )
        raise UsageError(message)


def _listed(settings: Settings) -> dict[str, Any]:
    """Each setting under its name."""
    sections = settings.model_dump(mode="json", exclude={*HOW})
    return {f"{section}.{name}": value for section, values in sections.items() for name, value in values.items()}
