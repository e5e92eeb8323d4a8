"""What a file is, judged by its content: its format (how it is written) and its kind (which table it feeds)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, Literal

from attribution import terms
from attribution.sources.aliases import NESTED, canonical_names
from attribution.sources.files import Stamp, name_below, stamp_of
from attribution.sources.text import BOM
from attribution.sources.unread import DAMAGED, PACKED, UNKNOWN, ZIPPED

Format = Literal["parquet", "ndjson", "json_array", "delimited", "packed_parquet", "damaged", "zip", "unknown"]
"""How a file is written. The last four are not read (`sources.unread`)."""

STORED_ONLY: Final = frozenset(
    {"source", "received_time", "qr_code_id", "user_id", "is_duplicate", "is_fraud", "country_code", "device_type"}
)
"""Columns that the platform adds: a row that has one of them was stored, not sent."""
RECEIVED: Final = "received_time"
OF_BROWSER: Final = "timestamp"
"""A field of a browser's payload that no stored row has."""
REQUIRED: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    "scans": (frozenset({"scan_session_id", "scanned_at"}),),
    "fx": (frozenset({"date", "currency", "rate"}),),
    "spend": (frozenset({"campaign", "date", "amount"}), frozenset({"qr_code_id", "date", "amount"})),
    "qr_codes": (
        frozenset({"qr_code_id", "name"}),
        frozenset({"qr_code_id", "campaign"}),
        frozenset({"qr_code_id", "placement"}),
    ),
}
"""Kind -> sets of columns, any of which identifies it. Events are recognised by how many of their columns are there."""
ENOUGH_EVENT_COLUMNS: Final = 3
OF_A_LIST: Final = (b"},", b"[")
"""Ends of lines that are elements of a list, or begin one."""
ZIP_MAGIC: Final = b"PK\x03\x04"
FEW_ZEROS: Final = 1000
"""In this many bytes of text, one zero byte is a fault in a value; with more of them it is no text."""


@dataclass(frozen=True)
class SourceFile:
    """One input file and how it is read. `name` is its path below the raw folder, with forward slashes."""

    path: Path
    name: str
    format: Format
    kind: str
    """`events`, `scans`, `qr_codes`, `spend`, `fx`, or empty where the file is none of them."""
    shape: str = ""
    """`stored` or `raw` for events."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    stamp: Stamp = None
    """The file's stamp before it was looked at."""


def detect(
    path: Path, folder: Path, kinds: Mapping[str, str] | None = None, aliases: Mapping[str, str] | None = None
) -> SourceFile:
    """Tell what a file is.

    Args:
        path: The file.
        folder: The raw folder, for the file's name.
        kinds: Name pattern -> kind, from the settings; it wins over the content.
        aliases: Input column -> canonical column, from the settings.
    """
    from attribution.sources.blocks import is_whole

    stamp = stamp_of(path)
    name = name_below(path, folder)
    file_format, columns = _look(path)
    forced = next((kind for pattern, kind in (kinds or {}).items() if fnmatch(name, pattern)), "")
    kind = forced.partition("_")[0] if forced.startswith("events_") else forced or kind_of(columns, aliases)
    shape = forced.partition("_")[2] if forced.startswith("events_") else shape_of(columns, aliases)
    if not kind and not is_whole(path):
        file_format = DAMAGED
    return SourceFile(path, name, file_format, kind, shape if kind == "events" else "", dict(aliases or {}), stamp)


def kind_of(columns: list[str], aliases: Mapping[str, str] | None = None) -> str:
    """The kind of table that columns of these names make; empty where they make none."""
    events = set(canonical_names(columns, "events", aliases))
    is_named, has_id = bool(events & {"event_type", "event_name"}), "event_id" in events
    if (is_named and has_id) or ((is_named or has_id) and not {"scanned_at", "rate"} & {*columns}):
        return "events" if len(events) >= ENOUGH_EVENT_COLUMNS else ""
    for kind, options in REQUIRED.items():
        found = set(canonical_names(columns, kind, aliases))
        if any(option <= found for option in options):
            return kind
    return "events" if len(events) > ENOUGH_EVENT_COLUMNS and "site_id" in events else ""


