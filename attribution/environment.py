"""What Polars is told through the environment, before it starts; what is set already is left as it is."""

import os
from typing import Final

ALLOCATOR: Final = "_RJEM_MALLOC_CONF"
OF_POLARS: Final = "dirty_decay_ms:500,muzzy_decay_ms:1000"
"""What Polars puts there before whatever is set, when it is imported. A process that has imported it hands this on to those
that it starts: there it is nobody's choice."""
SETTINGS: Final = {
    ALLOCATOR: "dirty_decay_ms:1000,muzzy_decay_ms:1000,oversize_threshold:0",
    "POLARS_IDEAL_MORSEL_SIZE": "30000",
}
"""How long the allocator holds on to freed memory, be a piece large or small: it is asked for again within seconds, batch
after batch. And how many rows are in work at once: with all their columns, events at the library's own 100 thousand would
take a gigabyte."""


def prepare() -> None:
    """Set what is not set. Polars reads each once, so this comes before it is imported."""
    if os.environ.get(ALLOCATOR) == OF_POLARS:
        del os.environ[ALLOCATOR]
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
