"""Formats of files that have no reader: what is the matter with such a file, and what can be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PACKED: Final = "packed_parquet"
"""Parquet in an archive that is too large to be unpacked in memory."""
DAMAGED: Final = "damaged"
"""Parquet without its end, and archives that break off before it is clear what they hold."""
ZIPPED: Final = "zip"
"""A spreadsheet's workbook, or any other zip archive."""
UNKNOWN: Final = "unknown"
"""Neither text nor any other known format."""


@dataclass(frozen=True)
class Unread:
    """A format that has no reader."""

    why: str
    """What is the matter, to follow `it is`."""
    remedy: str = ""
    rule: str = ""
    """The finding's rule; empty: that of any file that is not recognised."""

    def hint(self) -> str:
        """Why, and what to do, to follow a file's name; empty where nothing can be done."""
        return f" ({self.why}: {self.remedy})" if self.remedy else ""


UNREAD: Final[Mapping[str, Unread]] = {
    PACKED: Unread("a large Parquet file in an archive", "unpack it", "parquet_in_archive"),
    DAMAGED: Unread("damaged or cut off", "copy or export it anew", "file_damaged"),
    ZIPPED: Unread("a workbook or a zip archive", "save its sheets as CSV, or unpack it", "workbook_or_zip"),
    UNKNOWN: Unread("neither text nor Parquet"),
}
MAY_BE_EVENTS: Final = (PACKED, DAMAGED, ZIPPED)
"""Formats that nobody can look into."""
