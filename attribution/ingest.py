"""Ingest: raw rows -> `events`, `rejects`, `ingest_findings`, `consent_strips`.

Reads:  the rows of one file under canonical raw names (`attribution.sources`).
Writes: `events` (one row per accepted row), the failing rows (explained by `attribution.schemas.raw_event` and
        written to `rejects`), `ingest_findings` (one row per row and rule, or per piece of personal data, worth a look)
        and `consent_strips` (how many rows had what their consent strips).
Rule:   bring every shape to one canonical row, refuse what breaks a rule of `attribution.rules`, mark test traffic
        and fraud, look for personal data in the wrong place and redact it, and strip what consent forbids.
May be split by any rows: each row is judged alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import polars as pl

from attribution import devices, parse, personal_data, terms
from attribution.consent import STRIPPED, is_leak, is_withheld, strips
from attribution.event_rows import form_events
from attribution.json_text import expr_free_object
from attribution.personal_data import FOUND
from attribution.privacy import DEFAULT, Options
from attribution.respelled import read_as_meant
from attribution.row_ids import expr_row_id
from attribution.rules import RULES, rejecting_rules
from attribution.rules.identity import IS_UUID
from attribution.sources.aliases import EVENT_COLUMNS as RAW_COLUMNS
from attribution.sources.aliases import JSON_COLUMNS, OF_IDENTIFIERS

IDS: Final = ("event_id", "scan_session_id", "web_session_id", "visitor_id")
FLAGS: Final = ("is_duplicate", "is_fraud")
CONSENT_LEAK: Final = "consent_leak"


@dataclass(frozen=True)
class Ingested:
    """The results of one batch; every input row is in exactly one of `events` and `failing`."""

    events: pl.DataFrame
    failing: pl.DataFrame
    findings: pl.DataFrame
    strips: pl.DataFrame


def ingest(
    rows: pl.DataFrame,
    *,
    shape: str,
    source_id: int,
    exclude: Collection[str] = terms.EXCLUSIONS,
    options: Options = DEFAULT,
    by_session: bool = False,
) -> Ingested:
    """Judge a batch of rows.

    Args:
        rows: `row_number` and any of the canonical raw columns, as text or typed.
        shape: `stored` or `raw`: what has been done to the rows already.
        source_id: Identifies the file; unique in a run, below 2^27.
        exclude: Which of `terms.EXCLUSIONS` leave analytics; the others are kept and counted in.
        options: How personal data is looked for.
        by_session: Whether any row may yet lose what consent strips, because another of its scan session withholds consent.

    Returns:
        `events` as `schemas.events`; `failing` with the prepared columns that the rules look at; `findings` as
        `personal_data.FOUND`, in no order; `strips` with `consent, field, rows`: how many accepted rows without consent
        came with the field filled. Neither of these holds the value of a field.
    """
    prepared = prepare(rows, source_id)
    broken = [rule.broken().fill_null(value=False) for rule in rejecting_rules(shape)]
    is_failing = prepared.select(is_failing=pl.any_horizontal(broken)).to_series()
    respelled = pl.DataFrame(schema=FOUND)
    if shape == terms.STORED and is_failing.any():
        prepared, is_failing, respelled = read_as_meant(prepared, is_failing, broken)
    good = prepared.filter(~is_failing) if is_failing.any() else prepared
    accepted, hits = personal_data.redacted(good, options)
    withheld = accepted.filter(is_withheld() | by_session)["row_id"]
    return Ingested(
        events=form_events(accepted, exclude, by_session=by_session),
        failing=prepared.filter(is_failing),
        findings=pl.concat([_noted(accepted, shape), respelled, hits.with_columns(_path(withheld))]),
        strips=strips(accepted.lazy()).collect(),
    )


def _path(withheld: pl.Series) -> pl.Expr:
    """Where something was found: without consent only the column, since the keys inside it are what consent strips."""
    is_silent = pl.col("row_id").is_in(withheld.implode())
    return pl.when(is_silent).then(personal_data.expr_top()).otherwise("field_path").alias("field_path")


def prepare(rows: pl.DataFrame, source_id: int) -> pl.DataFrame:
    """Every canonical raw column, typed, with `row_id`, `occurred_at`, `time_source`, and whether each id is a UUID.

    Where a value could not be read the typed column is null, and `amount_text` and `event_time_given` remember that
    there was something; `consent_given` remembers whether `consent` was sent or filled in.
    """
    found = rows.schema
    types = {name: found.get(name, pl.Null()) for name in RAW_COLUMNS}
    given = {name: pl.col(name) if name in found else pl.lit(None) for name in RAW_COLUMNS}
    if types["amount"] == pl.String:
        given |= _money(given["amount"], parse.expr_text(given["currency"], types["currency"]))
        types["currency"] = pl.String()
    texts = [
        name
        for name in RAW_COLUMNS
        if name not in (*terms.TIME_SOURCES, *FLAGS, "amount", "screen_width", "screen_height")
    ]
    typed = rows.lazy().select(
        expr_row_id(source_id),
        *(_text(name, given[name], types[name]).alias(name) for name in texts),
        *(parse.expr_time(given[name], types[name]).alias(name) for name in terms.TIME_SOURCES),
        *(parse.expr_flag(given[name], types[name]).alias(name) for name in FLAGS),
        *(parse.expr_integer(given[name], types[name]).alias(name) for name in ("screen_width", "screen_height")),
        amount=parse.expr_amount(given["amount"], types["amount"]),
        amount_text=parse.expr_text(given["amount"], types["amount"]),
        event_time_given=_is_given(given["event_time"], types["event_time"]),
    )
    if "user_identifiers" in found:
        typed = typed.with_columns(_from_text(name, field) for name, field in OF_IDENTIFIERS.items())
    # Polars leaves a column in as many pieces as it has threads: every later step would have to join them again.
    told = typed.with_columns(_meanings()).collect().rechunk()
    ids = {name: parse.read_ids(told[name]) for name in IDS}
    marks = [is_uuid.alias(f"{name}{IS_UUID}") for name, (_, is_uuid) in ids.items()]
    return told.with_columns(*(texts for texts, _ in ids.values()), *marks)


def _text(name: str, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    text = parse.expr_text(column, dtype)
    if name == "qr_code_id":
        return parse.expr_qr_code(text)
    if name in JSON_COLUMNS:
        return expr_free_object(text)
    return devices.expr_word(text) if name in devices.WORDS else text


def _money(amount: pl.Expr, currency: pl.Expr) -> dict[str, pl.Expr]:
    """Amount and currency, also where the amount is the JSON text of a payload's object that holds both."""
    text = pl.when(amount.str.contains(r"^\s*\{")).then(amount)
    sent, of = (text.str.json_path_match(f"$.{name}") for name in ("amount", "currency"))
    is_money = sent.is_not_null() | of.is_not_null()
    return {"amount": pl.when(is_money).then(sent).otherwise(amount), "currency": pl.coalesce(currency, of)}


