"""Notebooks executed on a run's results, as self-contained pages that need no network."""

import asyncio
import atexit
import os
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import polars as pl

from attribution.errors import AttributionError

PACKAGES: Final = ("jupytext", "nbclient", "nbconvert", "ipykernel")
PLOTLY_MIME: Final = "application/vnd.plotly.v1+json"
TIMEOUT_SECONDS: Final = 600
PER_CORE: Final = 2
"""Notebooks at once: one that starts its process and loads its packages waits about as long as it works."""
LOOK_SECONDS: Final = 0.1
"""Between two looks at notebooks that are being stopped."""


def can_execute() -> bool:
    """Whether the packages of the `notebooks` extra are installed."""
    return all(find_spec(name) for name in PACKAGES)


def notebook_files() -> list[Path]:
    """The notebooks that come with the package, in name order."""
    package = Path(__file__).parent
    inside, beside = package / "notebook_files", package.parent / "notebooks"
    return sorted((inside if inside.is_dir() else beside).glob("*.py"))


def execute(paths: Iterable[Path], out: Path) -> Iterator[str]:
    """Run notebooks top to bottom on a run's output folder, two at once for each core, each in its own process.

    Args:
        paths: Notebooks in percent format whose first cell tagged `parameters` sets `out`.
        out: The output folder of a run.

    Yields:
        Each notebook with its results, in the order of the paths, as one HTML page with all scripts inside.

    Raises:
        AttributionError: A cell failed; no value of the data is in the message. The other notebooks are stopped.
    """
    clients: list[Any] = []
    with ThreadPoolExecutor(PER_CORE * pl.thread_pool_size()) as pool:
        pages = [pool.submit(_page_of, path, out, clients) for path in paths]
        try:
            for page in pages:
                yield page.result()
        except BaseException:
            _stop(pages, clients)
            raise


def _stop(pages: list[Future[str]], clients: list[Any]) -> None:
    """Begin no more notebooks and end those in work: by their kernels, for a client waits for what its kernel says."""
    for page in pages:
        page.cancel()
    while not wait(pages, LOOK_SECONDS).done.issuperset(pages):
        kernels = [client.km.provisioner for client in clients if client.km]
        for process in [kernel.process for kernel in kernels if kernel]:
            if process:
                process.kill()


def _page_of(path: Path, out: Path, clients: list[Any]) -> str:
    import jupytext
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    notebook = jupytext.read(path)
    _set_parameters(notebook, out)
    try:
        asyncio.run(_run(notebook, out, clients))
    except CellExecutionError as error:
        raise AttributionError(_failed(path, out, f"a cell failed with {error.ename}")) from error
    except CellTimeoutError as error:
        raise AttributionError(_failed(path, out, f"a cell took more than {TIMEOUT_SECONDS} s")) from error
    except RuntimeError as error:  # of a kernel that died, at its start or later
        raise AttributionError(_failed(path, out, "its process ended, perhaps for want of memory")) from error
    headings = (cell.source.partition("\n")[0].lstrip("# ") for cell in notebook.cells if cell.cell_type == "markdown")
    return _as_page(notebook, next(headings, path.stem))


def _failed(path: Path, out: Path, why: str) -> str:
    return f"notebook {path.name}: {why}. Open it in JupyterLab on {out} to see where."


async def _run(notebook: Any, out: Path, clients: list[Any]) -> None:  # noqa: ANN401 - nbformat's node has no type
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_SECONDS,
        kernel_name="python3",
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(out)}},
    )
    clients.append(client)
    environment = os.environ | {"PLOTLY_RENDERER": "plotly_mimetype"}
    try:
        await client.async_execute(stderr=subprocess.DEVNULL, env=environment)
    finally:
        # Where the kernel ended at its start this hook is left behind, and fails at the end of our own process.
        atexit.unregister(client._cleanup_kernel)  # noqa: SLF001


def _set_parameters(notebook: Any, out: Path) -> None:  # noqa: ANN401
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"out = {str(out.resolve())!r}"
            cell.metadata["tags"] = [*cell.metadata["tags"], "remove_input"]
            return


def _as_page(notebook: Any, title: str) -> str:  # noqa: ANN401
    import nbconvert
    import plotly.io as pio
    from plotly.offline import get_plotlyjs
    from traitlets.config import Config

    from attribution.figures.look import CONFIG

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if PLOTLY_MIME in data:
                figure = data.pop(PLOTLY_MIME)
                data["text/html"] = pio.to_html(
                    figure,
                    config=CONFIG,
                    full_html=False,
                    include_plotlyjs=False,
                    include_mathjax=False,
                    validate=False,
                )
    config = Config({"TagRemovePreprocessor": {"enabled": True, "remove_input_tags": ["remove_input"]}})
    exporter: Any = nbconvert.HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="lab", config=config
    )
    exporter.mathjax_url = exporter.require_js_url = exporter.mermaid_js_url = ""
    body: str = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})[0]
    return body.replace("</head>", f"<script>{get_plotlyjs()}</script></head>", 1)
