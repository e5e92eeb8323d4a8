"""What a user is told where Spark cannot run, and that nobody else pays for it."""

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from attribution.engines.spark import session
from attribution.errors import UsageError
from attribution.settings import Spark

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_without_java_the_command_says_how_to_get_it(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    said = command("run", "--raw", tmp_path, "--out", tmp_path / "out", "--engine", "spark")
    assert said.returncode == 2
    assert "openjdk-17-jre-headless" in said.stderr
    assert "Traceback" not in said.stderr


def test_an_old_java_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="is Java 11"):
        session._need_java()


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(session, "version", missing)
    with pytest.raises(UsageError, match=r"attribution\[spark\]"), session.opened(Spark()):
        pass


def test_an_unknown_engine_is_refused(command: Command, tmp_path: Path) -> None:
    said = command("run", "--raw", tmp_path, "--out", tmp_path / "out", "--engine", "flink")
    assert said.returncode == 2
    assert "Allowed: local, spark" in said.stderr


def test_spark_is_not_imported_until_it_is_wanted() -> None:
    code = "import sys, attribution.cli; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
