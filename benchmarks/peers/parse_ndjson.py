"""What it costs to parse NDJSON and do nothing else: `parse_ndjson.py PARSER RAW`, by an interpreter that has the parser.

PARSER is one of `PARSERS`. The files are first read once, untimed, so that every parser finds them in memory. Prints seconds
(loading the parser not counted), lines and the parser's version as JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TEXTS = (
    *(
        "event_id",
        "site_id",
        "source",
        "event_type",
        "event_name",
        "event_time",
        "received_time",
        "timestamp",
        "consent",
    ),
    *("scan_session_id", "web_session_id", "visitor_id", "qr_code_id", "user_id", "page_url", "page_title", "referrer"),
    "element_text",
)
NESTED = {
    "device": ("user_agent", "screen_width", "screen_height", "language"),
    "conversion_value": ("amount", "currency"),
    "user_identifiers": ("email_hash", "phone_hash", "external_id"),
}
Parse = Callable[[list[Path]], int]


def by_orjson() -> tuple[str, Parse]:
    """Every line into a dict, line by line; lines that are not JSON are passed over."""
    import orjson

    def parse(paths: list[Path]) -> int:
        return sum(map(read, paths))

    def read(path: Path) -> int:
        return len(lines_of(path.read_bytes(), orjson.loads, orjson.JSONDecodeError))

    return orjson.__version__, parse


def by_msgspec() -> tuple[str, Parse]:
    """Every line into a dict, line by line."""
    import msgspec

    decode = msgspec.json.Decoder().decode

    def parse(paths: list[Path]) -> int:
        return sum(len(lines_of(path.read_bytes(), decode, msgspec.DecodeError)) for path in paths)

    return msgspec.__version__, parse


def by_msgspec_typed() -> tuple[str, Parse]:
    """Every line into a struct of the fields that are read, line by line; free objects are not built, only looked through."""
    import msgspec

    number = int | float | str | None
    kinds = {"screen_width": number, "screen_height": number, "amount": number}
    nested = {
        name: msgspec.defstruct(name, [(field, kinds.get(field, str | None), None) for field in fields]) | None
        for name, fields in NESTED.items()
    }
    free = dict.fromkeys(("metadata", "properties"), msgspec.Raw | None)
    fields = {**dict.fromkeys(TEXTS, str | None), **nested, **free}
    event = msgspec.defstruct("Event", [(name, kind, None) for name, kind in fields.items()], gc=False)
    decode = msgspec.json.Decoder(event).decode

    def parse(paths: list[Path]) -> int:
        return sum(len(lines_of(path.read_bytes(), decode, msgspec.DecodeError)) for path in paths)

    return msgspec.__version__, parse


def lines_of(content: bytes, decode: Callable[[bytes], Any], error: type[Exception]) -> list[Any]:
    """The records of a file; None for a line that cannot be read."""
    records = []
    for line in content.splitlines():
        try:
            records.append(decode(line))
        except error:
            records.append(None)
    return records


def by_polars() -> tuple[str, Parse]:
    """Whole files into typed columns of text, on all cores; free objects left out, lines that are no object passed over."""
    import polars as pl

    nested = {name: pl.Struct(dict.fromkeys(fields, pl.String)) for name, fields in NESTED.items()}
    event = pl.Struct({**dict.fromkeys(TEXTS, pl.String), **nested})
    line = pl.col("line")

    def parse(paths: list[Path]) -> int:
        lines = pl.concat([pl.scan_lines(path) for path in paths])
        whole = lines.filter(line.str.starts_with("{") & line.str.ends_with("}"))
        read = whole.select(line.str.json_decode(event).alias("record")).unnest("record")
        return read.collect(engine="streaming").height

    return pl.__version__, parse


def by_duckdb() -> tuple[str, Parse]:
    """Whole files into typed columns, on all cores, free objects as JSON; into a table in memory."""
    import duckdb

    script = (Path(__file__).parent / "sent_raw.sql").read_text("utf-8")

    def parse(paths: list[Path]) -> int:
        run = duckdb.connect()
        run.execute("SET preserve_insertion_order = false")
        run.execute("SET VARIABLE raw = ?", [str(paths[0].parent)])
        source = script[script.index("FROM read_json") :].rstrip("; \n")
        run.execute(f"CREATE TABLE parsed AS {source}")
        counted = run.execute("SELECT count(*) FROM parsed").fetchone()
        return counted[0] if counted else 0

    return duckdb.__version__, parse


PARSERS: dict[str, Callable[[], tuple[str, Parse]]] = {
    "orjson": by_orjson,
    "msgspec": by_msgspec,
    "msgspec-typed": by_msgspec_typed,
    "polars": by_polars,
    "duckdb": by_duckdb,
}


def main() -> None:
    """Parse, and print how long it took."""
    name, raw = sys.argv[1], Path(sys.argv[2])
    paths = sorted(raw.glob("*.ndjson"))
    for path in paths:
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
    version, parse = PARSERS[name]()
    began = time.monotonic()
    lines = parse(paths)
    print(json.dumps({"seconds": time.monotonic() - began, "lines": lines, "version": version}))


if __name__ == "__main__":
    main()
