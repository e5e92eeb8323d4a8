"""A command that is interrupted or fails of itself: what is said, and what is not."""

import errno
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from attribution.cli import main
from attribution.errors import AttributionError, unexpected


@pytest.fixture
def _handler() -> Iterator[None]:
    """What SIGTERM does is afterwards what it did."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_handler")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_has_not_succeeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(getattr(signal, name))

    monkeypatch.setattr("attribution.command_run.run_command", interrupted)
    monkeypatch.setattr("sys.argv", ["attribution", "run", "--raw", str(tmp_path), "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 130
    assert capsys.readouterr().err == "attribution: interrupted\n"


def failing(*_: object, **__: object) -> None:
    pl.Series(["ann@planted.example.org"]).cast(pl.Int64)


def test_an_unexpected_error_is_told_without_the_value_that_its_words_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("attribution.command_run.run_command", failing)
    monkeypatch.setattr("sys.argv", ["attribution", "run", "--raw", str(tmp_path), "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert left.value.code == 1
    assert re.fullmatch(r"attribution: internal error: InvalidOperationError at attribution\.cli:\d+\. .+\n", said), (
        said
    )
    assert "planted" not in said
    monkeypatch.setenv("ATTRIBUTION_DEBUG", "1")
    with pytest.raises(pl.exceptions.InvalidOperationError, match="planted"):
        main()


def test_a_fault_of_ours_that_we_tell_is_shown_in_full_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*_: object, **__: object) -> None:
        raise AttributionError("told")

    monkeypatch.setattr("attribution.command_run.run_command", told)
    monkeypatch.setattr("sys.argv", ["attribution", "run"])
    with pytest.raises(SystemExit):
        main()
    monkeypatch.setenv("ATTRIBUTION_DEBUG", "1")
    with pytest.raises(AttributionError, match="told"):
        main()


def test_of_an_error_of_the_system_its_words_are_told() -> None:
    full = unexpected(OSError(errno.ENOSPC, "No space left on device", "/x"))
    assert full.startswith("/x: No space left on device (at ")
    assert "internal error" not in full
    assert "OSError (Input/output error) at" in unexpected(OSError(errno.EIO, "Input/output error", "/x"))
    for told in (pl.exceptions.ComputeError, PermissionError):
        assert unexpected(told("ann wrote: No space (os error 28)")).startswith("No space left on device (at ")
    assert "ann" not in unexpected(pl.exceptions.ComputeError("ann wrote (os error 5)"))