def event_columns(file: SourceFile) -> list[str]:
    """The file's columns that an event has, by their canonical names. (Others may be a person's data rather than names.)"""
    return list(canonical_names(_look(file.path)[1], "events", file.aliases))


def shape_of(columns: list[str], aliases: Mapping[str, str] | None = None) -> str:
    """`stored` where a column is one that only the platform adds, else `raw`.

    A customer's own log may say when it received a payload. A payload's nested objects, or a browser's time, distinguish that
    from a stored row, of which the platform would have said more than its receipt.
    """
    found = set(canonical_names(columns, "events", aliases)) & STORED_ONLY
    is_payload = OF_BROWSER in columns or any(name.partition(".")[0] in NESTED for name in columns if "." in name)
    return terms.RAW if not found or (found == {RECEIVED} and is_payload) else terms.STORED


def _look(path: Path) -> tuple[Format, list[str]]:
    """The format and the columns, by the first line or element that can be read."""
    from attribution.sources import delimited
    from attribution.sources.blocks import read_head

    head = read_head(path)
    if head.startswith(b"PAR1"):
        return _look_at_parquet(path)
    text = head.removeprefix(BOM).lstrip()
    if text.startswith(b"[") and (columns := _array_columns(text)):
        return "json_array", columns
    if (columns := _line_columns(text)) or text.startswith(b"{"):
        return "ndjson", columns
    if text.startswith(b"["):
        return "json_array", []
    if (is_zip := head.startswith(ZIP_MAGIC)) or head.count(b"\0") > max(1, len(head) // FEW_ZEROS):
        return ZIPPED if is_zip else UNKNOWN, []
    return "delimited", list(delimited.Header.of(head).names)


def _array_columns(text: bytes) -> list[str]:
    """The columns of an array's first elements: of those within `HEAD` bytes or, where these have none, of all that is read."""
    from attribution.sources.blocks import HEAD
    from attribution.sources.json_array import head_records

    columns = _json_columns(head_records(text[:HEAD]))
    return columns or (_json_columns(head_records(text)) if len(text) > HEAD else [])


def _line_columns(text: bytes) -> list[str]:
    """The columns of the lines that are objects, where one of the first two is: the first may be cut off, or begin with the
    zeros that are left where a log was emptied while it was written. Where most lines begin as objects, any of them will do,
    unless they are elements of a list.
    """
    from attribution.sources.json_layout import as_object

    lines = [line for line in text.splitlines() if line.strip()]
    begun = [line for line in lines if line.lstrip().startswith(b"{")]
    is_list = any(line.rstrip().endswith(OF_A_LIST) for line in begun)
    looked_at = lines if len(begun) > len(lines) // 2 and not is_list else lines[:2]
    if any(b"\0" in line.lstrip(b"\0") for line in lines[:2]) or not any(as_object(line) for line in looked_at):
        return []
    return _json_columns([as_object(line) or {} for line in begun])


def _look_at_parquet(path: Path) -> tuple[Format, list[str]]:
    """The format and the columns; damaged where the file, or what is in the archive, does not end as Parquet does."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from attribution.sources.archives import BrokenArchiveError
    from attribution.sources.parquet import column_names
    from attribution.sources.unpacked import TooLargeError, as_source, held

    try:
        return "parquet", column_names(pq.read_schema(as_source(held(path))))
    except TooLargeError:
        return PACKED, []
    except (pa.ArrowException, OSError, BrokenArchiveError):
        return DAMAGED, []


def _json_columns(records: list[dict[str, object]]) -> list[str]:
    names: dict[str, None] = {}
    for record in records:
        for name, value in record.items():
            if name in NESTED and isinstance(value, dict):
                names |= dict.fromkeys(f"{name}.{inner}" for inner in value)
            else:
                names[name] = None
    return list(names)