def _from_text(column: str, field: str) -> pl.Expr:
    """The identifier, also where the identifiers come as JSON text."""
    text = pl.col("user_identifiers")
    return pl.coalesce(column, pl.when(text.str.starts_with("{")).then(text).str.json_path_match(f"$.{field}"))


def _is_given(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    text = parse.expr_text(column, dtype) if dtype == pl.String else column
    return text.is_not_null()


def _meanings() -> list[pl.Expr]:
    """What a row may leave unsaid, filled in: its source, consent and time."""
    by_name = pl.when(pl.col("event_name").is_null()).then(pl.lit(terms.BROWSER)).otherwise(pl.lit(terms.SERVER))
    sent = [pl.col(name).is_not_null() for name in terms.TIME_SOURCES]
    return [
        pl.col("source").str.to_lowercase().fill_null(by_name),
        pl.col("consent").fill_null(terms.UNSPECIFIED),
        pl.col("consent").is_not_null().alias("consent_given"),
        pl.coalesce(terms.TIME_SOURCES).alias("occurred_at"),
        pl.when(sent[0])
        .then(pl.lit(terms.TIME_SOURCES[0]))
        .when(sent[1])
        .then(pl.lit(terms.TIME_SOURCES[1]))
        .when(sent[2])
        .then(pl.lit(terms.TIME_SOURCES[2]))
        .alias("time_source"),
    ]


def _noted(rows: pl.DataFrame, shape: str) -> pl.DataFrame:
    """The rules that accepted rows break without being refused, as `personal_data.FOUND`: a row per row and rule."""
    noting = [rule for rule in RULES.values() if rule.outcome(shape) != "reject"]
    notes = [(rule.name, rule.outcome(shape), rule.column, rule.broken(), rule.among) for rule in noting]
    if shape == terms.STORED:
        notes += [(CONSENT_LEAK, terms.ERROR, name, is_leak(name), None) for name in STRIPPED]
    at_once = rows.select(broken.alias(str(place)) for place, (*_, broken, among) in enumerate(notes) if among is None)
    found = []
    for place, (name, severity, column, broken, among) in enumerate(notes):
        mark = at_once[str(place)] if among is None else _among(rows, among(), broken)
        if mark.any():
            words = {"rule": name, "severity": severity, "field_path": column, "confidence": terms.HIGH}
            said = {word: pl.lit(text, pl.String) for word, text in words.items()}
            hit = rows.select("row_id", "event_id").filter(mark)
            found.append(hit.with_columns(**said, fingerprint=pl.lit(None, pl.String)))
    return pl.concat([pl.DataFrame(schema=FOUND), *found])


def _among(rows: pl.DataFrame, among: pl.Expr, broken: pl.Expr) -> pl.Series:
    """Where the rule is broken; only rows for which `among` is true are looked at closely."""
    places = rows.select(among.arg_true()).to_series()
    close = rows.select(set(broken.meta.root_names()))[places].select(broken.fill_null(value=False)).to_series()
    return pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True).scatter(
        places.filter(close), values=True
    )
