"""Only the settings that a step is given: what it makes can then depend on no others, whatever its code does.

The flow lists them per step (`stage.Stage.settings`, `report_part.Part.settings`), and DVC follows the same lists.
"""

from collections.abc import Iterable
from typing import Any, Final

from attribution.settings import Settings

HOW: Final = frozenset({"engine", "local", "spark"})
"""The sections that say how a step is run; none changes what it makes."""


def narrowed(settings: Settings, told: Iterable[str]) -> Settings:
    """The settings, with all but these and `HOW` at their defaults.

    Args:
        settings: Those of a run.
        told: Sections (`people`) and single settings (`report.currency`).
    """
    kept: dict[str, Any] = {name: getattr(settings, name) for name in HOW}
    for key in told:
        section, _, name = key.partition(".")
        given = getattr(settings, section)
        before = kept.get(section, type(given)())
        kept[section] = before.model_copy(update={name: getattr(given, name)}) if name else given
    return Settings().model_copy(update=kept)
