"""Ingest on one machine: files in, `events` and its companions out, a batch at a time in bounded memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

from attribution import terms
from attribution.consent import by_scan_session, is_withheld
from attribution.engines import progress
from attribution.engines.detection import detection
from attribution.engines.store import Store
from attribution.errors import InputError
from attribution.fx import ecb_rates
from attribution.ingest import ROW_BITS, ingest
from attribution.personal_data import FINDING
from attribution.privacy import Options
from attribution.schemas.consent_strips import ConsentStrips
from attribution.schemas.events import Events
from attribution.schemas.fx import Fx
from attribution.schemas.raw_event import explain
from attribution.schemas.rejects import Rejects
from attribution.schemas.sources import Sources
from attribution.settings import Settings
from attribution.side_inputs import SIDE_INPUTS, merged, read_rows, typed_schema
from attribution.sources import SourceFile, detect, list_files, read_batches, read_small
from attribution.sources.batch import BadRow, Task
from attribution.sources.files import content_hash
from attribution.terms import QUARANTINED

WITHHELD: Final = {"scan_session_id": pl.String, "consent": pl.String}
Each = Callable[[Callable[[Path], tuple[str, SourceFile]], list[Path]], Iterable[tuple[str, SourceFile]]]
SOURCE_BITS: Final = 27
WORKERS: Final = 2
"""Batches in work at once; each uses all cores in parts."""
EXPLAIN_ROWS: Final = 50_000
"""Failing rows that are kept before they are explained together."""


@dataclass
class Source:
    """A file and its account."""

    file: SourceFile
    source_id: int
    sha256: str
    read: int = 0
    malformed: int = 0
    quarantined: int = 0


@dataclass
class Account:
    """What accumulates beside the events: rejects, findings, failing rows still to be explained, what consent forbade
    and which scan sessions it was withheld in.
    """

    rejects: list[pl.DataFrame] = field(default_factory=list)
    findings: list[pl.DataFrame] = field(default_factory=list)
    failing: list[pl.DataFrame] = field(default_factory=list)
    strips: list[pl.DataFrame] = field(default_factory=list)
    withheld: list[pl.DataFrame] = field(default_factory=list)


@dataclass(frozen=True)
class Judged:
    """A batch's rows, each in exactly one of `events`, `failing` and `bad`."""

    events: pl.DataFrame
    failing: pl.DataFrame
    findings: pl.DataFrame
    strips: pl.DataFrame
    bad: tuple[BadRow, ...]


def ingest_files(raw: Path, store: Store, settings: Settings, report: progress.Report = progress.silent) -> None:
    """Read the raw folder and write what `flow.INGESTED` lists.

    Raises:
        InputError: The folder is missing, empty, or holds no event record that can be read.
    """
    sources = list_sources(raw, settings)
    events, account = event_sources(raw, sources), Account()
    rows = register_io_source(partial(_stream, events, settings, account, report), schema=pl.Schema(Events.dtypes()))
    with ThreadPoolExecutor(1) as pool:
        side = pool.submit(read_side_inputs, sources, account)
        _write_events(rows, store, settings, account)
    write_beside_events(raw, sources, store, settings, account, side.result())


def event_sources(raw: Path, sources: list[Source]) -> list[Source]:
    """The files that hold events.

    Raises:
        InputError: There is none; the message says what was seen.
    """
    events = [source for source in sources if source.file.kind == "events" and source.file.format != "unknown"]
    if not events:
        raise InputError(_nothing_found(raw, sources))
    return events


def write_beside_events(
    raw: Path,
    sources: list[Source],
    store: Store,
    settings: Settings,
    account: Account,
    side: Mapping[str, pl.LazyFrame],
) -> None:
    """Write everything else that `flow.INGESTED` lists, when the events are written.

    Args:
        raw, sources, store, settings: Of the run.
        account: What came up beside the events, so far.
        side: As `read_side_inputs`.

    Raises:
        InputError: No event record could be read.
    """
    events = event_sources(raw, sources)
    if not sum(source.read - source.malformed for source in events):
        names = ", ".join(source.file.name for source in events[:5])
        message = f"{raw}: no event record could be read from {len(events)} file(s) ({names}). Are they cut off?"
        raise InputError(message)
    listed = pl.LazyFrame([_row(source) for source in sources], schema=Sources.dtypes(), orient="row")
    store.write_table("sources", listed)
    rejects = pl.concat([Rejects.no_rows(), *account.rejects]).sort("source_file", "row_number", "reason", "column")
    store.write_table("rejects", Rejects.shaped(rejects.lazy()))
    store.write_table("ingest_findings", _all_findings(account).lazy())
    store.write_table("consent_strips", _all_strips(account))
    for kind, table in side.items():
        store.write_table(kind, table)
    if not any(source.file.kind == "fx" for source in sources):
        store.write_table("fx", _library_rates(store, settings).lazy())


