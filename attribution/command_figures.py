"""`attribution figures`: the figures of a run as images, for slides and print."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from attribution.command_run import chosen_folders, settings_of_run
from attribution.engines import made_with, unfinished
from attribution.engines.lock import locked
from attribution.errors import AttributionError, UsageError
from attribution.results import Results
from attribution.settings import Settings

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

FORMATS = ("svg", "png", "pdf")
WIDTH = 1_000


def figures_command(out: Path | None, params: Path | None, file_format: str, *, quiet: bool) -> None:
    """Write every figure of the page to `OUT/reports/figures/`.

    Raises:
        UsageError: The format is none of `FORMATS`, what draws images is not installed, or a run is writing to the folder.
        InputError: There are no results.
        AttributionError: The browser that draws could not be started.
    """
    if file_format not in FORMATS:
        message = f"--format {file_format}: no such format. Allowed: {', '.join(FORMATS)}."
        raise UsageError(message)
    if not find_spec("kaleido"):
        message = "images need the `images` extra: pip install 'attribution[images]', and Chrome or Chromium."
        raise UsageError(message)
    from attribution.figures.drawn import every_figure
    from attribution.report import NAMES

    settings, is_chosen = settings_of_run(out, params), out is None or params is not None
    _, out = chosen_folders(None, out, ())
    folder = out / "reports" / "figures"
    with locked(out), made_with.reading(out):
        unfinished.hold(out)
        run = Results(out)
        reports = {name: run.report(name) for name in NAMES}
        drawn = every_figure(reports, _as_reported(settings, reports["revenue_per_qr"], is_chosen=is_chosen))
        folder.mkdir(parents=True, exist_ok=True)
        _write(drawn, folder, file_format)
    if not quiet:
        sys.stdout.write(f"{len(drawn)} figures in {folder}\n")


def _as_reported(settings: Settings, per_qr: "pl.DataFrame", *, is_chosen: bool) -> Settings:
    """The settings with the model and the currency that the reports are of, whatever has been made since the last whole run.

    Raises:
        UsageError: The settings are a file's, and say another model or currency.
    """
    if not per_qr.height:
        return settings
    of = per_qr.select("model", "currency").row(0, named=True)
    wanted = settings.report.model_copy(update=of)
    if is_chosen and wanted != settings.report:
        message = (
            f"the existing reports use the model {of['model']} and {of['currency']}; the settings say "
            f"{settings.report.model} and {settings.report.currency}. Run the flow with these settings first."
        )
        raise UsageError(message)
    return settings.model_copy(update={"report": wanted})


def _write(drawn: "Mapping[str, go.Figure]", folder: Path, file_format: str) -> None:
    paths = [folder / f"{name}.{file_format}" for name in drawn]
    try:
        import plotly.io

        heights = [figure.layout.height for figure in drawn.values()]
        plotly.io.write_images(list(drawn.values()), paths, width=WIDTH, height=heights, scale=2)
    except (RuntimeError, OSError, ValueError) as error:
        seen = type(error).__name__
        message = (
            f"the images could not be drawn ({seen}). Is Chrome or Chromium installed? BROWSER_PATH can point to it."
        )
        raise AttributionError(message) from error
