"""What tests let fail in an executor, which imports it by this name."""

from pathlib import Path


def fails_once(path: Path) -> int:
    """Fails on the first attempt; returns which attempt it is."""
    attempts = int(path.read_text()) + 1 if path.exists() else 1
    path.write_text(str(attempts))
    if attempts == 1:
        raise OSError(path.name)
    return attempts
