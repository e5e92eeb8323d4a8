"""`attribution simulate`: the simulator behind the command line, with progress and all wrong options told at once."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from attribution.engines import progress
from attribution.errors import UsageError
from attribution.simulate import Defects, World, simulate


def simulate_command(
    out: Path,
    *,
    shape: str,
    file_format: str,
    compress: str,
    defects: str,
    dials: list[str],
    quiet: bool,
    **world: Any,  # noqa: ANN401 - as `World` has them
) -> None:
    """Write a simulated world.

    Args:
        out, shape, compress, defects, dials, quiet: The command's options.
        file_format: Empty: NDJSON for payload logs, else Parquet.
        world: Sizes and dials of the world, as `simulate.World` has them.

    Raises:
        UsageError: An option has a value that is not allowed, or the folder holds something else.
    """
    console = Console(stderr=True, quiet=quiet)
    try:
        campaigns = min(World.campaigns, world["qr_codes"])
        settings = World(**world, campaigns=campaigns, defects=_dials(_defects(defects), dials))
        with progress.shown(console) as report:
            truth = simulate(
                out,
                settings,
                shape=cast("Any", shape),
                format=cast("Any", file_format or ("ndjson" if shape == "raw" else "parquet")),
                compress=cast("Any", compress),
                progress=lambda done, total: report("simulate", done, total),
            )
    except (ValueError, FileExistsError) as error:
        raise UsageError(str(error)) from error
    if not quiet:
        print(f"{truth.rows.read:,} event rows in {out}; the right answers are in {out / 'truth.json'}")  # noqa: T201


def _defects(name: str) -> Defects:
    if name == "default":
        return Defects()
    if name == "none":
        return Defects.none()
    try:
        return Defects.all(float(name))
    except ValueError as error:
        message = f"--defects {name}: must be default, none, or a share from 0 to 1."
        raise UsageError(message) from error


def _dials(defects: Defects, dials: list[str]) -> Defects:
    names = [field.name for field in fields(Defects)]
    values: dict[str, float] = {}
    for dial in dials:
        name, _, share = dial.partition("=")
        try:
            values[name] = float(share)
        except ValueError as error:
            message = f"--defect {dial}: must be NAME=SHARE, such as resent=0.4."
            raise UsageError(message) from error
        if name not in names:
            message = f"--defect {name}: no such defect. Allowed: {', '.join(names)}."
            raise UsageError(message)
    return replace(defects, **values)
