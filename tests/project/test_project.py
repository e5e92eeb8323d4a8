"""What must hold together: flow, dvc.yaml, params.yaml, schemas, imports, the sample, and what may not be tracked."""

import ast
import gzip
import subprocess
from pathlib import Path

import pytest
import yaml

from attribution import flow, report
from attribution.engines import closing, local
from attribution.report import NAMES
from attribution.report_part import Part
from attribution.settings import Settings
from attribution.settings_file import load
from attribution.simulate import World, simulate
from tests.conftest import QUICK
from tests.contracts import contract

ROOT = Path(__file__).parents[2]
DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
PURE = ("ingest", "deduplicate", "people", "sessions", "conversions", "journeys", "attribute", "report", "audit")


def test_dvc_runs_the_stages_of_the_flow_in_order() -> None:
    assert list(DVC) == list(flow.STAGE_NAMES)
    for name, stage in DVC.items():
        assert stage["cmd"] == f"attribution run {name}"


def test_dvc_follows_what_each_stage_reads_and_writes() -> None:
    for stage in flow.STAGES:
        read = {f"data/out/tables/{name}.parquet" for name in stage.reads}
        assert read <= set(DVC[stage.name]["deps"]), stage.name
        written = {f"data/out/tables/{name}.parquet" for name in stage.writes}
        assert written <= set(DVC[stage.name]["outs"]), stage.name
    assert {f"data/out/tables/{name}.parquet" for name in flow.INGESTED} <= set(DVC["ingest"]["outs"])


def test_dvc_follows_every_report() -> None:
    made = {f"data/out/reports/{name}.{suffix}" for name in NAMES for suffix in ("parquet", "csv")}
    assert made <= set(DVC["report"]["outs"])
    assert {name for name in made if name.endswith(".parquet")} <= set(DVC["audit"]["deps"])


def _module_file(name: str) -> Path | None:
    path = ROOT / name.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _imported(file: Path) -> set[Path]:
    """The files of the package that the file imports."""
    names = {
        name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
        for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        if name.startswith("attribution")
    }
    return {found for name in names if (found := _module_file(name))}


@pytest.mark.parametrize("name", list(DVC))
def test_dvc_runs_a_stage_again_where_any_code_has_changed(name: str) -> None:
    """As a run of its own does: a list of modules that forgets one would leave stale numbers."""
    assert "attribution" in DVC[name]["deps"]


def test_dvc_makes_the_pages_again_where_a_notebook_has_changed() -> None:
    assert "notebooks" in DVC["audit"]["deps"]


def test_what_dvc_depends_on_exists() -> None:
    for stage in DVC.values():
        for path in stage["deps"]:
            assert path.startswith("data/out/") or (ROOT / path).exists(), path


def test_what_dvc_draws_is_in_the_reports(results: Path) -> None:
    plots = yaml.safe_load((ROOT / "dvc.yaml").read_text())["plots"]
    drawn = [axis.items() for plot in plots for one in plot.values() for axis in one.values() if isinstance(axis, dict)]
    assert len(drawn) > len(plots)
    for path, column in (pair for pairs in drawn for pair in pairs):
        header = (results / Path(path).relative_to("data/out")).read_text("utf-8").partition("\n")[0]
        assert column in header.split(","), (path, column)


def test_the_metrics_that_are_tracked_are_those_of_the_sample(tmp_path: Path) -> None:
    local.run(ROOT / "data" / "raw", tmp_path, QUICK)
    name = "reports/metrics.json"
    assert (tmp_path / name).read_text() == (ROOT / "data" / "out" / name).read_text()


def test_dvc_follows_settings_that_exist() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    for stage in DVC.values():
        for key in stage.get("params", []):
            section, _, name = key.partition(".")
            assert section in params
            assert not name or name in params[section]


def test_dvc_follows_every_setting_that_a_stage_is_told() -> None:
    told = {stage.name: stage.settings for stage in flow.STAGES} | {"ingest": flow.INGEST_SETTINGS}
    for name, settings_of_stage in told.items():
        followed = set(DVC[name].get("params", []))
        missing = {key for key in settings_of_stage if not {key, key.partition(".")[0]} & followed}
        assert missing == set(), name


@pytest.mark.parametrize(("stage", "parts"), [("report", report.PARTS), ("audit", closing.PARTS)])
def test_what_a_part_of_the_reports_depends_on_is_followed(stage: str, parts: tuple[Part, ...]) -> None:
    deps, params = set(DVC[stage]["deps"]), set(DVC[stage]["params"])
    for part in parts:
        made_here = {"findings", "consent_audit"} if stage == "audit" else set()
        assert {f"data/out/tables/{name}.parquet" for name in {*part.reads} - made_here} <= deps, part.names
        assert not {key for key in part.settings if not {key, key.partition(".")[0]} & params}, part.names


def test_the_project_settings_are_complete() -> None:
    assert load(ROOT / "params.yaml", complete=True) == Settings()


@pytest.mark.parametrize("name", PURE)
def test_stages_meet_at_tables_only(name: str) -> None:
    imported = {
        file.relative_to(ROOT).with_suffix("").as_posix() for file in _imported(ROOT / f"attribution/{name}.py")
    }
    others = {f"attribution/{other}" for other in (*PURE, "flow") if other != name}
    assert not imported & others
    assert not any(file.startswith("attribution/engines") for file in imported)


@pytest.mark.parametrize("path", sorted((ROOT / "attribution" / "schemas").glob("*.py")), ids=lambda path: path.stem)
def test_every_column_says_what_it_means(path: Path) -> None:
    if path.stem in {"__init__", "contract", "raw_event"}:
        return
    table = contract(path.stem)
    assert (table.__doc__ or "").startswith("One row per")
    assert all(table.described().values()), [name for name, text in table.described().items() if not text]


def test_the_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    simulate(tmp_path, World(seed=7, events=30_000), format="csv", compress="gzip")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {path.name for path in (ROOT / "data" / "raw").iterdir()}
    for name in names:
        made, shipped = ((folder / name).read_bytes() for folder in (tmp_path, ROOT / "data" / "raw"))
        if name.endswith(".gz"):
            made, shipped = gzip.decompress(made), gzip.decompress(shipped)
        assert made == shipped, name


def test_no_download_address_is_tracked() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {Path(name).name for name in tracked} & {"uv.lock", "pylock.toml"}
    assert "://" not in (ROOT / "requirements.lock").read_text()
