"""What people should know of the settings of a run: a file that lies there and was not read, names that nothing has."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import polars as pl

from attribution.errors import UsageError
from attribution.privacy import inspect_name
from attribution.settings import Conversions, Settings
from attribution.settings_file import FILE_NAME, load
from attribution.terminal import printable

NAMED: Final = 8
"""Names that are told; of more, how many."""


def not_read(settings: Settings, folder: Path) -> str:
    """That the folder has settings of its own, other than those of the run; empty where it has none.

    Args:
        settings: Those of a run that was given no file.
        folder: The current one.
    """
    path = folder / FILE_NAME
    try:
        is_another = path.is_file() and load(path).model_copy(update={"engine": settings.engine}) != settings
    except UsageError:
        return ""
    said = f"{FILE_NAME} in this folder was not read, as --out was given without --params: all settings are defaults.\n"
    return said if is_another else ""


def named_nowhere(settings: Settings, per_qr: pl.DataFrame, converted: Collection[str]) -> str:
    """Such as `Named in the settings, but matching no QR code or conversion: attribute.exclude Dor`; empty where all are found.

    Names that the settings have by default are not told of: nobody wrote them down.

    Args:
        settings: Those of the run.
        per_qr: As `schemas.revenue_per_qr`, which has every QR code.
        converted: The names of all conversions.
    """
    found = _missing(settings, {*per_qr["qr_code_id"]}, {*converted})
    named = [f"{setting} {inspect_name(name, setting).redacted}" for setting, names in found for name in names]
    more = [f"{len(named) - NAMED} more"] * (len(named) > NAMED)
    listed = printable(", ".join([*named[:NAMED], *more]))
    return f"Named in the settings, but matching no QR code or conversion: {listed}.\n" if named else ""


def _missing(settings: Settings, codes: set[str], converted: set[str]) -> Iterator[tuple[str, list[str]]]:
    chosen = settings.attribute
    for setting, excluded in (("exclude", chosen.exclude), ("exclude_trailing", chosen.exclude_trailing)):
        yield f"attribute.{setting}", [code for code in excluded if code not in codes]
    known = {*converted, *Conversions().event_names}
    yield "conversions.event_names", [name for name in settings.conversions.event_names if name not in known]
