"""Settings for Polars, made through the environment before it is imported; whatever is already set stays as it is."""

import os
from typing import Final

ALLOCATOR: Final = "_RJEM_MALLOC_CONF"
OF_POLARS: Final = "dirty_decay_ms:500,muzzy_decay_ms:1000"
"""What Polars itself puts there on import, in front of whatever is set. A process that has imported it passes this on to those
that it starts, where it is nobody's choice."""
SETTINGS: Final = {
    ALLOCATOR: "dirty_decay_ms:1000,muzzy_decay_ms:1000,oversize_threshold:0",
    "POLARS_IDEAL_MORSEL_SIZE": "30000",
}
"""How long the allocator keeps freed memory, in large pieces as in small: batch after batch asks for it again within seconds.
And how many rows are processed at once: at the library's own 100 thousand, events with all their columns would take a
gigabyte."""


def prepare() -> None:
    """Set what is not set. Polars reads each variable once, so call this before importing it."""
    if os.environ.get(ALLOCATOR) == OF_POLARS:
        del os.environ[ALLOCATOR]
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
