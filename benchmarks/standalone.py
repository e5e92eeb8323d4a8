"""A Spark master and its workers on loopback, for the benchmarks: started as Spark's own scripts do, stopped by their ids."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
WAIT_SECONDS = 60


@dataclass(frozen=True)
class Standalone:
    """A running cluster."""

    master: str
    workers: list[subprocess.Popen[bytes]]

    def executors_of(self, worker: int) -> list[int]:
        """The process ids of the executors that a worker has started."""
        return [pid for pid in _children(self.workers[worker].pid) if "CoarseGrainedExecutorBackend" in _command(pid)]


@contextmanager
def standalone(workers: int, folder: Path, *, cores: int = 1, memory: str = "3g") -> Iterator[Standalone]:
    """A master and workers of `cores` cores each; their logs and scratch files are in the folder."""
    import pyspark

    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    port = _free_port()
    master = f"spark://{HOST}:{port}"
    environment = {**os.environ, "SPARK_LOCAL_IP": HOST, "SPARK_DAEMON_MEMORY": "256m", "SPARK_NO_DAEMONIZE": "1"}
    folder.mkdir(parents=True, exist_ok=True)

    def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (folder / f"{name}.log").open("wb")
        return subprocess.Popen([program, *arguments], stdout=log, stderr=log, env=environment)

    deploy = "org.apache.spark.deploy"
    started = [start("master", f"{deploy}.master.Master", "--host", HOST, "--port", str(port), "--webui-port", "0")]
    try:
        _wait_for(port)
        for number in range(workers):
            options = ["--host", HOST, "--cores", str(cores), "--memory", memory, "--webui-port", "0"]
            place = ["--work-dir", str(folder / f"worker-{number}"), master]
            started.append(start(f"worker-{number}", f"{deploy}.worker.Worker", *options, *place))
        time.sleep(5)
        yield Standalone(master, started[1:])
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(WAIT_SECONDS):
        with socket.socket() as probe:
            if not probe.connect_ex((HOST, port)):
                return
        time.sleep(1)
    raise TimeoutError(port)


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found += [int(path.parent.name), *_children(int(path.parent.name))]
    return found


def _command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
