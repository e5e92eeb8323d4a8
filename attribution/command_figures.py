"""`attribution figures`: the figures of a run as images, for slides and print."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from attribution.command_run import chosen_folders, settings_of_run
from attribution.engines import unfinished
from attribution.engines.lock import locked
from attribution.errors import AttributionError, UsageError
from attribution.results import Results

if TYPE_CHECKING:
    import plotly.graph_objects as go

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
    from attribution.code_names import told_apart
    from attribution.figures.drawn import every_figure
    from attribution.report import NAMES

    settings = settings_of_run(out, params, reports=True)
    _, out = chosen_folders(None, out, ())
    folder = out / "reports" / "figures"
    with locked(out):
        unfinished.hold(out)
        run = Results(out)
        drawn = every_figure(told_apart({name: run.report(name) for name in NAMES}), settings)
        folder.mkdir(parents=True, exist_ok=True)
        _write(drawn, folder, file_format)
    if not quiet:
        sys.stdout.write(f"{len(drawn)} figures in {folder}\n")


def _write(drawn: "Mapping[str, go.Figure]", folder: Path, file_format: str) -> None:
    paths = [folder / f"{name}.{file_format}" for name in drawn]
    try:
        import plotly.io

        plotly.io.write_images(list(drawn.values()), paths, width=WIDTH, scale=2)
    except (RuntimeError, OSError, ValueError) as error:
        seen = type(error).__name__
        message = f"the images could not be drawn ({seen}). Is Chrome or Chromium installed? BROWSER_PATH can name it."
        raise AttributionError(message) from error
