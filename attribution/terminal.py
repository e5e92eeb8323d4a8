"""Names on a terminal: none steers it, and one that is too wide is cut where it tells least."""

from typing import Final
from unicodedata import bidirectional, category

from rich.cells import cell_len, set_cell_size

STEERING: Final = {"Cc", "Cs", "Zl", "Zp"}
"""Categories of Unicode."""
TURNING: Final = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Bidirectional classes of Unicode."""


def printable(name: str) -> str:
    """The name without what would steer a terminal: control characters, line ends, and marks that turn the direction."""
    steers = {sign for sign in name if category(sign) in STEERING or bidirectional(sign) in TURNING}
    return "".join("\N{REPLACEMENT CHARACTER}" if sign in steers else sign for sign in name)


def cut(name: str, width: int) -> str:
    """The beginning and the end of a name that is wider: an id that tells it from others is at its end."""
    if cell_len(name) <= width:
        return name
    end = name[-(width // 2) :]
    while cell_len(end) > width // 2:
        end = end[1:]
    return f"{set_cell_size(name, width - 1 - cell_len(end)).rstrip()}…{end}"
