"""The Java that Spark needs, and what to say where it is missing or too old."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from attribution.errors import UsageError

JAVA: Final = 17
HOW: Final = (
    f"Install a Java {JAVA} runtime (Debian, Ubuntu: apt-get install openjdk-{JAVA}-jre-headless; "
    f"macOS: brew install openjdk@{JAVA}; Fedora: dnf install java-{JAVA}-openjdk-headless), or set JAVA_HOME to one."
)
VERSION: Final = re.compile(r'version "(?:1\.)?(\d+)')
"""Java 8 and older call themselves 1.8."""


def need_java() -> None:
    """See that there is a Java that Spark can run on: the one of JAVA_HOME, else the one on the path.

    Raises:
        UsageError: There is none, or it is too old; the message says how to get one.
    """
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    try:
        said = subprocess.run([java or "java", "-version"], capture_output=True, text=True, check=True).stderr  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        where = f"JAVA_HOME ({home}) has none" if home else "none was found"
        message = f"--engine spark needs Java {JAVA} or newer; {where}. {HOW}"
        raise UsageError(message) from error
    found = VERSION.search(said)
    if found and int(found.group(1)) < JAVA:
        message = f"--engine spark needs Java {JAVA} or newer; {java} is Java {found.group(1)}. {HOW}"
        raise UsageError(message)
