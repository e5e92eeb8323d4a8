"""What a user is told where Spark cannot run, and that nobody else pays for it."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from attribution.engines.spark import session
from attribution.engines.spark.failures import ClusterError, explained
from attribution.engines.spark.java import need_java
from attribution.engines.spark.starting import need_master
from attribution.errors import UsageError
from attribution.settings import Spark
from tests.refusing import Command


def test_without_java_the_command_says_how_to_get_it(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    said = command("run", "--raw", tmp_path, "--out", tmp_path / "out", "--engine", "spark")
    assert said.returncode == 2
    assert "openjdk-17-jre-headless" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(("said", "number"), [("11.0.2", 11), ("1.8.0_402", 8), ("9-ea", 9)])
def test_an_old_java_is_refused(said: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{said}\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UsageError, match=f"is Java {number}. Install a Java 17 runtime"):
        need_java()


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"attribution\[spark\]"), session.opened(Spark()):
        pass


def test_a_master_that_does_not_answer_is_named_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UsageError, match=f"no Spark master answers at {place}"):
            need_master(f"spark://{place}")


def test_a_master_that_is_none_is_refused_in_a_line(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "params.yaml").write_text(
        "engine: spark\nspark: {master: nowhere, options: {spark.ui.enabled: false}}\n"
    )
    said = command("run", "--raw", tmp_path, "--out", tmp_path / "out", "--params", tmp_path / "params.yaml")
    (log,) = tmp_path.glob("attribution-spark-*.log")
    assert said.returncode == 2
    assert "Master must either be yarn or start with spark" in said.stderr
    assert str(log) in said.stderr
    assert said.stderr.count("\n") == 1
    assert log.stat().st_mode & 0o077 == 0


def test_options_may_be_numbers_and_yes_or_no() -> None:
    made = session._options(
        Spark(options={"spark.task.cpus": 2, "spark.speculation": True, "spark.driver.memory": "1g"})
    )
    assert {made["spark.task.cpus"], made["spark.speculation"], made["spark.driver.memory"]} == {"2", "true", "1g"}


TRACE = """Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times: org.apache.spark.api.python.PythonException:
Traceback (most recent call last):
  File "buckets.py", line 1, in run
{}
\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:581)
"""


@pytest.mark.parametrize(
    ("line", "kind", "told"),
    [
        ("ModuleNotFoundError: No module named 'attribution'", UsageError, "the executors have no attribution"),
        (
            'java.io.IOException: Cannot run program "/no/python": error=2',
            UsageError,
            "the executors have no /no/python",
        ),
        ("attribution.engines.spark.worker.OtherVersionError: polars 2 instead of 3", UsageError, "have polars 2 inst"),
        ("PySparkRuntimeError: [PYTHON_VERSION_MISMATCH] Python in worker", UsageError, "another version of Python"),
        (
            "polars.exceptions.ComputeError: cannot parse 'ann@example.org'",
            ClusterError,
            "deduplicate: .* for ComputeError",
        ),
    ],
)
def test_what_fails_in_an_executor_is_told_in_a_sentence(line: str, kind: type[Exception], told: str) -> None:
    error = explained(RuntimeError(TRACE.format(line)), "deduplicate")
    assert type(error) is kind
    assert re.search(told, str(error))
    assert "\n" not in str(error)
    assert "ann@example.org" not in str(error)


def test_an_unknown_engine_is_refused(command: Command, tmp_path: Path) -> None:
    said = command("run", "--raw", tmp_path, "--out", tmp_path / "out", "--engine", "flink")
    assert said.returncode == 2
    assert "Allowed: local, spark" in said.stderr


def test_spark_is_not_imported_until_it_is_wanted() -> None:
    code = "import sys, attribution.cli; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