def _write_events(rows: pl.LazyFrame, store: Store, settings: Settings, account: Account) -> None:
    """The accepted events, each under its own consent or, if so set, under the strictest of its scan session."""
    if settings.consent.scope == terms.EVENT:
        store.write_table("events", rows)
        return
    with store.passing("events", rows) as each_alone:
        withheld = pl.concat([*account.withheld, pl.DataFrame(schema=WITHHELD)]).lazy()
        store.write_table("events", by_scan_session(each_alone, withheld))


def _side_by_side(
    look: Callable[[Path], tuple[str, SourceFile]], paths: list[Path]
) -> Iterable[tuple[str, SourceFile]]:
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(look, paths))


def list_sources(raw: Path, settings: Settings, each: Each = _side_by_side) -> list[Source]:
    """The files of the folder with an id from their content, unique in this folder, in path order.

    Args:
        raw: The folder.
        settings: Those of the run.
        each: What looks at the files: here, or on many machines.
    """
    found = list(each(partial(_looked_at, raw=raw, settings=settings), list_files(raw)))
    taken: set[int] = set()
    ids: dict[str, int] = {}
    for sha256, file in sorted(found, key=lambda pair: (pair[0], pair[1].name)):
        number = int(sha256[:16], 16) >> (64 - SOURCE_BITS)
        while number in taken:
            number = (number + 1) % 2**SOURCE_BITS
        taken.add(number)
        ids[file.name] = number
    return [Source(file, ids[file.name], sha256) for sha256, file in found]


def _looked_at(path: Path, raw: Path, settings: Settings) -> tuple[str, SourceFile]:
    return content_hash(path), detect(path, raw, settings.ingest.kinds, settings.ingest.aliases)


def _nothing_found(raw: Path, sources: list[Source]) -> str:
    seen = ", ".join(f"{source.file.name} ({_told(source)})" for source in sources[:8])
    more = f" and {len(sources) - 8} more" if len(sources) > 8 else ""  # noqa: PLR2004
    return (
        f"{raw}: none of its {len(sources)} file(s) holds events: {seen}{more}. Expected NDJSON, JSON, CSV or Parquet "
        "with columns such as event_id, site_id, event_type or event_name, scan_session_id. Columns of other names "
        "can be mapped with ingest.aliases, files told with ingest.kinds in the settings."
    )


def _told(source: Source) -> str:
    return source.file.kind or ("not recognised" if source.file.path.stat().st_size else "empty")


def _stream(
    sources: list[Source],
    settings: Settings,
    account: Account,
    report: progress.Report,
    with_columns: list[str] | None,
    predicate: pl.Expr | None,  # noqa: ARG001
    n_rows: int | None,  # noqa: ARG001
    batch_size: int | None,  # noqa: ARG001
) -> Iterator[pl.DataFrame]:
    """The accepted events of all files, in order; the account grows on the way."""
    total = sum(source.file.path.stat().st_size for source in sources)
    done = 0
    for source in sources:
        for judged in _judged_in_order(source, settings):
            book(source, judged, account)
            report("ingest", done, total, f"{sum(counted.read for counted in sources):,} rows, {source.file.name}")
            yield judged.events.select(with_columns) if with_columns else judged.events
        explain_failing(source, account)
        done += source.file.path.stat().st_size
        report("ingest", done, total)


def _judged_in_order(source: Source, settings: Settings) -> Iterator[Judged]:
    """The file's batches, several in work at once, in file order."""
    waiting: deque[Future[Judged]] = deque()
    options = detection(settings)
    with ThreadPoolExecutor(WORKERS) as pool:
        for task in read_batches(source.file):
            waiting.append(pool.submit(judge, task, source, settings, options))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def judge(task: Task, source: Source, settings: Settings, options: Options) -> Judged:
    """Parse a batch of a file and judge its rows."""
    batch = task()
    result = ingest(
        batch.frame.lazy(),
        shape=source.file.shape,
        source_id=source.source_id,
        exclude=settings.ingest.exclude,
        options=options,
    )
    events, failing, findings, strips = pl.collect_all([result.events, result.failing, result.findings, result.strips])
    return Judged(events, failing, findings, strips, batch.bad)


