"""Lines of text files: stored rows as CSV or JSON, raw request bodies as JSON; a malformed row is a line cut off."""

from hashlib import sha256

import polars as pl

from attribution.simulate import catalog
from attribution.simulate.defects import CUT
from attribution.simulate.events import SERVER_ROW
from attribution.simulate.shapes import ISO, STORED_COLUMNS, STORED_NUMBERS, Words, expr_number


def raw_lines(words: Words, rows: pl.DataFrame) -> pl.Series:
    """The rows, all of one source, as request bodies: one JSON object each."""
    fields = words.fields(rows, ISO)
    if rows["source"][0] != SERVER_ROW:
        return fields.select(cut(browser_body())).to_series()
    hashes = pl.Series([hashed(person) for person in fields["person"].to_list()], dtype=pl.String)
    return fields.with_columns(email_hash=hashes).select(cut(server_body())).to_series()


def hashed(person: int) -> str:
    """The SHA-256 of a person's e-mail address, which itself is never written."""
    return sha256(f"person{person}@example.net".encode()).hexdigest()


def cut(line: pl.Expr) -> pl.Expr:
    """The line, cut after 60 to 139 characters where the row is malformed."""
    return (
        pl.when(pl.col("broken") == CUT).then(line.str.head(60 + pl.col("event_lo") % 80)).otherwise(line).alias("line")
    )


def pair(key: str, value: str | pl.Expr) -> pl.Expr:
    """`"key": "value", `, or nothing where the value is null."""
    text = pl.col(value) if isinstance(value, str) else value
    return pl.concat_str(pl.lit(f'"{key}": "'), text, pl.lit('", ')).fill_null("")


def browser_body() -> pl.Expr:
    """The body of `POST /ct`. One in ten says `event_time`, the others the SDK's `timestamp`."""
    devices = [
        f'"device": {{"user_agent": "{d.user_agent}", "screen_width": {d.width}, "screen_height": {d.height}, '
        '"language": "'
        for d in catalog.DEVICES
    ]
    language = pl.lit(pl.Series(catalog.LANGUAGES)).gather(pl.col("visitor_lo") // 7 % len(catalog.LANGUAGES))
    explicit = pl.col("event_lo") % 10 == 0
    return pl.concat_str(
        pl.lit("{"), pair("event_id", "event_id"), pair("site_id", "site_id"), pair("event_type", "raw_name"),
        pair("scan_session_id", "scan_session_id"), pair("web_session_id", "web_session_id"),
        pair("visitor_id", "visitor_id"),
        pair("page_url", "full_url"), pair("referrer", "came_from"),
        pl.when(explicit).then(pair("event_time", "event_time")).otherwise(pair("timestamp", "event_time")),
        pl.lit(pl.Series(devices)).gather(pl.col("device")), language,
        pl.lit('"}, "metadata": '), "properties", pl.lit("}"),
    )  # fmt: skip


def server_body() -> pl.Expr:
    """The body of `POST /server-events`."""
    value = pl.concat_str(
        pl.lit('"conversion_value": {"amount": '),
        "conversion_value",
        pl.lit(', "currency": "'),
        "conversion_currency",
        pl.lit('"}, '),
    ).fill_null("")
    who = pl.concat_str(
        pl.lit('"user_identifiers": {"email_hash": "'),
        "email_hash",
        pl.lit('", "external_id": "usr_'),
        expr_number("person"),
        pl.lit('"}, '),
    )
    return pl.concat_str(
        pl.lit("{"), pair("event_id", "event_id"), pair("site_id", "site_id"), pair("event_name", "raw_name"),
        pair("scan_session_id", "scan_session_id"), pair("web_session_id", "web_session_id"),
        pair("visitor_id", "visitor_id"),
        pair("event_time", "event_time"), value, who, pair("consent", "consent_word"),
        pl.lit('"properties": '), "properties", pl.lit("}"),
    )  # fmt: skip


def csv_lines(stored: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    r"""Stored rows as CSV lines with a warehouse's habits: `\N` for null; only metadata is quoted."""
    quoted = pl.concat_str(pl.lit('"'), pl.col("metadata").str.replace_all('"', '""', literal=True), pl.lit('"'))
    fields = [quoted if name == "metadata" else pl.col(name).cast(pl.String) for name in STORED_COLUMNS]
    line = pl.concat_str([field.fill_null("\\N") for field in fields], separator=",")
    return stored.with_columns(rows["broken"], rows["event_lo"]).select(cut(line)).to_series()


def json_lines(stored: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Stored rows as JSON objects: metadata as escaped text, numbers bare, null as null."""
    escaped = pl.col("metadata").str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    pieces: list[pl.Expr] = []
    for k, name in enumerate(STORED_COLUMNS):
        text = escaped if name == "metadata" else pl.col(name).cast(pl.String)
        value = text if name in STORED_NUMBERS else pl.concat_str(pl.lit('"'), text, pl.lit('"'))
        pieces += [pl.lit(f'{", " if k else "{"}"{name}": '), value.fill_null("null")]
    line = pl.concat_str(*pieces, pl.lit("}"))
    return stored.with_columns(rows["broken"], rows["event_lo"]).select(cut(line)).to_series()
