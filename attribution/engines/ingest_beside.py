"""What ingest writes beside the events: the other inputs, rejects, findings, sources."""

from pathlib import Path

import polars as pl

from attribution.consent import strips_by_scan_session
from attribution.engines.input_files import Source, event_sources, row_of
from attribution.engines.judging import Account
from attribution.engines.store import Store
from attribution.errors import InputError
from attribution.fx import ecb_rates
from attribution.personal_data import FOUND
from attribution.row_ids import expr_source_id
from attribution.schemas.consent_strips import ConsentStrips
from attribution.schemas.fx import Fx
from attribution.schemas.rejects import Rejects
from attribution.schemas.sources import Sources
from attribution.settings import Settings


def write_beside_events(
    raw: Path,
    sources: list[Source],
    store: Store,
    settings: Settings,
    account: Account,
    side: dict[str, pl.LazyFrame],
) -> None:
    """Write everything else that `flow.INGESTED` lists, when the events are written.

    Args:
        raw, sources, store, settings: Of the run.
        account: What has come up beside the events so far.
        side: As `side_files.read_side_inputs`.

    Raises:
        InputError: No event record could be read.
    """
    events = event_sources(raw, sources)
    if not sum(source.read - source.malformed for source in events):
        names = ", ".join(source.file.name for source in events[:5])
        message = f"{raw}: no event record could be read from {len(events)} file(s) ({names}). Are they cut off?"
        raise InputError(message)
    listed = pl.LazyFrame([row_of(source) for source in sources], schema=Sources.dtypes(), orient="row")
    store.write_table("sources", listed)
    rejects = pl.concat([Rejects.no_rows(), *account.rejects]).sort("source_file", "row_number", "reason", "column")
    store.write_table("rejects", Rejects.shaped(rejects.lazy()))
    store.write_table("ingest_findings", _all_findings(account).lazy())
    store.write_table("consent_strips", _all_strips(account))
    for kind, table in side.items():
        store.write_table(kind, table)
    if not any(source.file.kind == "fx" for source in sources):
        store.write_table("fx", _library_rates(store, settings).lazy())


def _all_findings(account: Account) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=FOUND), *account.findings]).sort(
        "row_id", "rule", "field_path", "fingerprint"
    )


def _all_strips(account: Account) -> pl.LazyFrame:
    listed = pl.concat([ConsentStrips.no_rows(), *account.strips]).lazy()
    grain = ["source_id", "is_own", "consent", "field"]
    summed = listed.group_by(grain).agg(pl.col("rows").sum()).filter(pl.col("rows") > 0)
    return ConsentStrips.shaped(summed.sort(grain))


def strips_of_sessions(events: pl.LazyFrame, withheld: pl.LazyFrame) -> pl.DataFrame:
    """As `schemas.consent_strips`: what the consent of scan sessions takes from rows that could keep it under their own."""
    counted = strips_by_scan_session(events.with_columns(expr_source_id()), withheld, "source_id")
    return counted.with_columns(is_own=pl.lit(value=False)).select(ConsentStrips.columns()).collect(engine="streaming")


def _library_rates(store: Store, settings: Settings) -> pl.DataFrame:
    """The European Central Bank's rates for the currencies and days of the input, and one more day for time zones."""
    priced = store.scan("events").filter(pl.col("amount").is_not_null(), pl.col("currency").is_not_null())
    spend = store.scan("spend").select("currency", day="date")
    fixed = store.scan("qr_codes").filter(pl.col("cost").is_not_null()).select("currency", day=pl.lit(None, pl.Date))
    needed = pl.concat([priced.select("currency", day=pl.col("occurred_at").dt.date()), spend, fixed])
    spans = needed.filter(pl.col("currency").is_not_null()).select(
        pl.col("currency").unique().implode(), first=pl.col("day").min(), last=pl.col("day").max() + pl.duration(days=1)
    )
    currencies, first, last = spans.collect(engine="streaming").row(0)
    return ecb_rates(currencies, settings.report.currency, first, last) if currencies else Fx.no_rows()
