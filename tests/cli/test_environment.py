"""What Polars is told when a command starts, whoever started it."""

import os
import subprocess
import sys

import pytest

from attribution.environment import ALLOCATOR, SETTINGS

TELL = f"from attribution import environment; environment.prepare(); import os; print(os.environ[{ALLOCATOR!r}])"
FROM_A_NOTEBOOK = f"import polars, subprocess, sys; subprocess.run([sys.executable, '-c', {TELL!r}], check=True)"


def told(script: str, value: str | None) -> str:
    """What a command that the script starts tells the allocator, where the user has set this value, or none."""
    env = {name: text for name, text in os.environ.items() if name != ALLOCATOR}
    env |= {ALLOCATOR: value} if value else {}
    done = subprocess.run([sys.executable, "-c", script], env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize("script", [TELL, FROM_A_NOTEBOOK])
def test_the_allocator_is_told_in_a_process_of_its_own_and_in_one_that_polars_started(script: str) -> None:
    assert told(script, None) == SETTINGS[ALLOCATOR]


@pytest.mark.parametrize("script", [TELL, FROM_A_NOTEBOOK])
def test_what_the_user_has_set_comes_last(script: str) -> None:
    assert told(script, "narenas:1").endswith("narenas:1")
