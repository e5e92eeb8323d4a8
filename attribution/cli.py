"""The command line: every command with its options. Heavy imports wait until a command needs them."""

import io
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from attribution import __version__, environment
from attribution.cli_options import Engine, Out, OutOfRun, Params, ParamsOfRun, Quiet, Raw, Stage
from attribution.errors import DEBUG, AttributionError, UsageError, unexpected

app = typer.Typer(
    name="attribution",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
INTERRUPTED = 130
"""The exit code after Ctrl-C or SIGTERM, which schedulers and containers send."""


def _version(asked: bool) -> None:  # noqa: FBT001
    if asked:
        typer.echo(f"attribution {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What did each QR code earn? A folder of raw exports in, trustworthy revenue per QR code out.

    Exit codes: 0 done · 1 internal error · 2 wrong usage or settings · 3 input that cannot be read · 4 a gate failed ·
    130 interrupted.
    """


@app.command()
def run(
    stage: Stage = None,
    raw: Raw = None,
    out: Out = None,
    params: Params = None,
    engine: Engine = None,
    quiet: Quiet = False,
) -> None:
    """Run the whole flow on a folder of exports: tables, reports, an HTML page and the ledger.

    Files are recognised by their content: events (stored exports, raw browser and server payloads), scans, QR codes, spend
    and exchange rates, as NDJSON, JSON, CSV, TSV or Parquet, plain or packed with gzip or zstd, in any sub-folder.

    Only new and changed files are read. If no file, setting or code has changed since the last run, nothing is done.

    Without --raw and --out the project in the current folder is used (params.yaml, data/raw, data/out).
    """
    from attribution.command_run import run_command

    run_command(stage, raw, out, params, engine, quiet=quiet)


@app.command()
def audit(
    raw: Raw = None,
    out: Out = None,
    params: Params = None,
    quiet: Quiet = False,
) -> None:
    """Audit consent and personal data: what leaked, what was stripped, what is in the wrong place. Never shows a value.

    Runs the whole flow, writes reports/audit.html and the audit trail reports/audit.json, and exits with code 4 if more rows
    leak or hold personal data than audit.max_leaking_rows and audit.max_personal_data_rows allow (default: 0).
    With ATTRIBUTION_FINGERPRINT_KEY in the environment, distinct values are counted.
    """
    from attribution.command_audit import audit_command

    audit_command(raw, out, params, quiet=quiet)


@app.command()
def forget(
    visitor: Annotated[
        Optional[str], typer.Option(help="The person's visitor id; - reads it from standard input.", show_default=False)
    ] = None,
    identifier: Annotated[
        Optional[str],
        typer.Option(help="Their e-mail hash, phone hash or external id; - as for --visitor.", show_default=False),
    ] = None,
    site: Annotated[
        Optional[str],
        typer.Option(help="The site that the external id belongs to, if several use it.", show_default=False),
    ] = None,
    raw: Annotated[
        Optional[Path],
        typer.Option(help="Raw folder to search for the id too. In a project: data/raw.", show_default=False),
    ] = None,
    out: OutOfRun = None,
    params: ParamsOfRun = None,
    quiet: Quiet = False,
) -> None:
    """Erase one person from a run: remake every table, report and page without them, and list the raw files they are in.

    Writes a certificate without personal data to OUT/erasures. Raw files are left as they are: remove the listed rows from
    them yourself, or the next run brings the person back.
    """
    from attribution.command_forget import forget_command

    forget_command(visitor, identifier, site, raw, out, params, quiet=quiet)


@app.command()
def report(
    period: Annotated[
        str,
        typer.Option(
            help="last-week, last-month, yesterday, 2026-10, 2026-W41, 2026-10-05, 2026-10-01..2026-10-07 or all."
        ),
    ],
    raw: Annotated[
        Optional[Path],
        typer.Option(
            help="Folder of raw exports to run the flow on first. In a project: data/raw.", show_default=False
        ),
    ] = None,
    out: OutOfRun = None,
    params: Params = None,
    no_run: Annotated[bool, typer.Option("--no-run", help="Use the existing tables.")] = False,
    today: Annotated[
        Optional[str], typer.Option(help="The day that `last-week` and the like are counted from.", show_default=False)
    ] = None,
    keep: Annotated[
        Optional[int], typer.Option(min=0, help="How many reports to keep; 0: all.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """Make the report of a period in OUT/scheduled/PERIOD, point OUT/scheduled/latest to it, and say what changed.

    Exits with code 4 if a gate in the `schedule` section of the settings fails. See docs/scheduling.md.
    """
    from attribution.command_report import report_command

    report_command(period, raw, out, params, runs=not no_run, today=today, keep=keep, as_json=as_json, quiet=quiet)


@app.command()
def reconcile(
    file: Annotated[Path, typer.Argument(help="The platform's summary: the response to POST /analytics/ct/, as JSON.")],
    out: OutOfRun = None,
    params: ParamsOfRun = None,
    quiet: Quiet = False,
) -> None:
    """Compare the platform's own summary with ours, number by number, and name the rule behind each difference.

    Writes reports/reconciliation, and exits with code 4 if a difference is not explained. See docs/reconcile.md.
    """
    from attribution.command_reconcile import reconcile_command

    reconcile_command(file, out, params, quiet=quiet)


@app.command()
def figures(
    out: OutOfRun = None,
    params: ParamsOfRun = None,
    file_format: Annotated[str, typer.Option("--format", help="svg, png or pdf.")] = "svg",
    quiet: Quiet = False,
) -> None:
    """Write the page's figures as images to OUT/reports/figures (needs the `images` extra and Chrome or Chromium)."""
    from attribution.command_figures import figures_command

    figures_command(out, params, file_format, quiet=quiet)


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder for the exports and truth.json.")],
    events: Annotated[int, typer.Option(min=1, help="Approximate number of event rows.")] = 100_000,
    shape: Annotated[str, typer.Option(help="stored (platform export) or raw (payload logs).")] = "stored",
    file_format: Annotated[
        str, typer.Option("--format", help="parquet, ndjson, csv or json; raw: ndjson or json.")
    ] = "",
    compress: Annotated[str, typer.Option(help="none, gzip or zstd (text formats).")] = "none",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="Number of days that the scans span.")] = 90,
    qr_codes: Annotated[int, typer.Option(min=1, help="Number of QR codes.")] = 12,
    skew: Annotated[float, typer.Option(min=0, max=1, help="Share of scans on the first QR code.")] = 0.25,
    heavy_visitor_events: Annotated[int, typer.Option(min=0, help="Plant one visitor with this many events.")] = 0,
    defects: Annotated[str, typer.Option(help="default, none, or a share from 0 to 1 for all defects.")] = "default",
    defect: Annotated[
        Optional[list[str]], typer.Option(help="One defect: NAME=SHARE, such as resent=0.4. Repeatable.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Generate exports with known answers (truth.json): any size, any shape, any share of each defect."""
    from attribution.command_simulate import simulate_command

    simulate_command(
        out,
        shape=shape,
        file_format=file_format,
        compress=compress,
        defects=defects,
        dials=defect or [],
        quiet=quiet,
        events=events,
        seed=seed,
        days=days,
        qr_codes=qr_codes,
        skew=skew,
        heavy_visitor_events=heavy_visitor_events,
    )


def main() -> None:
    """Run the command; errors are shown in a line, with an exit code per class, and without a value of the data."""
    environment.prepare()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        sys.exit(_ended(app(standalone_mode=False)))
    except AttributionError as error:
        if os.environ.get(DEBUG) and error.exit_code == AttributionError.exit_code:
            raise
        typer.echo(f"attribution: {error}", err=True)
        sys.exit(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(_ended(INTERRUPTED))
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "show"):
            error.show()
            sys.exit(UsageError.exit_code)
        if os.environ.get(DEBUG):
            raise
        typer.echo(f"attribution: {unexpected(error)}", err=True)
        sys.exit(AttributionError.exit_code)


def _ended(code: int | None) -> int:
    """The exit code of what Typer returns: None, or a code where the command left early."""
    if code == INTERRUPTED:
        typer.echo("attribution: interrupted", err=True)
    return code or 0


if __name__ == "__main__":
    main()
