"""Makes a world: chunk after chunk of people, their rows, the defects, and the files, with the truth kept beside them."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import get_args

import polars as pl

from attribution.simulate import beside
from attribution.simulate.defects import spoil
from attribution.simulate.events import browser_rows, conversion_counts, draw_conversions, follow_ups, server_rows
from attribution.simulate.exports import Exports, Waiting
from attribution.simulate.heavy import heavy_rows
from attribution.simulate.people import Chunk, Codes, Scans, chunks, draw_scans, visitors_needed, web_counts
from attribution.simulate.planted import count_conversions, count_defects, count_sessions, truth_of
from attribution.simulate.truth import Tally, Truth
from attribution.simulate.world import RAW_FORMATS, Compress, Format, World
from attribution.simulate.write import prepare
from attribution.terms import RAW, Shape


def simulate(
    out: Path,
    world: World,
    *,
    shape: Shape = "stored",
    format: Format = "parquet",  # noqa: A002 - the word that users of the function know
    compress: Compress = "none",
    progress: Callable[[int, int], None] | None = None,
) -> Truth:
    """Writes a folder of exports, and the truth planted in them.

    Args:
        out: a folder that is new, empty, or holds an earlier world, which is replaced.
        world: what to simulate.
        shape: `stored` rows of the platform, or `raw` request bodies.
        format: of the event files; `raw` is `ndjson` or `json` only.
        compress: of the event files; for Parquet the codec within the file.
        progress: called after each chunk with the event rows written so far and about how many there will be.

    Returns:
        The truth, as also written to `truth.json`, which is written last.

    Raises:
        ValueError: shape, format or compression is not one of those allowed.
        FileExistsError: `out` holds files but no earlier world.
    """
    _check(shape, format, compress)
    out = Path(out)
    prepare(out)
    world = replace(world, defects=world.defects.for_output(shape, format))
    tally, codes, waiting = Tally(), Codes.of(world), Waiting()
    exports = Exports(out, world, shape, format, compress, tally)
    scan_file = beside.ScanFile(out, world)
    plan = chunks(world)
    expected = world.events + world.heavy_visitor_events
    try:
        for chunk, following in zip(plan, [*plan[1:], None], strict=True):
            rows, scans = _chunk_rows(world, chunk, codes, shape, tally)
            scan_file.append(scans)
            waiting.add(rows)
            for due in waiting.due(None if following is None else following.begin):
                exports.append(due)
            if progress is not None:
                progress(exports.rows, max(expected, exports.rows))
    finally:
        exports.close()
        scan_file.close()
    beside.write_qr_codes(out, world)
    beside.write_spend(out, world, codes)
    beside.write_rates(out, world)
    truth = truth_of(
        tally,
        world,
        asdict(world)
        | {"start": world.start.isoformat(), "currencies": list(world.currencies), "shape": shape, "format": format},
    )
    truth.write(out)
    return truth


def _check(shape: str, file_format: str, compress: str) -> None:
    for name, value, allowed in (
        ("shape", shape, Shape),
        ("format", file_format, Format),
        ("compress", compress, Compress),
    ):
        if value not in get_args(allowed):
            message = f"{name} must be one of {', '.join(get_args(allowed))}"
            raise ValueError(message)
    if shape == RAW and file_format not in RAW_FORMATS:
        message = f"raw request bodies are written as {' or '.join(RAW_FORMATS)} only, not as {file_format}"
        raise ValueError(message)


def _chunk_rows(world: World, chunk: Chunk, codes: Codes, shape: Shape, tally: Tally) -> tuple[pl.DataFrame, Scans]:
    """All rows of a chunk with their defects, and its scan sessions; what is planted is counted."""
    dials = world.defects
    scans = draw_scans(world, chunk, codes, dials, visitors_needed(world, dials, chunk.events))
    count, sizes = web_counts(chunk, scans)
    converted = conversion_counts(world, chunk, codes, scans)
    total = ((count > 0) * sizes[:, 0] + (count > 1) * sizes[:, 1] + converted).cumsum()
    n = int(total.searchsorted(chunk.events, side="right"))
    scans, count, sizes, converted = scans.head(n), count[:n], sizes[:n], converted[:n]
    browser, web, last = browser_rows(chunk, codes, scans, count, sizes)
    sold = draw_conversions(world, chunk, codes, scans, converted, web, last, dials)
    again, back = follow_ups(chunk, scans, sold, dials)
    sent = sold.plus(again).plus(back)
    frames = [browser, heavy_rows(world, chunk, codes), server_rows(chunk, codes, scans, sent)]
    rows, planted = spoil(chunk, pl.concat(frames), dials, shape)
    tally.planted.update(planted)
    count_defects(tally, scans, sold, again, back)
    count_conversions(tally, world, scans, sent)
    count_sessions(tally, world, scans, count, sent, is_first=chunk.index == 0)
    return rows, scans
