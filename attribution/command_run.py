"""`attribution run`: settings, folders, progress and the closing summary around the engine."""

import shutil
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from attribution.engines import made_with, progress
from attribution.engines.lock import locked
from attribution.engines.run import run
from attribution.errors import UsageError
from attribution.settings import ENGINES, Settings
from attribution.settings_file import FILE_NAME, load
from attribution.settings_notes import named_nowhere, not_read

PROJECT_RAW = Path("data/raw")
PROJECT_OUT = Path("data/out")
WIDTH = 120
"""Columns of what a run says at its end, where no terminal says how wide it is."""
UNCHANGED = "Nothing has changed since the last run: tables, reports and page are up to date.\n"


def run_command(
    stage: str | None, raw: Path | None, out: Path | None, params: Path | None, engine: str | None, *, quiet: bool
) -> None:
    """Run the flow or one stage of it.

    Raises:
        AttributionError: Of the class that tells the exit code.
    """
    stages = _stages(stage)
    goes_on_in = out if params is None and stages and "ingest" not in stages else None
    settings = _of_the_run(goes_on_in, engine) if goes_on_in else chosen_settings(raw, out, params, engine)
    raw, out = chosen_folders(raw, out, stages)
    console = Console(stderr=True, quiet=quiet)
    began = time.monotonic()
    with locked(out, create=True), progress.shown(console) as report:
        said = [not_read(settings, Path()) if params is None and goes_on_in is None else ""]
        ledger = run(
            raw,
            out,
            settings,
            stages=stages,
            report=report,
            unchanged=lambda: said.append(UNCHANGED),
            left_out=lambda steps: said.append(_left_out(steps)),
        )
    if not quiet:
        print("".join(said), end="")  # noqa: T201
    if not quiet and ledger:
        print(_summary(ledger, out, settings, time.monotonic() - began), end="")  # noqa: T201
    elif not quiet:
        print(f"{stage}: done in {time.monotonic() - began:.1f} s, tables in {out / 'tables'}")  # noqa: T201


def chosen_settings(raw: Path | None, out: Path | None, params: Path | None, engine: str | None = None) -> Settings:
    """The settings of a command: the file that is named, else the project's where no folder is named, else defaults.

    Raises:
        UsageError: There is no project here, or the settings have faults.
    """
    is_project = params is None and raw is None and out is None
    if is_project and not Path(FILE_NAME).is_file():
        message = f"no {FILE_NAME} in this folder. Run inside a project, or give the folders with --raw and --out."
        raise UsageError(message)
    path = params or (Path(FILE_NAME) if is_project else None)
    return _on(engine, load(path, complete=is_project))


def settings_of_run(out: Path | None, params: Path | None) -> Settings:
    """The settings of a command that reads the tables of a run: those of that run, which others may differ from in what
    tables do not hang on.

    Raises:
        UsageError: As `chosen_settings`, or the tables would be others with these.
    """
    if out is not None and params is None:
        return _of_the_run(out)
    settings = chosen_settings(None, out, params)
    made_with.hold(out or PROJECT_OUT, settings)
    return settings


def _of_the_run(out: Path, engine: str | None = None) -> Settings:
    return _on(engine, made_with.kept(out) or Settings())


def _on(engine: str | None, settings: Settings) -> Settings:
    if engine is None:
        return settings
    if engine not in ENGINES:
        message = f"--engine {engine}: no such engine. Allowed: {', '.join(ENGINES)}."
        raise UsageError(message)
    return settings.model_copy(update={"engine": engine})


def _stages(stage: str | None) -> tuple[str, ...] | None:
    """The stage alone; None: all."""
    if stage is None:
        return None
    from attribution.flow import STAGE_NAMES

    if stage not in STAGE_NAMES:
        message = f"{stage}: no such stage. Allowed: {', '.join(STAGE_NAMES)}."
        raise UsageError(message)
    return (stage,)


def chosen_folders(
    raw: Path | None, out: Path | None, stages: tuple[str, ...] | None = None
) -> tuple[Path | None, Path]:
    """The input and output folder of a command; the project's where they are not named.

    Raises:
        UsageError: One is missing, is a file, or both are the same.
    """
    if out is None and raw is not None:
        message = "--raw needs --out as well: the folder that tables, reports and ledger are written to."
        raise UsageError(message)
    if raw is None and (stages is None or "ingest" in stages):
        raw = PROJECT_RAW
    out = out or PROJECT_OUT
    if out.exists() and not out.is_dir():
        message = f"--out {out}: is a file, not a folder."
        raise UsageError(message)
    if raw is not None and raw.resolve() == out.resolve():
        message = "--raw and --out are the same folder; the output needs its own."
        raise UsageError(message)
    return raw, out


def _left_out(steps: list[str]) -> str:
    """What was not made again, in a line; nothing where all was made."""
    from attribution.engines.steps import REPORTS

    stages = [step for step in steps if not step.startswith(REPORTS)]
    reports = len(steps) - len(stages)
    told = [*stages, *([f"{reports} part(s) of the reports"] if reports else [])]
    return f"Kept from the previous run, as nothing they depend on has changed: {', '.join(told)}.\n" if told else ""


def _summary(ledger: dict[str, Any], out: Path, settings: Settings, seconds: float) -> str:
    import polars as pl

    from attribution.code_names import told_apart
    from attribution.engines.store import Store
    from attribution.run_summary import SAID, earned, ledger_lines

    store = Store(out)
    reports = told_apart({name: pl.read_parquet(store.report(name), glob=False) for name in SAID})
    converted = store.scan_all(("conversions",))["conversions"].select(pl.col("event_name").unique())
    names = converted.collect(engine="streaming").to_series().to_list()
    width = shutil.get_terminal_size((WIDTH, 0)).columns
    codes = earned(reports["revenue_per_qr"], reports["revenue_intervals"], width)
    return (
        codes + named_nowhere(settings, reports["revenue_per_qr"], names) + ledger_lines(ledger, reports, out, seconds)
    )
