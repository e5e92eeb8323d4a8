"""Options of the command line that several commands have, with one name and one help in each, and those of `run`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

STAGES = "ingest, deduplicate, people, sessions, conversions, journeys, attribute, report, audit"
"""Those of `flow.STAGE_NAMES`, which would take a second to import."""
Stage = Annotated[
    Optional[str], typer.Argument(help=f"Run only this stage: {STAGES}. Without it: all.", show_default=False)
]
Engine = Annotated[
    Optional[str], typer.Option("--engine", help="Where the stages run: local or spark.", show_default=False)
]
Raw = Annotated[
    Optional[Path], typer.Option("--raw", help="Folder of raw exports. In a project: data/raw.", show_default=False)
]
Out = Annotated[
    Optional[Path],
    typer.Option("--out", help="Folder for tables, reports and ledger. In a project: data/out.", show_default=False),
]
OutOfRun = Annotated[
    Optional[Path], typer.Option("--out", help="Output folder of a run. In a project: data/out.", show_default=False)
]
Params = Annotated[
    Optional[Path],
    typer.Option(
        "--params",
        help="Settings file; defaults for what it leaves out. In a project: params.yaml.",
        show_default=False,
    ),
]
ParamsOfRun = Annotated[
    Optional[Path],
    typer.Option(
        "--params", help="Settings file; otherwise those of that run. In a project: params.yaml.", show_default=False
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