def book(source: Source, judged: Judged, account: Account) -> None:
    """Enter a judged batch in the account of its file and of the run."""
    refused = sum(row.stage == QUARANTINED for row in judged.bad)
    source.read += judged.events.height + judged.failing.height + len(judged.bad)
    source.malformed += len(judged.bad) - refused
    source.quarantined += judged.failing.height + refused
    account.rejects.append(_bad_rows(source, judged.bad))
    account.strips.append(judged.strips.select(pl.lit(source.source_id, pl.UInt32).alias("source_id"), pl.all()))
    account.withheld.append(judged.events.filter(is_withheld()).select(WITHHELD.keys()).unique())
    if judged.findings.height:
        account.findings.append(judged.findings)
    if judged.failing.height:
        account.failing.append(judged.failing)
    if sum(frame.height for frame in account.failing) > EXPLAIN_ROWS:
        explain_failing(source, account)


def explain_failing(source: Source, account: Account) -> None:
    """Turn the failing rows of a file, so far kept, into rejects with their reasons."""
    if not account.failing:
        return
    reasons = explain(pl.concat(account.failing), source.file.shape)
    account.failing.clear()
    placed = reasons.with_columns(
        source_file=pl.lit(source.file.name), row_number=(pl.col("row_id") % 2**ROW_BITS).cast(pl.Int64)
    )
    account.rejects.append(placed.select(Rejects.columns()))


def _bad_rows(source: Source, bad: tuple[BadRow, ...] | list[BadRow]) -> pl.DataFrame:
    rows = [(source.file.name, row.row_number, row.stage, row.reason, row.column, None) for row in bad]
    return pl.DataFrame(rows, schema=Rejects.dtypes(), orient="row")


def read_side_inputs(sources: list[Source], account: Account) -> dict[str, pl.LazyFrame]:
    """The tables beside events; their bad rows go to the account."""
    frames: dict[str, list[pl.DataFrame]] = {kind: [pl.DataFrame(schema=typed_schema(kind))] for kind in SIDE_INPUTS}
    for source in sources:
        if source.file.kind not in SIDE_INPUTS:
            continue
        rows, lost = read_small(source.file)
        good, bad = read_rows(rows, source.file.kind)
        refused = bad.select("row_number").n_unique() if bad.height else 0
        source.read, source.malformed, source.quarantined = rows.height + len(lost), len(lost), refused
        frames[source.file.kind].append(good)
        broken = [BadRow(number, reason, QUARANTINED, column) for number, reason, column in bad.rows()]
        account.rejects.append(_bad_rows(source, [*lost, *broken]))
    return {kind: merged(pl.concat(parts).lazy(), kind) for kind, parts in frames.items()}


def _row(source: Source) -> tuple[object, ...]:
    file = source.file
    size = file.path.stat().st_size
    counts = (source.read, source.malformed, source.quarantined)
    return (source.source_id, file.name, source.sha256, size, file.format, file.kind, file.shape, *counts, 0)


def _all_findings(account: Account) -> pl.DataFrame:
    schema = {"row_id": pl.UInt64, "event_id": pl.String, **FINDING.to_schema()}
    return pl.concat([pl.DataFrame(schema=schema), *account.findings]).sort(
        "row_id", "rule", "field_path", "fingerprint"
    )


def _all_strips(account: Account) -> pl.LazyFrame:
    listed = pl.concat([ConsentStrips.no_rows(), *account.strips]).lazy()
    summed = listed.group_by("source_id", "consent", "field").agg(pl.col("rows").sum()).filter(pl.col("rows") > 0)
    return ConsentStrips.shaped(summed.sort("source_id", "consent", "field"))


def _library_rates(store: Store, settings: Settings) -> pl.DataFrame:
    """The European Central Bank's rates for the currencies and days that the input needs."""
    priced = store.scan("events").filter(pl.col("amount").is_not_null(), pl.col("currency").is_not_null())
    spend = store.scan("spend").select("currency", day="date")
    needed = pl.concat([priced.select("currency", day=pl.col("occurred_at").dt.date()), spend])
    spans = needed.drop_nulls().select(
        pl.col("currency").unique().implode(), first=pl.col("day").min(), last=pl.col("day").max()
    )
    currencies, first, last = spans.collect(engine="streaming").row(0)
    return ecb_rates(currencies, settings.report.currency, first, last) if currencies else Fx.no_rows()
